//! The order of messages, and what one bad message may cost.
//!
//! The framework runs handlers concurrently and promises an order up to a handler's first suspension
//! only when it polls it. [`InOrder`] polls each handler once inside `call`, which the read loop enters
//! for one message after the other: all that a handler does before its first `.await` therefore happens
//! in the order of the wire, whatever the executor does later. Handlers keep the other half of the
//! bargain: every change of state and every snapshot comes before their first `.await`.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde_json::json;
use tower_service::Service;

use crate::handlers;
use crate::proto::{Error, Id, Request, Response};
use crate::session::Lifetime;
use crate::uri;

/// How deep in a message URIs are looked for: `params.items[].scopeUri`, `context.diagnostics[]
/// .relatedInformation[].location.uri`.
const URI_DEPTH: u8 = 7;

/// Polls each handler once, at once, and outlives a handler that panics.
pub(crate) struct InOrder<S> {
    inner: S,
    lifetime: Arc<Lifetime>,
}

impl<S> InOrder<S> {
    /// Wraps a service; `lifetime` learns the raw `initialize` and the coming of `exit`.
    pub(crate) fn new(inner: S, lifetime: Arc<Lifetime>) -> Self {
        Self { inner, lifetime }
    }

    /// Mends what the strict types behind the handlers would refuse.
    fn admit(&self, request: Request) -> Request {
        let (method, id, params) = request.into_parts();
        // It takes none, and some clients cannot help sending an empty object.
        let params = params.filter(|_| method != handlers::overview::METHOD);
        let wants = method == handlers::decision::METHOD;
        let params =
            params.filter(|params| !wants || params.is_object()).or_else(|| wants.then(|| json!({})));
        let params = params.map(|mut params| {
            if method == "initialize" {
                // The session reads the raw message; the typed one is left empty, so that no
                // unknown or misspelt capability can stop the start.
                self.lifetime.greet(&params);
                json!({ "capabilities": {} })
            } else {
                uri::repair(&mut params, URI_DEPTH);
                params
            }
        });
        let mut builder = Request::build(method);
        if let Some(params) = params {
            builder = builder.params(params);
        }
        if let Some(id) = id {
            builder = builder.id(id);
        }
        builder.finish()
    }
}

impl<S> Service<Request> for InOrder<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Unpin,
    S::Error: Unpin,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Started<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let request = self.admit(request);
        let exit = request.method() == "exit";
        let mut handler = Handler {
            id: request.id().cloned(),
            method: request.method().to_owned(),
            future: self.inner.call(request),
        };
        let first = handler.poll(&mut Context::from_waker(Waker::noop()));
        if exit {
            self.lifetime.end();
        }
        match first {
            Poll::Ready(answer) => Started::Done(Some(answer)),
            Poll::Pending => Started::Running(handler),
        }
    }
}

/// A handler that has been polled at least once.
pub(crate) enum Started<F, E> {
    /// It needed no second poll.
    Done(Option<Result<Option<Response>, E>>),
    /// It suspended.
    Running(Handler<F>),
}

impl<F, E> Future for Started<F, E>
where
    F: Future<Output = Result<Option<Response>, E>> + Unpin,
    E: Unpin,
{
    type Output = Result<Option<Response>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Started::Done(answer) => Poll::Ready(answer.take().unwrap_or(Ok(None))),
            Started::Running(handler) => handler.poll(context),
        }
    }
}

/// A handler's future with what is needed to answer in its place.
pub(crate) struct Handler<F> {
    id: Option<Id>,
    method: String,
    future: F,
}

impl<F> Handler<F> {
    fn poll<E>(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Response>, E>>
    where
        F: Future<Output = Result<Option<Response>, E>> + Unpin,
    {
        let future = Pin::new(&mut self.future);
        match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(poll) => poll,
            Err(panic) => {
                tracing::error!(method = self.method, "a handler panicked: {}", panic_text(&*panic));
                let answer = self.id.take().map(|id| Response::from_error(id, Error::internal_error()));
                Poll::Ready(Ok(answer))
            }
        }
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI32, Ordering};

    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::proto::{
        DidChangeTextDocumentParams, Hover, HoverContents, HoverParams, InitializeParams, InitializeResult,
        LanguageServer, LspService, MarkupContent, MarkupKind, Result as Answer, Server,
    };

