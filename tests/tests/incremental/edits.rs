//! Random edits, as editors send them, and the files they start from.

use proptest::prelude::*;
use routewise_analysis::document::Change;
use routewise_analysis::path::FilePath;
use routewise_analysis::text::{Encoding, Position};
pub(crate) use routewise_tests::random::check;
use routewise_tests::text;

/// Route files that look real, by path.
pub(crate) const SHOP: &[(&str, &str)] = &[
    ("/shop/app/api/orders/route.ts", include_str!("../../fixtures/shop/app/api/orders/route.ts")),
    ("/shop/app/api/orders/[id]/route.ts", include_str!("../../fixtures/shop/app/api/orders/[id]/route.ts")),
    ("/shop/app/api/report/route.ts", include_str!("../../fixtures/shop/app/api/report/route.ts")),
    ("/shop/app/api/events/route.ts", include_str!("../../fixtures/shop/app/api/events/route.ts")),
    ("/shop/lib/prisma.ts", include_str!("../../fixtures/shop/lib/prisma.ts")),
    ("/shop/lib/report.ts", include_str!("../../fixtures/shop/lib/report.ts")),
    ("/shop/lib/auth.ts", include_str!("../../fixtures/shop/lib/auth.ts")),
    ("/shop/lib/audit.ts", include_str!("../../fixtures/shop/lib/audit.ts")),
    ("/shop/pages/api/legacy.ts", include_str!("../../fixtures/shop/pages/api/legacy.ts")),
    ("/shop/server/index.js", include_str!("../../fixtures/shop/server/index.js")),
];

/// What people type, paste and delete; and what breaks careless code.
const SNIPPETS: &[&str] = &[
    "",
    "",
    "",
    "a",
    "x1",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    ";",
    "(",
    ")",
    "{",
    "}",
    "'",
    "`",
    "\"",
    "/*",
    "*/",
    "//",
    "é",
    "😀",
    "日本",
    "\u{2028}",
    "\u{301}",
    "=>",
    "await ",
    "async ",
    "return ",
    "export ",
    "const client = new PrismaClient();\n",
    "import { PrismaClient } from '@prisma/client';\n",
    "export async function PUT(request: Request) {\r\n  return Response.json(await request.json());\r\n}\r\n",
    "  await audit('更新', id);\n",
    "export const dynamic = 'force-static';\n",
    "// routewise-disable-next-line\n",
    "function helper() {\n  return new Pool();\n}\n",
    "if (true) {\n}\n",
    "`${a}`",
];

/// Where an edit starts, how much it removes, what it puts there, and how the position is spoilt.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    at: u32,
    remove: u32,
    insert: &'static str,
    spoil: Spoil,
}

#[derive(Clone, Copy, Debug)]
enum Spoil {
    /// Exact.
    No,
    /// The end names a character far past the end of its line.
    EndPastLine,
    /// The end names a line far past the last.
    EndPastText,
    /// The whole text is sent again.
    Whole,
}

/// Batches of edits: each batch is one `didChange`.
pub(crate) fn batches() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let spoil = prop_oneof![
        12 => Just(Spoil::No),
        1 => Just(Spoil::EndPastLine),
        1 => Just(Spoil::EndPastText),
        1 => Just(Spoil::Whole),
    ];
    let remove = prop_oneof![4 => Just(0u32), 4 => 1u32..4, 2 => 4u32..40, 1 => 40u32..400];
    let edit = (any::<u32>(), remove, prop::sample::select(SNIPPETS), spoil)
        .prop_map(|(at, remove, insert, spoil)| Edit { at, remove, insert, spoil });
    prop::collection::vec(prop::collection::vec(edit, 1..4), 1..12)
}

/// One of the encodings.
pub(crate) fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(vec![Encoding::Utf8, Encoding::Utf16, Encoding::Utf32])
}

/// A path and a text to start from: a file of the shop, with its line ends as they are, as CRLF, as lone
/// CR, or mixed.
pub(crate) fn files() -> impl Strategy<Value = (FilePath, String)> {
    let ends = prop::sample::select(vec![vec!["\n"], vec!["\r\n"], vec!["\r"], vec!["\n", "\r\n", "\r"]]);
    (prop::sample::select(SHOP), ends).prop_map(|((path, text), ends)| {
        let lines = text.split('\n').zip(ends.iter().cycle());
        let mut text: String = lines.flat_map(|(line, end)| [line, *end]).collect();
        text.truncate(text.trim_end().len());
        text.push('\n');
        (FilePath::new(path), text)
    })
}

/// The name `routewise_tests::text` has for an encoding.
pub(crate) fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Utf32 => "utf-32",
    }
}

/// Makes a batch of edits into what the client would send, and applies it to `model`, the client's text.
pub(crate) fn apply(model: &mut String, batch: &[Edit], encoding: Encoding) -> Vec<Change> {
    batch.iter().map(|edit| apply_one(model, edit, encoding)).collect()
}

fn apply_one(model: &mut String, edit: &Edit, encoding: Encoding) -> Change {
    let start = boundary(model, edit.at as usize % (model.len() + 1));
    let mut end = boundary(model, (start + edit.remove as usize).min(model.len()));
    let at = |offset: usize| {
        let (line, character) = text::position(model, offset, name(encoding));
        Position { line: line as u32, character: character as u32 }
    };
    let (from, mut to) = (at(start), at(end));
    match edit.spoil {
        Spoil::No => {}
        Spoil::EndPastLine => {
            to.character += 100_000;
            end = content_end(model, to.line as usize);
        }
        Spoil::EndPastText => {
            to.line += 100_000;
            end = model.len();
        }
        Spoil::Whole => {
            model.replace_range(start..end, edit.insert);
            return Change { range: None, text: model.clone() };
        }
    }
    model.replace_range(start..end, edit.insert);
    Change { range: Some((from, to)), text: edit.insert.to_owned() }
}

/// The start of the character at `offset`; never between `\r` and `\n`, where no position points.
fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let bytes = text.as_bytes();
    if offset > 0 && bytes[offset - 1] == b'\r' && bytes.get(offset) == Some(&b'\n') {
        offset -= 1;
    }
    offset
}

fn content_end(text: &str, line: usize) -> usize {
    let starts = text::line_starts(text);
    let end = starts.get(line + 1).copied().unwrap_or(text.len());
    starts[line] + text[starts[line]..end].trim_end_matches(['\n', '\r']).len()
}
