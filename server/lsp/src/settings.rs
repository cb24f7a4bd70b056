//! The user's settings, from wherever a client sends them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use routewise_analysis::path::FilePath;
use routewise_workspace::config::Config;
use routewise_workspace::file_path;
use serde_json::{Value, json};

use crate::proto::ConfigurationItem;
use crate::session::{Session, lock};
use crate::{index, uri};

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

/// Settings as the client gave them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given {
    /// Those that hold everywhere.
    general: Value,
    /// All that hold in single folders, where that is something else.
    folders: BTreeMap<PathBuf, Value>,
}

/// The key that switches remarks between the code on. It is about editors alone, not about a project.
const HINTS: &str = "inlayHints";

/// Settings without what only decides how things are shown.
fn of_project(settings: &Value) -> Value {
    let mut own = settings.as_object().cloned().unwrap_or_default();
    own.remove(HINTS);
    Value::Object(own)
}

fn hints(settings: &Value) -> bool {
    settings.get(HINTS).and_then(Value::as_bool).unwrap_or(false)
}

impl Given {
    /// Whether both say the same of the projects.
    fn agrees(&self, other: &Self) -> bool {
        let folders = |given: &Self| {
            given.folders.iter().map(|(folder, own)| (folder.clone(), of_project(own))).collect::<Vec<_>>()
        };
        of_project(&self.general) == of_project(&other.general) && folders(self) == folders(other)
    }

    /// Whether remarks between the code are wanted in a file.
    fn wants_hints(&self, path: &Path) -> bool {
        let own = self.folders.iter().filter(|(folder, _)| path.starts_with(folder));
        hints(own.max_by_key(|(folder, _)| folder.as_os_str().len()).map_or(&self.general, |(_, own)| own))
    }

    fn says_something(&self) -> bool {
        self.general.as_object().is_some_and(|settings| !settings.is_empty()) || !self.folders.is_empty()
    }
}

/// Takes settings the client sent. Returns whether they differ from those before.
pub(crate) fn take(session: &Session, sent: &Value) -> bool {
    let Some(settings) = ours(sent) else { return false };
    renew(session, Given { general: settings, folders: BTreeMap::new() })
}

/// Puts settings in place of those before. Returns whether they differ in what they say of the projects.
fn renew(session: &Session, settings: Given) -> bool {
    let mut current = lock(&session.settings);
    let said = current.says_something() || settings.says_something();
    let changed = !current.agrees(&settings) && said;
    let shown = *current != settings;
    *current = settings;
    drop(current);
    if shown && !changed && session.facts().refresh_hints {
        let client = session.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.inlay_hint_refresh().await {
                tracing::warn!("the client did not ask for its hints again: {error}");
            }
        });
    }
    changed
}

/// Whether remarks between the code are wanted in a file.
pub(crate) fn wants_hints(session: &Session, path: &FilePath) -> bool {
    lock(&session.settings).wants_hints(Path::new(path.as_str()))
}

/// The settings of the workspace and of its folders, and what is wrong with them.
pub(crate) fn read_all(given: &Given) -> (Config, Vec<(PathBuf, Config)>, Vec<String>) {
    let (general, mut problems) = read(&given.general);
    let mut folders = Vec::new();
    for (folder, settings) in &given.folders {
        let (config, broken) = read(settings);
        problems.extend(broken);
        folders.push((folder.clone(), config));
    }
    problems.dedup();
    (general, folders, problems)
}

/// The settings as the workspace takes them, and what is wrong with each, by its key.
fn read(settings: &Value) -> (Config, Vec<String>) {
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

/// Asks the client for its settings, in general and for each folder. `None` where it cannot answer or has
/// nothing to say.
async fn pull(session: &Session) -> Option<Given> {
    if !session.facts().configuration {
        return None;
    }
    let folders = lock(&session.roots).clone();
    let of = |scope_uri| ConfigurationItem { scope_uri, section: Some(SECTION.to_owned()) };
    let scopes = folders.iter().map(|folder| file_path(folder).as_ref().and_then(uri::of_file));
    let items = std::iter::once(None).chain(scopes).map(of).collect();
    let answer = match session.client.configuration(items).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!("the client did not say its settings: {error}");
            return None;
        }
    };
    // An answer that is no object says nothing: what was sent before holds.
    let mut answers = answer.iter();
    let general = answers.next().filter(|answer| answer.is_object()).map(own)?;
    let folders = folders
        .into_iter()
        .zip(answers.filter(|answer| answer.is_object()).map(own))
        .filter(|(_, settings)| *settings != general)
        .collect();
    Some(Given { general, folders })
}

/// The settings in an answer, which may be nested once more.
fn own(answer: &Value) -> Value {
    ours(answer).unwrap_or_else(|| json!({}))
}

/// Opens the workspace, for the first time or because it has other folders, with the client's settings where
/// they come soon.
pub(crate) async fn open(session: Arc<Session>) {
    let task = Arc::clone(&session);
    // An empty answer says less than what the client sent when it started.
    let mut answer = tokio::spawn(async move { pull(&task).await.filter(Given::says_something) });
    let soon = tokio::time::timeout(GRACE, &mut answer).await;
    if let Ok(Ok(Some(settings))) = &soon {
        renew(&session, settings.clone());
    }
    index::reopen(&session);
    if soon.is_err()
        && let Ok(Some(settings)) = answer.await
        && renew(&session, settings)
    {
        index::reopen(&session);
    }
}

/// Follows a change: the client's own answer counts where it gives one, else what it sent.
pub(crate) async fn follow(session: Arc<Session>, sent: Value) {
    let changed = match pull(&session).await {
        Some(settings) => renew(&session, settings),
        None => take(&session, &sent),
    };
    if changed {
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
