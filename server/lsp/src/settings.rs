//! The user's settings, from wherever a client sends them.

use std::sync::Arc;
use std::time::Duration;

use routewise_workspace::config::Config;
use serde_json::{Value, json};

use crate::index;
use crate::proto::ConfigurationItem;
use crate::session::{Session, lock};

/// The section under which clients keep the settings.
const SECTION: &str = "routewise";

/// How long the first opening of the workspace waits for the client's settings. A client that answers
/// later has the workspace opened once more.
const GRACE: Duration = Duration::from_millis(200);

/// The settings in what a client sent: nested under `routewise`, or as they are. `None` where it sent none;
/// an empty object says so only under our own name, because some clients send one to every server.
pub(crate) fn ours(sent: &Value) -> Option<Value> {
    match sent.get(SECTION) {
        Some(own) => own.is_object().then(|| own.clone()),
        None => sent.as_object().filter(|settings| !settings.is_empty()).map(|_| sent.clone()),
    }
}

/// Takes settings the client sent. Returns whether they differ from those before.
pub(crate) fn take(session: &Session, sent: &Value) -> bool {
    let Some(settings) = ours(sent) else { return false };
    let mut current = lock(&session.settings);
    let changed = *current != settings;
    *current = settings;
    changed
}

/// The settings as the workspace takes them, and what is wrong with each, by its key.
pub(crate) fn read(settings: &Value) -> (Config, Vec<String>) {
    let (config, _) = Config::from_settings(settings);
    let mut problems = Vec::new();
    for (key, value) in settings.as_object().into_iter().flatten() {
        let check = |name: String, settings: Value| {
            let (_, messages) = Config::from_settings(&settings);
            messages.into_iter().map(move |message| format!("Setting `{SECTION}.{name}`: {message}"))
        };
        match value.as_object().filter(|_| key == "rules") {
            Some(rules) => {
                for (rule, level) in rules {
                    problems.extend(check(format!("rules.{rule}"), json!({ "rules": { rule: level } })));
                }
            }
            None => problems.extend(check(key.clone(), json!({ key: value }))),
        }
    }
    (config, problems)
}

/// Asks the client for its settings. Returns what it answers; `None` where it cannot or does not.
pub(crate) async fn pull(session: &Session) -> Option<Value> {
    if !session.facts().configuration {
        return None;
    }
    let item = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
    match session.client.configuration(vec![item]).await {
        Ok(answer) => answer.into_iter().next(),
        Err(error) => {
            tracing::warn!("the client did not say its settings: {error}");
            None
        }
    }
}

/// Opens the workspace for the first time, with the client's settings where they come soon.
pub(crate) async fn start(session: Arc<Session>) {
    let task = Arc::clone(&session);
    let mut answer = tokio::spawn(async move { pull(&task).await });
    let soon = tokio::time::timeout(GRACE, &mut answer).await;
    if let Ok(Ok(Some(settings))) = &soon {
        take(&session, settings);
    }
    index::reopen(&session);
    if soon.is_err()
        && let Ok(Some(settings)) = answer.await
        && take(&session, &settings)
    {
        index::reopen(&session);
    }
}

/// Follows a change: the client's own answer counts where it gives one, else what it sent.
pub(crate) async fn follow(session: Arc<Session>, sent: Value) {
    let pulled = pull(&session).await.filter(Value::is_object);
    let settings =
        pulled.map_or(sent, |answer| json!({ SECTION: ours(&answer).unwrap_or_else(|| json!({})) }));
    if take(&session, &settings) {
        index::reopen(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_nested_and_flat_and_nothing_is_made_of_nothing() {
        let settings = json!({ "target": "vercel" });
        assert_eq!(ours(&json!({ "routewise": { "target": "vercel" } })), Some(settings.clone()));
        assert_eq!(ours(&settings), Some(settings));
        assert_eq!(ours(&json!({ "routewise": {} })), Some(json!({})));
        for nothing in [json!(null), json!({}), json!([]), json!({ "routewise": null }), json!("x")] {
            assert_eq!(ours(&nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_broken_setting_is_named_and_the_others_hold() {
        let (config, problems) = read(&json!({
            "target": 5, "rules": { "clients": "loud", "streams": "off" }, "trace": { "server": "off" },
        }));
        assert_eq!(config.rules.len(), 1);
        let keys: Vec<_> = problems.iter().filter_map(|problem| problem.split_once(": ")).collect();
        assert_eq!(
            keys.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["Setting `routewise.target`", "Setting `routewise.rules.clients`"]
        );
    }
}
