//! A language client that trusts nothing: every message is held against the schema of the protocol,
//! whatever the server asks is answered, and what no test looked at is an error at the end.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::binary::routewise;
use crate::handshakes::plain_handshake;
use crate::schema;
use crate::text;
use crate::transport::Transport;
use crate::workspace::TestProject;

/// How long anything may take before the test fails: far more than is ever needed, because a busy machine
/// is no defect, only a server that never answers is. `ROUTEWISE_PATIENCE` sets other seconds.
pub fn patience() -> Duration {
    let set = std::env::var("ROUTEWISE_PATIENCE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(set.unwrap_or(30))
}

/// The answer to a request of the server: a result or an error object.
pub type Answer = Box<dyn FnMut(&Value) -> Result<Value, Value> + Send>;

/// One connection to a server.
pub struct Client {
    transport: Transport,
    next_id: i64,
    /// Requests without an answer yet: id and method.
    waiting: HashMap<i64, String>,
    /// Answers that nobody took yet.
    answers: HashMap<i64, Result<Value, Value>>,
    /// Notifications and requests of the server that nobody took yet.
    unread: VecDeque<Value>,
    /// How requests of the server are answered, by method.
    replies: HashMap<String, Answer>,
    /// The last diagnostics a test looked at, by URI.
    seen_diagnostics: HashMap<String, Value>,
    /// What the server registered and not unregistered, by id.
    registrations: BTreeMap<String, Value>,
    /// What `$/progress` said, by token, in order.
    progress: Vec<(String, Value)>,
    log: Vec<String>,
    encoding: String,
    ended: bool,
    lenient: bool,
}

impl Client {
    /// Starts the program and shakes hands as [`plain_handshake`] with UTF-16 does.
    pub fn start(project: &TestProject) -> Self {
        Self::start_as(project, &plain_handshake(project.root(), "utf-16"))
    }

    /// Starts the program and shakes hands with these `initialize` parameters.
    pub fn start_as(project: &TestProject, initialize: &Value) -> Self {
        let mut client = Self::spawn(project.root());
        client.initialize(initialize);
        client
    }

    /// Starts the program, and says nothing yet.
    pub fn spawn(folder: &Path) -> Self {
        Self::over(Transport::process(routewise(), &["lsp"], folder))
    }

    /// Starts a server in this process, and says nothing yet: for what only a test build can do.
    pub fn in_process() -> Self {
        Self::over(Transport::task(|input, output, runtime| {
            let options = routewise_lsp::ServeOptions::default();
            let code = runtime.block_on(routewise_lsp::serve_on(input, output, options));
            i32::from(code != ExitCode::SUCCESS)
        }))
    }

    /// A client at the other end of a connection.
    pub fn over(transport: Transport) -> Self {
        Self {
            transport,
            next_id: 0,
            waiting: HashMap::new(),
            answers: HashMap::new(),
            unread: VecDeque::new(),
            replies: HashMap::new(),
            seen_diagnostics: HashMap::new(),
            registrations: BTreeMap::new(),
            progress: Vec::new(),
            log: Vec::new(),
            encoding: "utf-16".to_owned(),
            ended: false,
            lenient: false,
        }
    }

    /// Sends `initialize` and `initialized`; returns the result.
    pub fn initialize(&mut self, params: &Value) -> Value {
        let result = self.request("initialize", params.clone());
        if let Some(encoding) = result["capabilities"]["positionEncoding"].as_str() {
            encoding.clone_into(&mut self.encoding);
        }
        self.notify("initialized", json!({}));
        result
    }

    /// The negotiated position encoding.
    pub fn encoding(&self) -> &str {
        &self.encoding
    }

    /// The connection itself.
    pub fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    /// Answers every `method` of the server with what `answer` makes of its parameters.
    pub fn reply(
        &mut self,
        method: &str,
        answer: impl FnMut(&Value) -> Result<Value, Value> + Send + 'static,
    ) {
        self.replies.insert(method.to_owned(), Box::new(answer));
    }

    /// Answers `workspace/configuration` with `settings` for the section `routewise`.
    pub fn configure(&mut self, settings: &Value) {
        let settings = settings.clone();
        self.reply("workspace/configuration", move |params| {
            let items = params["items"].as_array().cloned().unwrap_or_default();
            Ok(items
                .iter()
                .map(|item| if item["section"] == "routewise" { settings.clone() } else { Value::Null })
                .collect())
        });
    }

    /// Does not mind messages that no test looked at.
    pub fn be_lenient(&mut self) {
        self.lenient = true;
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        check_sent(method, &params);
        let mut message = json!({"jsonrpc": "2.0", "method": method});
        // A method without parameters has none at all.
        if !params.is_null() {
            message["params"] = params;
        }
        self.transport.send(&message);
    }

    /// Sends a request and returns its id; [`Client::answer`] waits for it.
    pub fn send_request(&mut self, method: &str, params: Value) -> i64 {
        check_sent(method, &params);
        self.next_id += 1;
        self.waiting.insert(self.next_id, method.to_owned());
        let mut message = json!({"jsonrpc": "2.0", "id": self.next_id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.transport.send(&message);
        self.next_id
    }

    /// Waits for the answer to a request: its result, or its error object.
    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let end = Instant::now() + patience();
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            self.receive(end, &format!("the answer to request {id}"));
        }
    }

    /// Takes the answer to a request where it has come already.
    pub fn answer_if_there(&mut self, id: i64) -> Option<Result<Value, Value>> {
        self.answers.remove(&id)
    }

    /// Sends a request and waits for its result.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        self.answer(id).unwrap_or_else(|error| panic!("{method} failed: {error}\n{}", self.story()))
    }

    /// Opens a document as version 1; the language follows from the extension.
    pub fn open(&mut self, uri: &str, text: &str) {
        self.open_as(uri, language_of(uri), 1, text);
    }

    /// Opens a document.
    pub fn open_as(&mut self, uri: &str, language: &str, version: i32, text: &str) {
        let document = json!({"uri": uri, "languageId": language, "version": version, "text": text});
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes a document; each change is a range (or `null` for the whole text) and the new text.
    pub fn change(&mut self, uri: &str, version: i32, changes: &[(Value, &str)]) {
        let changes: Vec<Value> =
            changes
                .iter()
                .map(|(range, text)| {
                    if range.is_null() {
                        json!({"text": text})
                    } else {
                        json!({"range": range, "text": text})
                    }
                })
                .collect();
        let document = json!({"uri": uri, "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// Replaces the whole text of a document.
    pub fn replace(&mut self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, &[(Value::Null, text)]);
    }

    /// Closes a document.
    pub fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// Says that files changed on the disk: 1 made, 2 changed, 3 removed.
    pub fn watched(&mut self, changes: &[(&str, u8)]) {
        let changes: Vec<Value> =
            changes.iter().map(|(uri, kind)| json!({"uri": uri, "type": kind})).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// Hovers at a byte offset of `text`; the whole answer, `null` where there is none.
    pub fn hover(&mut self, uri: &str, text: &str, offset: usize) -> Value {
        let (line, character) = text::position(text, offset, &self.encoding);
        let position = json!({"line": line, "character": character});
        self.request("textDocument/hover", json!({"textDocument": {"uri": uri}, "position": position}))
    }

    /// The code actions for a diagnostic, of one kind where `only` names one.
    pub fn actions(
        &mut self,
        uri: &str,
        diagnostics: &[Value],
        range: &Value,
        only: Option<&str>,
    ) -> Vec<Value> {
        let mut context = json!({"diagnostics": diagnostics, "triggerKind": 1});
        if let Some(only) = only {
            context["only"] = json!([only]);
        }
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        match self.request("textDocument/codeAction", params) {
            Value::Array(actions) => actions,
            _ => Vec::new(),
        }
    }

    /// An action with its edit, asked for by `codeAction/resolve` where it came without.
    pub fn resolved(&mut self, action: &Value) -> Value {
        if action.get("edit").is_some() {
            return action.clone();
        }
        self.request("codeAction/resolve", action.clone())
    }

    /// Waits until the diagnostics published for `uri` are as `wanted` says, and returns them.
    pub fn diagnostics_until(&mut self, uri: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let end = Instant::now() + patience();
        loop {
            while let Some(at) = self.unread.iter().position(|message| is_publish(message, uri)) {
                let params = self.unread.remove(at).expect("just found")["params"].take();
                let fits = wanted(&params);
                let diagnostics = params["diagnostics"].as_array().cloned().unwrap_or_default();
                self.seen_diagnostics.insert(uri.to_owned(), params);
                if fits {
                    return diagnostics;
                }
            }
            let last = self.seen_diagnostics.get(uri).map(ToString::to_string);
            self.receive(end, &format!("other diagnostics of {uri} than {last:?}"));
        }
    }

    /// Waits for the diagnostics of one version of a document.
    pub fn diagnostics(&mut self, uri: &str, version: i32) -> Vec<Value> {
        self.diagnostics_until(uri, |params| params["version"] == version)
    }

    /// Waits until the codes of the published diagnostics are these, in this order.
    pub fn codes_become(&mut self, uri: &str, wanted: &[&str]) -> Vec<Value> {
        self.diagnostics_until(uri, |params| codes(&params["diagnostics"]) == wanted)
    }

    /// Waits for the next notification or request of the server with this method and takes it: its
    /// parameters.
    pub fn next(&mut self, method: &str) -> Value {
        let end = Instant::now() + patience();
        loop {
            if let Some(at) = self.unread.iter().position(|message| message["method"] == method) {
                return self.unread.remove(at).expect("just found")["params"].take();
            }
            self.receive(end, method);
        }
    }

    /// Takes every unread message with this method: their parameters.
    pub fn take(&mut self, method: &str) -> Vec<Value> {
        let (taken, kept) = self.unread.drain(..).partition(|message| message["method"] == method);
        self.unread = kept;
        let taken: VecDeque<Value> = taken;
        taken.into_iter().map(|mut message| message["params"].take()).collect()
    }

    /// Waits until the server has registered a capability and returns the registration.
    pub fn registration(&mut self, method: &str) -> Value {
        let end = Instant::now() + patience();
        loop {
            if let Some(found) = self.registrations.values().find(|known| known["method"] == method) {
                return found.clone();
            }
            self.receive(end, &format!("a registration of {method}"));
        }
    }

    /// What is registered now: the methods.
    pub fn registered(&self) -> Vec<String> {
        self.registrations.values().filter_map(|known| known["method"].as_str().map(str::to_owned)).collect()
    }

    /// Waits until a progress has ended and returns all it said, the values in order.
    pub fn progress(&mut self) -> Vec<Value> {
        let end = Instant::now() + patience();
        loop {
            if let Some((token, _)) = self.progress.iter().find(|(_, value)| value["kind"] == "end") {
                let token = token.clone();
                let (of_it, others) = self.progress.drain(..).partition(|(other, _)| *other == token);
                self.progress = others;
                let of_it: Vec<(String, Value)> = of_it;
                return of_it.into_iter().map(|(_, value)| value).collect();
            }
            self.receive(end, "the end of a progress");
        }
    }

    /// How much `$/progress` said that no test took.
    pub fn progress_count(&self) -> usize {
        self.progress.len()
    }

    /// What `window/logMessage` said so far.
    pub fn log(&self) -> &[String] {
        &self.log
    }

    /// Forgets every notification and progress that no test took.
    pub fn forget_unread(&mut self) {
        self.unread.clear();
        self.progress.clear();
        self.log.clear();
    }

    /// Takes in whatever arrives within `time`.
    pub fn listen(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(message) =
            self.transport.messages.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            self.take_in(message);
        }
    }

    /// `shutdown`, `exit`, and the end of the process with code 0; then the reckoning.
    pub fn finish(mut self) {
        self.end();
    }

    /// Waits for the server to end on its own and returns its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.ended = true;
        self.transport.wait(patience()).unwrap_or_else(|problem| panic!("{problem}\n{}", self.story()))
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        let code = self.exit_code();
        assert_eq!(code, Some(0), "the server failed\n{}", self.story());
        while let Ok(message) = self.transport.messages.recv_timeout(patience()) {
            self.take_in(message);
        }
        let errors = self.transport.stderr();
        assert!(!errors.contains("panicked at"), "the server panicked:\n{errors}");
        if self.lenient {
            return;
        }
        // The same diagnostics once more, or none where none were, change nothing on a screen; and what is shown
        // between the lines may be asked for again at any time.
        let (seen, nothing) = (&self.seen_diagnostics, json!([]));
        let between = ["workspace/codeLens/refresh", "workspace/inlayHint/refresh"];
        self.unread.retain(|message| !between.iter().any(|method| message["method"] == *method));
        self.unread.retain(|message| {
            let params = &message["params"];
            let known = params["uri"].as_str().and_then(|uri| seen.get(uri));
            let shown = known.map_or(&nothing, |known| &known["diagnostics"]);
            message["method"] != "textDocument/publishDiagnostics" || params["diagnostics"] != *shown
        });
        assert!(self.unread.is_empty(), "no test looked at these:\n{:#?}", self.unread);
        assert!(self.answers.is_empty(), "nobody took these answers: {:#?}", self.answers);
    }

    /// Takes in one message, or fails the test when none comes in time.
    fn receive(&mut self, end: Instant, what: &str) {
        match self.transport.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(message) => self.take_in(message),
            Err(RecvTimeoutError::Timeout) => panic!("waited in vain for {what}\n{}", self.story()),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the server ended before {what}\n{}", self.story())
            }
        }
    }

    fn take_in(&mut self, message: Value) {
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => {
                check("Out_msgRequest", &message);
                check(schema::params_of(method), &message["params"]);
                let (id, method) = (id.clone(), method.to_owned());
                self.answer_server(&id, &method, message);
            }
            (Some(method), None) => {
                check("Out_msgNotification", &message);
                check(schema::params_of(method), &message["params"]);
                self.take_in_notification(message);
            }
            (None, _) if message.get("error").is_some() => {
                check("Out_msgError", &message);
                self.take_in_answer(&message, Err(message["error"].clone()));
            }
            (None, _) => {
                check("Out_msgResult", &message);
                self.take_in_answer(&message, Ok(message["result"].clone()));
            }
        }
    }

    fn take_in_answer(&mut self, message: &Value, answer: Result<Value, Value>) {
        let id = message["id"].as_i64();
        let method = id.and_then(|id| self.waiting.remove(&id));
        let (Some(id), Some(method)) = (id, method) else {
            panic!("an answer that nobody asked for: {message}");
        };
        if let Ok(result) = &answer {
            check(schema::result_of(&method), result);
        }
        self.answers.insert(id, answer);
    }

    fn take_in_notification(&mut self, message: Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            Some("window/logMessage") => {
                self.log.push(params["message"].as_str().unwrap_or_default().to_owned());
            }
            Some("$/progress") => {
                self.progress.push((params["token"].to_string(), params["value"].clone()));
            }
            _ => self.unread.push_back(message),
        }
    }

    fn answer_server(&mut self, id: &Value, method: &str, message: Value) {
        let params = &message["params"];
        let reply = match self.replies.get_mut(method) {
            Some(answer) => answer(params),
            None => Ok(match method {
                "workspace/configuration" => {
                    params["items"].as_array().into_iter().flatten().map(|_| Value::Null).collect()
                }
                "workspace/applyEdit" => json!({"applied": true}),
                "window/showDocument" => json!({"success": true}),
                _ => Value::Null,
            }),
        };
        let mut answer = json!({"jsonrpc": "2.0", "id": id});
        match reply {
            Ok(result) => answer["result"] = result,
            Err(error) => answer["error"] = error,
        }
        self.transport.send(&answer);
        match method {
            "client/registerCapability" => {
                for one in params["registrations"].as_array().into_iter().flatten() {
                    let id = one["id"].as_str().expect("checked by the schema").to_owned();
                    let known = self.registrations.insert(id, one.clone());
                    assert_eq!(known, None, "registered twice under one id");
                }
            }
            "client/unregisterCapability" => {
                for one in params["unregisterations"].as_array().into_iter().flatten() {
                    let id = one["id"].as_str().expect("checked by the schema");
                    assert!(self.registrations.remove(id).is_some(), "{id} was not registered");
                }
            }
            "workspace/configuration" | "window/workDoneProgress/create" | "workspace/workspaceFolders" => {}
            _ => self.unread.push_back(message),
        }
    }

    /// What is known, for a test that failed.
    fn story(&self) -> String {
        format!("unread: {:#?}\n{}", self.unread, self.complaints())
    }

    /// What the server wrote into its log and to its error stream.
    pub fn complaints(&self) -> String {
        format!("log: {:#?}\nerror stream:\n{}", self.log, self.transport.stderr())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.ended {
            self.end();
        }
        self.transport.kill();
    }
}

/// The rule ids of a list of diagnostics, in order.
pub fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().into_iter().flatten().map(|one| one["code"].as_str().unwrap_or_default()).collect()
}

fn is_publish(message: &Value, uri: &str) -> bool {
    message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
}

fn language_of(uri: &str) -> &'static str {
    match uri.rsplit('.').next() {
        Some("tsx") => "typescriptreact",
        Some("js" | "mjs" | "cjs") => "javascript",
        Some("jsx") => "javascriptreact",
        Some("json") => "json",
        _ => "typescript",
    }
}

fn check(definition: &str, value: &Value) {
    if let Some(problems) = schema::problems(definition, value) {
        panic!("the server breaks the protocol: {problems}\n{value:#}");
    }
}

fn check_sent(method: &str, params: &Value) {
    // Recorded handshakes hold members that the typings do not know.
    if method != "initialize"
        && let Some(definition) = schema::sent_params_of(method)
        && let Some(problems) = schema::problems(definition, params)
    {
        panic!("the test breaks the protocol: {problems}\n{params:#}");
    }
}
