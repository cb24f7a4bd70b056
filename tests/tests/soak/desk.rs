//! The desk of a developer: an editor with open files, what it shows, and what it has asked the server.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use routewise_analysis::path::FilePath;
use routewise_analysis::syntax::{self, Grammar};
use routewise_tests::client::{Client, patience};
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::random::Dice;
use routewise_tests::text;
use routewise_tests::workspace::file_uri;
use serde_json::{Value, json};

use crate::repository::Repository;

/// A file that is open.
pub(crate) struct Buffer {
    pub(crate) text: String,
    /// The newest text that parses, where there was one.
    sound: Option<String>,
    version: i32,
    /// It is not what the disk holds.
    pub(crate) changed: bool,
}

/// An editor at work.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) repository: Repository,
    /// The open files, from the root.
    pub(crate) open: BTreeMap<String, Buffer>,
    /// What stood in the files of the branch that was left, where there is one to go back to.
    pub(crate) left: BTreeMap<String, Option<String>>,
    /// Folders of the workspace, from the root.
    pub(crate) folders: Vec<String>,
    /// The editor's settings for Routewise.
    pub(crate) settings: Value,
    /// The last diagnostics of each file, by URI.
    shown: BTreeMap<String, Value>,
    /// Which version of its text they are about.
    shown_of: BTreeMap<String, Value>,
    /// Requests that nobody waits for yet.
    flying: Vec<(i64, &'static str)>,
    /// How many requests were answered.
    pub(crate) answered: usize,
    /// How long the slowest request of each kind took, of those that were waited for.
    pub(crate) slowest: BTreeMap<&'static str, Duration>,
}

/// An answer that took longer is named beside the act that asked for it.
const SLOW: Duration = Duration::from_millis(250);

/// Requests that were cancelled, or are about a text that is gone, or ask for what cannot be done.
const EXPECTED: [i64; 3] = [-32800, -32801, -32803];

impl Desk {
    /// Sits down before a repository.
    pub(crate) fn new(repository: Repository, dice: &mut Dice) -> Self {
        let encoding = *dice.pick(&["utf-8", "utf-16", "utf-32"]);
        let folders = vec![String::new()];
        let mut client = Client::spawn(repository.project.root());
        client.be_lenient();
        client.initialize(&handshake(&repository, &folders, encoding));
        Self {
            client,
            repository,
            open: BTreeMap::new(),
            left: BTreeMap::new(),
            folders,
            settings: json!({}),
            shown: BTreeMap::new(),
            shown_of: BTreeMap::new(),
            flying: Vec::new(),
            answered: 0,
            slowest: BTreeMap::new(),
        }
    }

    /// The URI of a file.
    pub(crate) fn uri(&self, path: &str) -> String {
        self.repository.project.uri(path)
    }

    /// One of the open files; one is opened where there is none.
    pub(crate) fn any_open(&mut self, dice: &mut Dice) -> String {
        if self.open.is_empty() {
            let path = self.repository.any(dice);
            self.open_file(&path);
        }
        let paths: Vec<&String> = self.open.keys().collect();
        let path = (*dice.pick(&paths)).clone();
        println!("  at {path}");
        path
    }

    /// Opens a file as the disk has it.
    pub(crate) fn open_file(&mut self, path: &str) {
        if self.open.contains_key(path) {
            return;
        }
        let Ok(text) = std::fs::read_to_string(self.repository.project.path(path)) else { return };
        // Editors keep the mark to themselves.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        self.client.open(&self.uri(path), &text);
        let sound = parses(path, &text).then(|| text.clone());
        self.open.insert(path.to_owned(), Buffer { text, sound, version: 1, changed: false });
    }

    /// Closes a file; what was not saved is lost.
    pub(crate) fn close_file(&mut self, path: &str) {
        let uri = self.uri(path);
        if self.open.remove(path).is_some() {
            self.client.close(&uri);
        }
    }

    /// Makes one edit that turns the text of an open file into `text`.
    pub(crate) fn become_text(&mut self, path: &str, text: &str) {
        let (uri, encoding) = (self.uri(path), self.client.encoding().to_owned());
        let Some(buffer) = self.open.get_mut(path).filter(|buffer| buffer.text != text) else { return };
        if parses(path, &buffer.text) {
            buffer.sound = Some(buffer.text.clone());
        }
        let (old, new) = difference(&buffer.text, text);
        let range = text::range(&buffer.text, old, &encoding);
        buffer.version += 1;
        self.client.change(&uri, buffer.version, &[(range, &text[new])]);
        text.clone_into(&mut buffer.text);
        buffer.changed = true;
    }

    /// Writes an open file to the disk.
    pub(crate) fn save(&mut self, path: &str) {
        let uri = self.uri(path);
        let Some(buffer) = self.open.get_mut(path) else { return };
        buffer.changed = false;
        let kind = if self.repository.files.insert(path.to_owned()) { 1 } else { 2 };
        self.repository.project.write(path, &buffer.text);
        self.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        self.client.watched(&[(&uri, kind)]);
    }