    /// Keeps the newest version before its first suspension, and answers a hover with the version it saw
    /// after many more.
    #[derive(Default)]
    struct Versions {
        newest: AtomicI32,
        out_of_order: AtomicI32,
    }

    impl LanguageServer for Versions {
        async fn initialize(&self, _: InitializeParams) -> Answer<InitializeResult> {
            Ok(InitializeResult::default())
        }

        async fn shutdown(&self) -> Answer<()> {
            Ok(())
        }

        async fn did_change(&self, params: DidChangeTextDocumentParams) {
            let version = params.text_document.version;
            let before = self.newest.swap(version, Ordering::SeqCst);
            if before + 1 != version {
                self.out_of_order.fetch_add(1, Ordering::SeqCst);
            }
            for _ in 0..version % 7 {
                tokio::task::yield_now().await;
            }
        }

        async fn hover(&self, params: HoverParams) -> Answer<Option<Hover>> {
            let seen = self.newest.load(Ordering::SeqCst);
            let place = params.text_document_position_params.position.line;
            assert!(place != u32::MAX, "on purpose");
            for _ in 0..seen % 11 {
                tokio::task::yield_now().await;
            }
            let value = format!("{seen} {}", self.out_of_order.load(Ordering::SeqCst));
            let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::PlainText, value });
            Ok(Some(Hover { contents, range: None }))
        }
    }

    fn frame(message: &Value) -> Vec<u8> {
        let body = message.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn hover(id: i64, line: u32) -> Value {
        json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": {
            "textDocument": { "uri": "file:///a/[id].ts" }, "position": { "line": line, "character": 0 } } })
    }

    /// Sends all messages without waiting for an answer, then ends the input; returns every answer by its id.
    async fn converse(messages: Vec<Value>) -> std::collections::BTreeMap<i64, Value> {
        let (service, socket) = LspService::new(|_| Versions::default());
        let service = InOrder::new(service, Arc::default());
        let (client, server) = tokio::io::duplex(1 << 10);
        let (input, output) = tokio::io::split(server);
        let running = tokio::spawn(Server::new(input, output, socket).concurrency_level(4).serve(service));
        let (mut answers, mut requests) = tokio::io::split(client);
        let written = async {
            for message in &messages {
                requests.write_all(&frame(message)).await.unwrap();
            }
            requests.shutdown().await.unwrap();
        };
        let mut bytes = Vec::new();
        let ((), read) = tokio::join!(written, answers.read_to_end(&mut bytes));
        read.unwrap();
        running.await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.split("Content-Length: ")
            .filter_map(|part| part.split_once("\r\n\r\n"))
            .map(|(_, body)| serde_json::from_str::<Value>(body).unwrap())
            .map(|answer| (answer["id"].as_i64().unwrap(), answer))
            .collect()
    }

    fn conversation(middle: impl IntoIterator<Item = Value>) -> Vec<Value> {
        let mut messages = vec![
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": { "capabilities": 7 } }),
        ];
        messages.extend(middle);
        messages
    }

    #[tokio::test]
    async fn two_thousand_edits_arrive_in_order_and_every_hover_sees_the_edit_before_it() {
        let edits = (1..=2000).flat_map(|version| {
            let edit = json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
                "textDocument": { "uri": "file:///a/[id].ts", "version": version },
                "contentChanges": [{ "text": "x" }] } });
            let hover = (version % 5 == 0).then(|| hover(version, 0));
            [Some(edit), hover].into_iter().flatten()
        });
        let answers = converse(conversation(edits)).await;
        for id in (1..=2000).filter(|id| id % 5 == 0) {
            assert_eq!(answers[&id]["result"]["contents"]["value"], format!("{id} 0"));
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_costs_its_answer_only() {
        let answers = converse(conversation([hover(1, u32::MAX), hover(2, 0)])).await;
        assert_eq!(answers[&1]["error"]["code"], -32603);
        assert_eq!(answers[&2]["result"]["contents"]["value"], "0 0");
    }
}
