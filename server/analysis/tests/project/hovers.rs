//! What a hover says about names that decide where code can run.

use routewise_analysis::path::FilePath;
use routewise_analysis::tables::topics;

use crate::support::project;

/// The hover at the last place of `word` in a route handler's file.
fn hover(path: &str, text: &str, word: &str) -> Option<String> {
    let project = project(&[(path, text)]);
    let at = text.rfind(word).expect("the word stands in the text") as u32;
    project.hover(&FilePath::new(&format!("/p/{path}")), at).map(|hover| hover.markdown)
}

#[test]
fn every_topic_is_told_where_its_name_is_called() {
    for topic in topics() {
        for name in &topic.on {
            let (module, export) = name.split_once('#').expect("a module and an export");
            let (import, callee) = match (module, export) {
                ("", global) => (String::new(), global.to_owned()),
                (module, "") => (format!("const lib = require('{module}')"), "lib".to_owned()),
                (module, export) => {
                    let (first, rest) = export
                        .split_once('.')
                        .map_or((export, String::new()), |(first, rest)| (first, format!(".{rest}")));
                    (format!("import {{ {first} as lib }} from '{module}'"), format!("lib{rest}"))
                }
            };
            let text = format!("{import}\nexport async function POST() {{ return {callee}(1) }}\n");
            let found = hover("app/api/a/route.ts", &text, &format!("{callee}(1)"));
            let told = found.as_deref().is_some_and(|text| text.contains(&*topic.what));
            assert!(told, "{name}: {found:?}");
        }
    }
}

#[test]
fn a_type_is_told_of_at_its_import_and_behind_the_name_it_types() {
    let text =
        "import type { NextApiRequest as Req } from 'next'\nexport default function handler(req: Req) {}\n";
    for word in ["Req }", "Req)", "req:"] {
        let found = hover("pages/api/a.ts", text, word).expect("a hover");
        assert!(found.starts_with("**Pages Router request and response**"), "{word}: {found}");
    }
}

#[test]
fn a_name_of_the_project_is_not_the_platforms() {
    let text = "const setInterval = (f) => f\nexport const a = setInterval(1)\n";
    assert_eq!(hover("lib/a.ts", text, "setInterval(1)"), None);
}

#[test]
fn config_of_a_proxy_lists_the_routes_that_its_matcher_covers() {
    let handler = "export const GET = () => new Response()\n";
    let project = project(&[
        (
            "proxy.ts",
            "export function proxy() {}\nexport const config = { matcher: ['/((?!api).*)', '/api/admin/:path*'] }\n",
        ),
        ("app/api/admin/[id]/route.ts", handler),
        ("app/api/users/route.ts", handler),
        ("app/page.tsx", "export default function Page() {}\n"),
    ]);
    let hover = project.hover(&FilePath::new("/p/proxy.ts"), 40).expect("a hover");
    assert!(hover.markdown.starts_with("The proxy runs for 2 of the 3 routes"), "{}", hover.markdown);
    assert!(hover.markdown.contains("**Runs**: `/`, `/api/admin/[id]`\n"), "{}", hover.markdown);
    assert!(hover.markdown.contains("**Does not run**: `/api/users`\n"), "{}", hover.markdown);
    // At its function too.
    let hover = project.hover(&FilePath::new("/p/proxy.ts"), 17).expect("a hover").markdown;
    assert!(
        hover.contains("- Runtime: Node.js") && hover.contains("**Does not run**: `/api/users`\n"),
        "{hover}"
    );
}

#[test]
fn config_of_an_api_route_tells_what_it_decides() {
    let text = "export const config = { api: { bodyParser: false } }\nexport default function handler() {}\n";
    let found = hover("pages/api/a.ts", text, "config").expect("a hover");
    assert!(found.contains("`api.bodyParser`: off here") && found.contains("- `maxDuration`"), "{found}");
}
