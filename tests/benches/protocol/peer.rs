//! A language server that is measured: its program, what it wants to be told, and how its diagnostics come.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use routewise_tests::workspace::file_uri;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing that is measured takes longer; what does counts as missed.
const LONGEST: Duration = Duration::from_secs(20);

/// Marks the processes of one server, which may start others.
const MARK: &str = "ROUTEWISE_BENCH_MARK";

/// How a server is started.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) command: Vec<String>,
    /// `initializationOptions`.
    pub(crate) options: Value,
    /// The answer for any section of `workspace/configuration`.
    pub(crate) settings: Value,
    /// Ends what the server leaves behind.
    pub(crate) end: Option<Vec<String>>,
    /// For the floor: says that this program is to be it.
    pub(crate) variable: Option<(&'static str, &'static str)>,
}

/// A server that runs.
pub(crate) struct Peer {
    spec: Spec,
    child: Child,
    input: ChildStdin,
    messages: Receiver<(Instant, Value)>,
    pub(crate) started: Instant,
    next: i64,
    pulls: bool,
    whole: bool,
    version: i64,
    text: String,
    /// How often diagnostics came by themselves.
    pub(crate) published: usize,
    mark: String,
    own: TempDir,
}

/// An edit of one line, in characters that are bytes as well.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) line: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) text: String,
}

impl Peer {
    /// Starts a server on a folder and shakes hands.
    pub(crate) fn start(spec: &Spec, folder: &Path) -> Self {
        let own = tempfile::tempdir().expect("a temporary folder");
        let started = Instant::now();
        let mark = format!("{}-{}-{:?}", std::process::id(), spec.name, started);
        let mut command = command(&spec.command, own.path(), &mark);
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.envs(spec.variable);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", spec.name));
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = channel();
        std::thread::spawn(move || read(output, &sender));
        let mut peer = Self {
            spec: spec.clone(),
            child,
            input,
            messages,
            started,
            next: 0,
            pulls: false,
            whole: false,
            version: 0,
            text: String::new(),
            published: 0,
            mark,
            own,
        };
        peer.shake_hands(folder);
        peer
    }

