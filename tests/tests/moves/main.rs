//! A route moves, for real: the app, and the service that `routewise move` made of it, are installed from the registry,
//! type-checked, built and started, and are asked the same as the app was before.
//!
//! `tests/tools/ask.mjs` and `send.mjs` ask. Needs Node.js and npm; `ROUTEWISE_SKIP_NEXT=1` leaves all of it out.
#![expect(clippy::print_stdout, reason = "a test that was left out says so")]

mod handlers;
mod shop;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use std::collections::BTreeMap;

use shop::{Shop, comparable, parsed, skipped};

/// What the routes answer at one port, and the WebSocket server at an address.
fn ask(shop: &Shop, port: u16, socket: &str, io: u16) -> BTreeMap<String, Value> {
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/ask.mjs"));
    node.args([&format!("http://127.0.0.1:{port}"), &format!("ws://127.0.0.1:{socket}")])
        .arg(&shop.tools)
        .arg(format!("http://127.0.0.1:{io}"));
    parsed(node)
}

#[test]
fn moved_routes_answer_as_before_and_nothing_else_changes() {
    if skipped() {
        return;
    }
    let shop = Shop::new("workspace");
    let untouched = Shop::new("workspace");
    let files = shop.files();
    let chosen = [
        "/api/orders/[id]",
        "GET /api/files/[...path]",
        "/api/stream",
        "apps/web/app/api/events/route.ts",
        "/api/chat",
        "/api/notes/[id]",
        "/api/hook",
        "/api/io",
    ];
    for route in chosen {
        shop.moves(route, "service");
    }
    let after = shop.files();
    shop.install(&["apps/web", "apps/api"]);

    let made: Vec<&str> =
        after.keys().filter(|path| !files.contains_key(*path)).map(String::as_str).collect();
    assert_eq!(
        made,
        [
            "apps/api/.env.example",
            "apps/api/.gitignore",
            "apps/api/package.json",
            "apps/api/src/app.ts",
            "apps/api/src/mount.ts",
            "apps/api/src/pages.ts",
            "apps/api/src/routes.ts",
            "apps/api/src/routes/api/chat/route.ts",
            "apps/api/src/routes/api/events/route.ts",
            "apps/api/src/routes/api/files/[...path]/route.ts",
            "apps/api/src/routes/api/hook.ts",
            "apps/api/src/routes/api/io.ts",
            "apps/api/src/routes/api/notes/[id].ts",
            "apps/api/src/routes/api/orders/[id]/route.ts",
            "apps/api/src/routes/api/stream/route.ts",
            "apps/api/src/server.ts",
            "apps/api/src/sockets.ts",
            "apps/api/tsconfig.json",
            "apps/web/lib/api-service-pages.ts",
            "apps/web/lib/api-service.ts",
        ]
    );
    let changed: BTreeSet<&str> = files
        .iter()
        .filter(|(path, text)| after.get(*path) != Some(text))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        changed,
        BTreeSet::from([
            "apps/web/.env.example",
            "apps/web/app/api/chat/route.ts",
            "apps/web/app/api/events/route.ts",
            "apps/web/app/api/files/[...path]/route.ts",
            "apps/web/app/api/orders/[id]/route.ts",
            "apps/web/app/api/stream/route.ts",
            "apps/web/pages/api/hook.ts",
            "apps/web/pages/api/io.ts",
            "apps/web/pages/api/notes/[id].ts",
        ])
    );

    untouched.build("apps/web");
    let (app, port) = untouched.start("apps/web", None);
    let before = ask(&untouched, port, &untouched.chat.to_string(), port);
    drop(app);

    shop.check_types("apps/api");
    shop.build("apps/web");
    let (_service, service) = shop.start_service("apps/api");
    let (_app, port) = shop.start("apps/web", Some(service));
    let socket = format!("{service}/api/chat");
    let through = ask(&shop, port, &socket, service);
    assert_eq!(before.len(), 26);
    for (name, expected) in &before {
        assert_eq!(comparable(&through[name]), comparable(expected), "{name}, through Next.js");
    }
    // What a client gets that asks the service itself.
    for (name, answer) in ask(&shop, service, &socket, service) {
        assert_eq!(comparable(&answer), comparable(&before[&name]), "{name}, straight");
    }
}

/// What the requests of a fixture are answered at a port.
fn send(shop: &Shop, port: u16) -> BTreeMap<String, Value> {
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/send.mjs"));
    node.arg(format!("http://127.0.0.1:{port}")).arg(shop.path("requests.json"));
    parsed(node)
}

#[test]
fn routes_in_javascript_below_a_base_path_answer_as_before() {
    if skipped() {
        return;
    }
    let shop = Shop::new("plain");
    let untouched = Shop::new("plain");
    for route in ["/desk/api/items/[id]", "pages/api/notes.js"] {
        shop.moves(route, "service");
    }
    let moved = shop.files();
    assert!(moved.contains_key("services/api/src/routes/api/items/[id]/route.js"));
    let notes = String::from_utf8(moved["services/api/src/routes/api/notes.js"].clone()).expect("UTF-8");
    assert!(
        notes.starts_with("export const limits = { length: 10 }\n"),
        "what it exports goes along: {notes}"
    );
    shop.install(&[".", "services/api"]);
    untouched.build(".");
    let (app, port) = untouched.start(".", None);
    let before = send(&untouched, port);
    drop(app);
    shop.build(".");
    shop.check_types("services/api");
    let (_service, service) = shop.start_service("services/api");
    let (_app, port) = shop.start(".", Some(service));
    let through = send(&shop, port);
    assert_eq!(before.len(), 8);
    for (name, expected) in &before {
        assert_eq!(comparable(&through[name]), comparable(expected), "{name}");
    }
}
