//! A program that runs in a process group of its own, so that what it starts ends with it.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// A line that the program printed.
#[derive(Clone, Debug)]
pub struct Line {
    /// On its standard error.
    pub error: bool,
    /// Without colours.
    pub text: String,
}

/// A running program. It and its children end when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Receiver<Line>,
}

/// What waiting for a line came to.
#[derive(Debug)]
pub enum Next {
    /// A line.
    Line(Line),
    /// The program has closed its outputs: it is over.
    Ended,
    /// Nothing came in time.
    Late,
}

impl Process {
    /// Starts a program.
    pub fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().with_context(|| format!("{command:?} could not be started"))?;
        let (sender, lines) = channel();
        read(child.stdout.take(), false, sender.clone());
        read(child.stderr.take(), true, sender);
        Ok(Self { child, lines })
    }

    /// The next line, if one comes before `deadline`.
    pub fn line(&self, deadline: Instant) -> Next {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Next::Line(line),
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
            Err(RecvTimeoutError::Timeout) => Next::Late,
        }
    }

    /// Waits for the end: whether it was a good one, and all lines, those of the standard error first (the
    /// order between the two outputs is chance).
    pub fn finish(mut self, limit: Duration) -> Result<(bool, Vec<String>)> {
        let deadline = Instant::now() + limit;
        let mut lines = Vec::new();
        loop {
            match self.line(deadline) {
                Next::Line(line) => lines.push(line),
                Next::Ended => break,
                Next::Late => bail!("no end after {limit:?}: {lines:#?}"),
            }
        }
        let good = self.child.wait()?.success();
        let (errors, others): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.error);
        Ok((good, errors.into_iter().chain(others).map(|line| line.text).collect()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = self.child.wait();
        }
    }
}

fn read(pipe: Option<impl Read + Send + 'static>, error: bool, sender: Sender<Line>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
            let text = plain(String::from_utf8_lossy(&bytes).trim_end());
            if sender.send(Line { error, text }).is_err() {
                break;
            }
            bytes.clear();
        }
    });
}

/// Text without the escapes for colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest));
    }
    plain
}