    fn shake_hands(&mut self, folder: &Path) {
        let uri = file_uri(folder);
        let id = self.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": uri,
                "workspaceFolders": [{ "uri": uri, "name": "project" }],
                "initializationOptions": self.spec.options,
                "capabilities": {
                    "general": { "positionEncodings": ["utf-16"] },
                    "textDocument": {
                        "synchronization": { "didSave": true },
                        "publishDiagnostics": { "versionSupport": true, "relatedInformation": true },
                        "diagnostic": { "dynamicRegistration": true },
                    },
                    "window": { "workDoneProgress": true },
                    "workspace": {
                        "configuration": true,
                        "workspaceFolders": true,
                        "diagnostics": {},
                        "didChangeConfiguration": { "dynamicRegistration": true },
                        "didChangeWatchedFiles": { "dynamicRegistration": true },
                    },
                },
            }),
        );
        let answer = self.until(|message| message["id"] == id && message.get("method").is_none());
        let (_, answer) = answer.unwrap_or_else(|| panic!("{} does not start", self.spec.name));
        let capabilities = &answer["result"]["capabilities"];
        self.pulls = !capabilities["diagnosticProvider"].is_null();
        let sync = &capabilities["textDocumentSync"];
        self.whole = sync.as_i64().or_else(|| sync["change"].as_i64()) == Some(1);
        self.notify("initialized", &json!({}));
        self.notify("workspace/didChangeConfiguration", &json!({ "settings": self.spec.settings }));
    }

    /// Opens a file; how long it takes until its diagnostics are there.
    pub(crate) fn open(&mut self, uri: &str, text: &str) -> Option<Duration> {
        self.version = 1;
        text.clone_into(&mut self.text);
        let document = json!({ "uri": uri, "languageId": "typescript", "version": 1, "text": text });
        let sent = self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        self.diagnosed(uri, sent)
    }

    /// Closes a file.
    pub(crate) fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", &json!({ "textDocument": { "uri": uri } }));
    }

    /// Makes an edit; when it was sent.
    pub(crate) fn edit(&mut self, uri: &str, edit: &Edit) -> Instant {
        self.version += 1;
        let start = self.text.match_indices('\n').nth(edit.line.wrapping_sub(1)).map_or(0, |(at, _)| at + 1);
        self.text.replace_range(start + edit.from..start + edit.to, &edit.text);
        let place = |character: usize| json!({ "line": edit.line, "character": character });
        let change = if self.whole {
            json!({ "text": self.text })
        } else {
            json!({ "range": { "start": place(edit.from), "end": place(edit.to) }, "text": edit.text })
        };
        let document = json!({ "uri": uri, "version": self.version });
        self.notify(
            "textDocument/didChange",
            &json!({ "textDocument": document, "contentChanges": [change] }),
        )
    }

    /// How long after `sent` the diagnostics of the newest version are there; `None` where they do not come.
    pub(crate) fn diagnosed(&mut self, uri: &str, sent: Instant) -> Option<Duration> {
        let version = self.version;
        let end = Instant::now() + LONGEST;
        while self.pulls && Instant::now() < end {
            let id = self.ask("textDocument/diagnostic", &json!({ "textDocument": { "uri": uri } }));
            let (at, answer) =
                self.until(|message| message["id"] == id && message.get("method").is_none())?;
            if answer.get("error").is_none() {
                return Some(at - sent);
            }
        }
        let is_it = |message: &Value| {
            let of = message["params"]["version"].as_i64();
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && of.is_none_or(|of| of >= version)
        };
        self.until(is_it).map(|(at, _)| at - sent)
    }

    /// Waits until the server says that it has read the project.
    pub(crate) fn has_read(&mut self) {
        let is_end = |message: &Value| message["params"]["value"]["kind"] == "end";
        self.until(|message| message["method"] == "$/progress" && is_end(message));
    }

    /// Takes what comes within a time.
    pub(crate) fn rest(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok((_, message)) = self.messages.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            self.take(&message);
        }
    }

    /// What all processes of the server hold in memory, in MB.
    pub(crate) fn memory(&self) -> f64 {
        let mark = format!("{MARK}={}", self.mark);
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let own = processes.filter(|process| {
            let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|it| it == mark.as_bytes())
        });
        let resident = own.filter_map(|process| {
            let status = std::fs::read_to_string(process.path().join("status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()
        });
        resident.sum::<f64>() / 1024.0
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = json!(self.next);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    fn notify(&mut self, method: &str, params: &Value) -> Instant {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// The clock starts when a message is encoded: that cost is not the server's.
    fn send(&mut self, message: &Value) -> Instant {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let at = Instant::now();
        // A server that has ended is seen by what it does not answer.
        let _ = self.input.write_all(frame.as_bytes());
        at
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<(Instant, Value)> {
        let end = Instant::now() + LONGEST;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let (at, message) = self.messages.recv_timeout(left).ok()?;
            self.take(&message);
            if wanted(&message) {
                return Some((at, message));
            }
        }
    }

    fn take(&mut self, message: &Value) {
        let method = message["method"].as_str().unwrap_or_default();
        self.published += usize::from(method == "textDocument/publishDiagnostics");
        if message.get("id").is_none() || method.is_empty() {
            return;
        }
        let result = match method {
            "workspace/configuration" => {
                let items = message["params"]["items"].as_array().into_iter().flatten();
                items.map(|_| self.spec.settings.clone()).collect()
            }
            "client/registerCapability" => {
                let all = message["params"]["registrations"].as_array().into_iter().flatten();
                self.pulls |= all.into_iter().any(|it| it["method"] == "textDocument/diagnostic");
                Value::Null
            }
            _ => Value::Null,
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.ask("shutdown", &Value::Null);
        self.notify("exit", &Value::Null);
        if let Some(end) = &self.spec.end {
            let _ = command(end, self.own.path(), &self.mark)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that leaves what it leaves in a folder of its own, and can be found by its mark.
fn command(words: &[String], folder: &Path, mark: &str) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env(MARK, mark);
    for variable in ["TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        command.env(variable, folder);
    }
    command
}

/// Reads frames; each is stamped when its last byte is there, before it is decoded.
fn read(mut output: BufReader<impl std::io::Read>, sender: &Sender<(Instant, Value)>) -> Option<()> {
    loop {
        let mut length = None;
        loop {
            let mut line = String::new();
            output.read_line(&mut line).ok().filter(|&read| read > 0)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            }
        }
        let mut body = vec![0; length?];
        output.read_exact(&mut body).ok()?;
        let at = Instant::now();
        sender.send((at, serde_json::from_slice(&body).ok()?)).ok()?;
    }
}
