//! Framed messages to and from a server: a process of its own, or a task in this one.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::DuplexStream;
use tokio::runtime::Runtime;

/// Both directions of a connection to a server.
pub struct Transport {
    input: Option<Box<dyn Write + Send>>,
    /// Messages in the order the server wrote them; closed when its output ends.
    pub messages: Receiver<Value>,
    server: Server,
}

enum Server {
    Process { child: Child, stderr: Arc<Mutex<String>> },
    Task { thread: Option<JoinHandle<i32>> },
}

impl Transport {
    /// Starts `program` with piped streams in `folder`.
    pub fn process(program: &Path, arguments: &[&str], folder: &Path) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let stderr = Arc::new(Mutex::new(String::new()));
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        let log = Arc::clone(&stderr);
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut log = log.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        let input = child.stdin.take().expect("piped");
        let messages = read_messages(child.stdout.take().expect("piped"));
        Self { input: Some(Box::new(input)), messages, server: Server::Process { child, stderr } }
    }

    /// Runs a server in this process: `serve` is called on a thread of its own with the server's input,
    /// its output and a runtime, and returns an exit code when the server ends.
    pub fn task(serve: impl FnOnce(DuplexStream, DuplexStream, &Runtime) -> i32 + Send + 'static) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let handle = runtime.handle().clone();
        // One stream for each direction: a half of a duplex stream does not close it when dropped.
        let (ours_in, theirs_in) = tokio::io::duplex(1 << 16);
        let (ours_out, theirs_out) = tokio::io::duplex(1 << 16);
        let thread = std::thread::spawn(move || {
            let code = serve(theirs_in, theirs_out, &runtime);
            runtime.shutdown_timeout(Duration::from_secs(1));
            code
        });
        let messages = read_messages(Blocking { inner: ours_out, handle: handle.clone() });
        let input = Box::new(Blocking { inner: ours_in, handle });
        Self { input: Some(input), messages, server: Server::Task { thread: Some(thread) } }
    }

    /// Sends one message. Errors are left alone: a server that has ended is seen by what it does not
    /// answer.
    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(bytes).and_then(|()| input.flush());
        }
    }

    /// Closes the server's input.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// The process id, where the server is a process.
    pub fn pid(&self) -> Option<u32> {
        match &self.server {
            Server::Process { child, .. } => Some(child.id()),
            Server::Task { .. } => None,
        }
    }

    /// What the server holds in memory now, in MiB; `None` where it is no process or the system does not tell.
    pub fn memory(&self) -> Option<u64> {
        Some(self.status("VmRSS:")?.strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
    }

    /// How many threads the server has now; `None` where it is no process or the system does not tell.
    pub fn threads(&self) -> Option<u64> {
        self.status("Threads:")?.parse().ok()
    }

    /// What the system says of the server's process under this heading.
    fn status(&self, heading: &str) -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?)).ok()?;
        let said = status.lines().find_map(|line| line.strip_prefix(heading))?;
        Some(said.trim().to_owned())
    }

    /// What the server wrote to its error stream so far.
    pub fn stderr(&self) -> String {
        match &self.server {
            Server::Process { stderr, .. } => {
                stderr.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
            }
            Server::Task { .. } => String::new(),
        }
    }

    /// Waits for the server to end and gives its exit code (`None`: ended by a signal).
    /// `Err` when it has not ended in time.
    pub fn wait(&mut self, limit: Duration) -> Result<Option<i32>, &'static str> {
        let end = Instant::now() + limit;
        loop {
            match &mut self.server {
                Server::Process { child, .. } => {
                    if let Ok(Some(status)) = child.try_wait() {
                        return Ok(status.code());
                    }
                }
                Server::Task { thread } => {
                    if thread.as_ref().is_none_or(JoinHandle::is_finished) {
                        let ended = thread.take().map_or(Ok(0), JoinHandle::join);
                        return ended.map(Some).map_err(|_| "the server panicked");
                    }
                }
            }
            if Instant::now() > end {
                return Err("the server is still running");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends a server that is a process, at once.
    pub fn kill(&mut self) {
        self.input = None;
        if let Server::Process { child, .. } = &mut self.server {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Reads frames on a thread of its own until the stream ends. What is no frame ends the stream with a
/// message `{"malformed": …}`, which no client takes for anything else.
fn read_messages(stream: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        if let Err(problem) = read_frames(&mut BufReader::new(stream), &sender) {
            let _ = sender.send(serde_json::json!({ "malformed": problem }));
        }
    });
    receiver
}

fn read_frames(stream: &mut impl BufRead, sender: &Sender<Value>) -> Result<(), String> {
    loop {
        let mut length = None;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return Ok(());
            }
            let header = line.strip_suffix("\r\n").ok_or(format!("a header line ends wrongly: {line:?}"))?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(": ").ok_or(format!("no header: {header:?}"))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.parse::<usize>().map_err(|_| format!("no length: {value:?}"))?);
            }
        }
        let mut body = vec![0; length.ok_or("a message without Content-Length")?];
        if stream.read_exact(&mut body).is_err() {
            return Err("the output ends inside a message".to_owned());
        }
        let message = serde_json::from_slice(&body)
            .map_err(|error| format!("no JSON ({error}): {}", String::from_utf8_lossy(&body)))?;
        if sender.send(message).is_err() {
            return Ok(());
        }
    }
}

/// An asynchronous stream, read or written from a thread that may wait.
struct Blocking<T> {
    inner: T,
    handle: tokio::runtime::Handle,
}

impl<T: tokio::io::AsyncRead + Unpin> Read for Blocking<T> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.handle.block_on(tokio::io::AsyncReadExt::read(&mut self.inner, buffer))
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> Write for Blocking<T> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.handle.block_on(tokio::io::AsyncWriteExt::write(&mut self.inner, buffer))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.handle.block_on(tokio::io::AsyncWriteExt::flush(&mut self.inner))
    }
}
