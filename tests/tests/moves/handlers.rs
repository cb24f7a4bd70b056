//! API routes of the Pages Router become Route Handlers, and the same requests get the same answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::send;
use crate::shop::{Shop, comparable, skipped};

/// `Internal Server Error`, which the Pages Router says of a failure that nobody caught.
const FAILED: &str = "SW50ZXJuYWwgU2VydmVyIEVycm9y";

/// An answer without what may differ: a header that comes several times is the same as a list in one, a JSON text is
/// UTF-8 whether that is said or not, a text without a type of its own has the one that it looks like, a failure that
/// nobody caught is told by its status alone, and where a redirect leads by its header.
fn alike(answer: &Value, before: &Value) -> Value {
    let mut answer = comparable(answer);
    let leads = answer["headers"].as_array().expect("headers").iter().any(|pair| pair[0] == "location");
    if answer["body"] == FAILED || leads {
        answer["body"] = "".into();
    }
    let typed = before["headers"].as_array().expect("headers").iter().any(|pair| pair[0] == "content-type");
    let headers = answer["headers"].as_array_mut().expect("headers");
    let looks = ["text/plain;charset=UTF-8", "text/html; charset=utf-8"];
    // No words, no type of them.
    headers.retain(|pair| !leads || pair[0] != "content-type");
    headers.retain(|pair| typed || pair[0] != "content-type" || !looks.iter().any(|it| pair[1] == *it));
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in headers.iter_mut() {
        if pair[1] == "application/json; charset=utf-8" {
            pair[1] = "application/json".into();
        }
        let text = |number: usize| pair[number].as_str().expect("a text");
        if text(0) == "allow" {
            lists.entry(text(0).to_owned()).or_default().extend(text(1).split(", ").map(str::to_owned));
        }
    }
    headers.retain(|pair| pair[0] != "allow");
    for (name, mut values) in lists {
        values.sort();
        headers.push(serde_json::json!([name, values.join(", ")]));
    }
    answer
}

#[test]
fn api_routes_answer_as_before_once_they_are_route_handlers() {
    if skipped() {
        return;
    }
    let shop = Shop::new("pages");
    let untouched = Shop::new("pages");
    let files = shop.files();
    let routes = [
        "/api/users/[id]",
        "/api/search",
        "/api/files/[...path]",
        "/api/hook",
        "/api/reports",
        "/api/legacy",
    ];
    for route in routes {
        shop.moves(route, "route-handler");
    }
    let after = shop.files();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<String>>();
    let made: Vec<String> = names(&after).difference(&names(&files)).cloned().collect();
    assert_eq!(
        made,
        [
            "app/api/files/[...path]/route.ts",
            "app/api/hook/route.ts",
            "app/api/legacy/route.js",
            "app/api/reports/route.ts",
            "app/api/search/route.ts",
            "app/api/users/[id]/route.ts",
            "lib/read-request.ts",
        ]
    );
    let gone: Vec<String> = names(&files).difference(&names(&after)).cloned().collect();
    assert_eq!(
        gone,
        [
            "pages/api/files/[...path].ts",
            "pages/api/hook.ts",
            "pages/api/legacy.js",
            "pages/api/reports/index.ts",
            "pages/api/search.ts",
            "pages/api/users/[id].ts",
        ]
    );
    let changed: Vec<&String> = after
        .iter()
        .filter(|(path, text)| files.get(*path).is_some_and(|old| old != *text))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["lib/errors.ts"], "it gives back what it sends, too");
    let old = &files["lib/errors.ts"];
    assert!(after["lib/errors.ts"].starts_with(old), "what was there stays");

    shop.install(&["."]);
    untouched.build(".");
    let (app, port) = untouched.start(".", None);
    let before = send(&untouched, port);
    drop(app);
    shop.build(".");
    shop.check_types(".");
    let (_app, port) = shop.start(".", None);
    let answers = send(&shop, port);
    assert_eq!(before.len(), 31);
    for (name, expected) in &before {
        assert_eq!(alike(&answers[name], expected), alike(expected, expected), "{name}");
    }
}

#[test]
fn routes_of_express_answer_as_before_once_they_are_route_handlers() {
    if skipped() {
        return;
    }
    let shop = Shop::new("both");
    let files = shop.files();
    let routes = ["GET /api/prices/:id", "/go/:where", "/banner", "DELETE /api/prices/:id", "/api/quotes"];
    shop.install(&["apps/web", "apps/server"]);
    let (server, port) = shop.start_service("apps/server");
    let before = send(&shop, port);
    drop(server);
    // One file of `app` serves a path, and another method of it is there already.
    let again = shop.refused(routes[3], "route-handler", &[routes[0]]);
    assert_eq!(
        again,
        "error: apps/web/app/api/prices/[id]/route.ts: This file serves the same URL already.\n"
    );
    for route in [routes[1], routes[2], routes[4]] {
        shop.moves(route, "route-handler");
    }
    let after = shop.files();
    let made: Vec<&str> =
        after.keys().filter(|path| !files.contains_key(*path)).map(String::as_str).collect();
    assert_eq!(
        made,
        [
            "apps/web/app/api/prices/[id]/route.ts",
            "apps/web/app/api/quotes/route.ts",
            "apps/web/app/banner/route.ts",
            "apps/web/app/go/[where]/route.ts",
            "apps/web/lib/read-request.ts",
        ]
    );
    let changed: Vec<&String> = after
        .iter()
        .filter(|(path, text)| files.get(*path).is_some_and(|old| old != *text))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["apps/server/src/server.ts"]);
    assert_eq!(after.len(), files.len() + made.len(), "nothing is gone");
    let server = String::from_utf8(after["apps/server/src/server.ts"].clone()).expect("UTF-8");
    assert_eq!(
        server,
        "import express from 'express'\n\nconst app = express()\n\napp.delete('/api/prices/:id', (_req, res) => {\n  \
         res.sendStatus(204)\n})\n\napp.use(express.json())\n\napp.get('/api/alive', (_req, res) => {\n  \
         res.type('text/plain').send('alive')\n})\n\nconst port = Number(process.env.PORT ?? 4000)\napp.listen(port, \
         () => console.log(`listens on port ${port}`))\n"
    );

    shop.check_types("apps/server");
    shop.build("apps/web");
    shop.check_types("apps/web");
    let (_app, port) = shop.start("apps/web", None);
    let answers = send(&shop, port);
    assert_eq!(before.len(), 10);
    for (name, expected) in &before {
        let mut expected = expected.clone();
        let headers = expected["headers"].as_array_mut().expect("headers");
        headers.retain(|pair| pair[0] != "x-powered-by");
        assert_eq!(alike(&answers[name], &expected), alike(&expected, &expected), "{name}");
    }
}
