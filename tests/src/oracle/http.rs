//! One request over a socket of its own: nothing is followed, repeated or decoded that the test does not see.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::case::Request;

/// How long a handler may take: those that are asked answer at once, or never.
const PATIENCE: Duration = Duration::from_secs(15);

/// An answer as far as it came.
#[derive(Debug, Default)]
pub struct Answer {
    /// Missing if none came in time.
    pub status: Option<u16>,
    /// Its headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body, or as much of it as came.
    pub body: String,
}

/// Sends a request to a port of this machine. An error says that the connection broke.
pub fn send(port: u16, request: &Request) -> Result<Answer> {
    let (method, path) = request.send.split_once(' ').context("a request is a method and a path")?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n");
    for (name, value) in &request.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !request.body.is_empty() {
        let _ = write!(head, "content-length: {}\r\n", request.body.len());
    }
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.write_all(format!("{head}\r\n{}", request.body).as_bytes())?;
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || (request.leave && body_of(&bytes).is_some_and(|body| !body.is_empty())) {
            break;
        }
        socket.set_read_timeout(Some(left))?;
        let mut chunk = [0; 4096];
        match socket.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(parsed(&bytes))
}

fn body_of(bytes: &[u8]) -> Option<&[u8]> {
    bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| &bytes[at + 4..])
}

fn parsed(bytes: &[u8]) -> Answer {
    let Some(body) = body_of(bytes) else { return Answer::default() };
    let head = String::from_utf8_lossy(&bytes[..bytes.len() - body.len()]);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked");
    let body = if chunked { dechunked(body) } else { body.to_vec() };
    Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// The body without the lengths between its chunks.
fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|line| line == b"\r\n") {
        let length =
            std::str::from_utf8(&bytes[..end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some(length) = length.filter(|length| *length > 0) else { break };
        let chunk = &bytes[end + 2..];
        body.extend_from_slice(&chunk[..length.min(chunk.len())]);
        bytes = chunk.get(length + 2..).unwrap_or_default();
    }
    body
}