    /// What is shown in a file now.
    pub(crate) fn shown(&self, path: &str) -> Vec<Value> {
        let shown = self.shown.get(&self.uri(path));
        shown.and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Asks something and waits for the answer; `null` where it was refused.
    pub(crate) fn ask(&mut self, method: &'static str, params: Value) -> Value {
        let begun = Instant::now();
        let id = self.client.send_request(method, params);
        let answer = self.client.answer(id);
        let took = begun.elapsed();
        if took > SLOW {
            println!("  {method}: {} ms", took.as_millis());
        }
        let slowest = self.slowest.entry(method).or_default();
        *slowest = took.max(*slowest);
        self.answered += 1;
        accept(&self.client, method, answer)
    }

    /// Asks something and goes on; the answer is taken when it comes.
    pub(crate) fn ask_and_go_on(&mut self, method: &'static str, params: Value, cancel: bool) {
        let id = self.client.send_request(method, params);
        if cancel {
            self.client.notify("$/cancelRequest", json!({ "id": id }));
        }
        self.flying.push((id, method));
    }

    /// Takes whatever has come.
    pub(crate) fn look_up(&mut self) {
        self.client.listen(Duration::ZERO);
        let mut flying = std::mem::take(&mut self.flying);
        flying.retain(|&(id, method)| match self.client.answer_if_there(id) {
            Some(answer) => {
                accept(&self.client, method, answer);
                self.answered += 1;
                false
            }
            None => true,
        });
        self.flying = flying;
        self.take_diagnostics();
    }

    fn take_diagnostics(&mut self) {
        for mut params in self.client.take("textDocument/publishDiagnostics") {
            let uri = params["uri"].as_str().unwrap_or_default().to_owned();
            self.shown_of.insert(uri.clone(), params["version"].take());
            self.shown.insert(uri, params["diagnostics"].take());
        }
        self.client.forget_unread();
    }

    /// Waits for every answer, and until each open file shows what a server shows that has just been started. Text
    /// that does not parse is taken back before: what is seen in it depends on how it came to be. Returns what that
    /// other server holds in memory.
    pub(crate) fn compare(&mut self) -> Option<u64> {
        let paths: Vec<String> = self.open.keys().cloned().collect();
        for path in paths {
            let buffer = &self.open[&path];
            match (parses(&path, &buffer.text), buffer.sound.clone()) {
                (true, _) => {}
                (false, Some(sound)) => self.become_text(&path, &sound),
                (false, None) => self.close_file(&path),
            }
        }
        for (id, method) in std::mem::take(&mut self.flying) {
            let answer = self.client.answer(id);
            accept(&self.client, method, answer);
            self.answered += 1;
        }
        let (wanted, memory) = self.of_a_fresh_server();
        let end = Instant::now() + patience();
        loop {
            self.take_diagnostics();
            let differ = || wanted.iter().filter(|(uri, items)| self.shown.get(*uri) != Some(items));
            let Some((uri, items)) = differ().next() else { return memory };
            assert!(
                Instant::now() < end,
                "{} files differ; {uri}\nshows of version {}: {:#}\nversion {}, and a fresh server: {items:#}\n{}",
                differ().count(),
                self.shown_of.get(uri).unwrap_or(&Value::Null),
                self.shown.get(uri).unwrap_or(&Value::Null),
                self.open.iter().find(|(path, _)| self.uri(path) == *uri).map_or(0, |(_, it)| it.version),
                self.client.complaints()
            );
            self.client.listen(Duration::from_millis(20));
        }
    }

    /// What a server that has just been started shows in the open files, and what it then holds in memory.
    fn of_a_fresh_server(&self) -> (BTreeMap<String, Value>, Option<u64>) {
        let mut client = Client::spawn(self.repository.project.root());
        client.be_lenient();
        let mut params = handshake(&self.repository, &self.folders, self.client.encoding());
        // Settings that come with the first message are the only ones, and the files are read once.
        params["capabilities"]["workspace"]["configuration"] = json!(false);
        params["initializationOptions"] = self.settings.clone();
        params["capabilities"]["textDocument"]["diagnostic"] =
            json!({ "relatedInformation": true, "dataSupport": true });
        params["capabilities"]["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
        client.initialize(&params);
        for (path, buffer) in &self.open {
            client.open(&self.uri(path), &buffer.text);
        }
        client.progress();
        let wanted = self.open.keys().map(|path| {
            let uri = self.uri(path);
            let asked = json!({ "textDocument": { "uri": uri } });
            let report = client.request("textDocument/diagnostic", asked);
            (uri, report["items"].clone())
        });
        let wanted: BTreeMap<String, Value> = wanted.collect();
        let memory = client.transport().memory();
        client.finish();
        (wanted, memory)
    }
}

/// The `initialize` parameters of an editor with these folders.
fn handshake(repository: &Repository, folders: &[String], encoding: &str) -> Value {
    let mut params = plain_handshake(repository.project.root(), encoding);
    let folder = |path: &String| {
        let path = repository.project.path(path);
        json!({ "uri": file_uri(&path).trim_end_matches('/'), "name": path.file_name().and_then(|it| it.to_str()) })
    };
    params["workspaceFolders"] = folders.iter().map(folder).collect();
    params["capabilities"]["workspace"]["fileOperations"] = json!({ "willRename": true });
    params
}

fn accept(client: &Client, method: &str, answer: Result<Value, Value>) -> Value {
    answer.unwrap_or_else(|error| {
        let code = error["code"].as_i64().unwrap_or_default();
        assert!(EXPECTED.contains(&code), "{method} failed: {error}\n{}", client.complaints());
        Value::Null
    })
}

fn parses(path: &str, text: &str) -> bool {
    let grammar = Grammar::of(&FilePath::new(&format!("/{path}")));
    syntax::parse(grammar, text, None).is_some_and(|tree| !tree.root_node().has_error())
}

/// The bytes in which two texts differ, in each of them. No range begins or ends inside a character or a line end.
fn difference(old: &str, new: &str) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) || old[..start].ends_with('\r') {
        start -= 1;
    }
    let most = old.len().min(new.len()) - start;
    let mut end = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    let splits = |text: &str, end: usize| {
        let at = text.len() - end;
        !text.is_char_boundary(at) || text[at..].starts_with('\n') && text[..at].ends_with('\r')
    };
    while end > 0 && (splits(old, end) || splits(new, end)) {
        end -= 1;
    }
    (start..old.len() - end, start..new.len() - end)
}
