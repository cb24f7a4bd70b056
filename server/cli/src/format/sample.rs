//! A report with one finding of everything, for the tests of the formats.

use std::io::{self, Write};
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::{Edit, Finding, Fix, Related, Safety, Severity};
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::Span;

use crate::report::{Item, Report};

/// Two lines, with a tab, wide characters and Windows line ends.
pub(super) const TEXT: &str =
    "import { PrismaClient } from '@prisma/client'\r\n\tconst 日本 = new PrismaClient()\r\n";

/// One error with a related place in another file, a safe fix, and an unsafe one that makes a file.
pub(super) fn report() -> Report {
    let route = FilePath::new("/srv/app/api/[id]/route.ts");
    let lib = FilePath::new("/srv/lib/db.ts");
    let made = FilePath::new("/srv/lib/prisma.ts");
    let start = TEXT.find("new").unwrap_or_default() as u32;
    let span = Span::new(start, start + 18);
    let finding = Finding {
        rule: "clients/prisma-client-per-request".into(),
        severity: Severity::Error,
        path: route.clone(),
        span,
        message: "A new client for each request.\n100% sure: move it, now.".to_owned(),
        related: vec![Related {
            path: lib.clone(),
            span: Span::new(7, 9),
            message: "called here".to_owned(),
        }],
        unnecessary: false,
    };
    let edit = |path: &FilePath, span, new_text: &str, create| Edit {
        path: path.clone(),
        span,
        new_text: new_text.to_owned(),
        create,
        rename: None,
    };
    let safe = Fix {
        title: "Move the client out".to_owned(),
        safety: Safety::Safe,
        preferred: true,
        edits: vec![edit(&route, span, "client()", false)],
    };
    let unsafe_ = Fix {
        title: "Make lib/prisma.ts".to_owned(),
        safety: Safety::Unsafe,
        preferred: false,
        edits: vec![edit(&route, span, "prisma", false), edit(&made, Span::at(0), "export {}\n", true)],
    };
    let documents = [(route, TEXT), (lib, "export db\n")]
        .map(|(path, text)| (path.clone(), Arc::new(Document::new(path, 0, text.to_owned()))));
    Report {
        items: vec![Item { finding, fixes: vec![safe, unsafe_] }],
        documents: documents.into(),
        catalogue: Catalogue::builtin(),
        folder: FilePath::new("/srv"),
        files: 41,
        targets: vec!["Vercel, from vercel.json".to_owned()],
    }
}

/// What a format prints of [`report`].
pub(super) fn printed(print: impl Fn(&Report, &mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    print(&report(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
