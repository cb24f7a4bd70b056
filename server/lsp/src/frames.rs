//! The client's bytes, one message at a time.
//!
//! The framework's reader stops for good at the first message it cannot decode, and waits for more input
//! after the last. [`pump`] stands before it and lets through what decodes, in one plain form, so that a
//! bad message costs that message.

use std::io;

use serde::de::IgnoredAny;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::proto::{Request, Response};

/// The longest message taken: a text of half a gigabyte is refused rather than held.
const LONGEST: usize = 512 << 20;

/// Copies messages until the input ends or `exit` has passed.
pub(crate) async fn pump(input: impl AsyncRead + Unpin, mut output: impl AsyncWrite + Unpin) {
    let mut input = BufReader::with_capacity(64 << 10, input);
    loop {
        match read(&mut input).await {
            Ok(Some(body)) => {
                let Some(kind) = kind(&body) else { continue };
                let header = format!("Content-Length: {}\r\n\r\n", body.len());
                let written = async {
                    output.write_all(header.as_bytes()).await?;
                    output.write_all(&body).await
                };
                if written.await.is_err() || kind == Kind::Exit {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::error!("cannot read the client's messages: {error}");
                return;
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exit,
    Other,
}

/// What a message is; `None`, with a line in the log, where it is none.
fn kind(body: &[u8]) -> Option<Kind> {
    match serde_json::from_slice::<Request>(body) {
        Ok(request) if request.method() == "exit" => Some(Kind::Exit),
        Ok(_) => Some(Kind::Other),
        Err(error) => {
            if serde_json::from_slice::<Response>(body).is_ok() {
                return Some(Kind::Other);
            }
            let json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
            let what = if json { "is no request, notification or response" } else { "is no JSON" };
            tracing::error!("a message of {} bytes {what} and was left out: {error}", body.len());
            None
        }
    }
}

/// The body of the next message; `None` at the end of the input. Header names are taken in any case,
/// unknown headers and stray lines between messages are skipped.
async fn read(input: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let header = (&mut *input).take(4 << 10).read_until(b'\n', &mut line).await?;
        if header == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            let Some(length) = length else { continue };
            let mut body = vec![0; length];
            return match input.read_exact(&mut body).await {
                Ok(_) => Ok(Some(body)),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                Err(error) => Err(error),
            };
        }
        match text.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                match value.trim().parse() {
                    Ok(bytes) if bytes <= LONGEST => length = Some(bytes),
                    _ => tracing::error!("a message of {} bytes was announced", value.trim()),
                }
            }
            Some((name, _)) if name.trim().eq_ignore_ascii_case("content-type") => {}
            _ => tracing::warn!("skipped between messages: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pumped(input: &str) -> String {
        let mut output = Vec::new();
        pump(input.as_bytes(), &mut output).await;
        String::from_utf8(output).unwrap()
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    const OK: &str = r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#;
    const EXIT: &str = r#"{"jsonrpc":"2.0","method":"exit"}"#;
    const ANSWER: &str = r#"{"jsonrpc":"2.0","id":1,"result":null}"#;

    #[tokio::test]
    async fn bad_messages_are_left_out_and_the_others_pass() {
        let input = [
            frame("{"),
            frame("[]"),
            frame(OK),
            "noise\r\n".to_owned(),
            "Content-Length: x\r\n\r\n".to_owned(),
            frame(ANSWER),
        ];
        assert_eq!(pumped(&input.concat()).await, frame(OK) + &frame(ANSWER));
    }

    #[tokio::test]
    async fn headers_of_any_case_and_type_are_taken() {
        let input =
            format!("content-length: {}\r\nContent-Type: application/vscode-jsonrpc\r\n\r\n{OK}", OK.len());
        assert_eq!(pumped(&input).await, frame(OK));
    }

    #[tokio::test]
    async fn exit_ends_an_input_that_stays_open() {
        let (mut client, server) = tokio::io::duplex(1 << 10);
        client.write_all(frame(EXIT).as_bytes()).await.unwrap();
        let mut output = Vec::new();
        pump(server, &mut output).await;
        assert_eq!(String::from_utf8(output).unwrap(), frame(EXIT));
    }
}
