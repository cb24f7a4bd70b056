//! The files of an app from its skeleton: `tests/tools/skeleton.cjs` writes down which files an app has, what they
//! export and the options of its routes; here they become files again, with nothing in them but that.

use std::fmt::Write as _;

use super::case::Files;

/// The files that a skeleton tells of.
pub fn files(skeleton: &str) -> Files {
    skeleton.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let path = words.next()?;
    let words: Vec<&str> = words.collect();
    let options: Vec<(&str, &str)> = words.iter().filter_map(|word| word.split_once('=')).collect();
    let names: Vec<&str> = words.iter().copied().filter(|word| !word.contains('=')).collect();
    let stem = path.rsplit('/').next()?.split('.').next()?;
    let in_app = path.starts_with("app/") || path.starts_with("src/app/");
    let text = match stem {
        "middleware" | "proxy" if !in_app => guard(&options),
        "_document" => return None,
        _ if in_app => of_app(stem, &names, &options),
        _ if path.contains("pages/api/") || path.contains("pages/api.") => api(&names, &options),
        _ => page(stem).to_owned(),
    };
    Some((path.to_owned(), text))
}

fn guard(options: &[(&str, &str)]) -> String {
    let mut out = "import { NextResponse } from \"next/server\";\n\nexport default function guard() {\n  return NextResponse.next();\n}\n".to_owned();
    config(options, &mut out);
    out
}

/// `export const config`, where there is something in it.
fn config(options: &[(&str, &str)], out: &mut String) {
    let entries: Vec<String> = options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !entries.is_empty() {
        let _ = writeln!(out, "\nexport const config = {{ {} }};", entries.join(", "));
    }
}

fn of_app(stem: &str, names: &[&str], options: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    if stem != "layout" {
        let mut options = options.to_vec();
        // Nothing is rendered while it is built.
        if stem != "route" && stem != "default" && options.iter().all(|(name, _)| *name != "dynamic") {
            options.push(("dynamic", "\"force-dynamic\""));
        }
        lines.extend(options.iter().map(|(name, value)| format!("export const {name} = {value};\n")));
    }
    lines.extend(names.iter().map(|name| match *name {
        "default" => of_app_default(stem),
        "generateImageMetadata" => {
            "export const generateImageMetadata = () => [{ id: \"one\" }];\n".to_owned()
        }
        "generateSitemaps" => "export const generateSitemaps = () => [{ id: 0 }];\n".to_owned(),
        method => format!("export const {method} = () => Response.json({{}});\n"),
    }));
    lines.concat()
}

fn of_app_default(stem: &str) -> String {
    let body = match stem {
        "layout" => {
            return "export default function Layout({ children }) {\n  return children;\n}\n".to_owned();
        }
        "sitemap" => "[]",
        "robots" => "{ rules: [] }",
        "manifest" => "{ name: \"app\" }",
        "page" | "default" => "null",
        _ => "new Response(\"\")",
    };
    format!("export default function Default() {{\n  return {body};\n}}\n")
}

fn api(names: &[&str], options: &[(&str, &str)]) -> String {
    if !names.contains(&"default") {
        return "export const helper = 1;\n".to_owned();
    }
    let edge = options.iter().any(|(name, value)| *name == "runtime" && value.contains("edge"));
    let mut out = if edge {
        "export default function handler() {\n  return new Response(\"\");\n}\n".to_owned()
    } else {
        "export default function handler(req, res) {\n  res.status(200).json({});\n}\n".to_owned()
    };
    config(options, &mut out);
    out
}

fn page(stem: &str) -> &'static str {
    match stem {
        "_app" => {
            "export default function App({ Component, pageProps }) {\n  return <Component {...pageProps} />;\n}\n"
        }
        "_error" | "404" | "500" => "export default function Page() {\n  return null;\n}\n",
        _ => {
            "export const getServerSideProps = () => ({ props: {} });\n\nexport default function Page() {\n  return null;\n}\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_a_file_with_its_exports_and_options() {
        let made = files("app/api/a/route.ts GET maxDuration=30\nproxy.ts proxy matcher=[\"/api/:path*\"]\n");
        assert_eq!(
            made["app/api/a/route.ts"],
            "export const maxDuration = 30;\nexport const GET = () => Response.json({});\n"
        );
        assert!(made["proxy.ts"].ends_with("export const config = { matcher: [\"/api/:path*\"] };\n"));
    }
}
