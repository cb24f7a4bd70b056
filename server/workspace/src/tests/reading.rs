//! Reading, loading, packages and fixes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routewise_analysis::facts::FileFacts;
use routewise_analysis::finding::Safety;
use routewise_analysis::package::Package;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::rules::Catalogue;

use super::Fixture;
use crate::{Disk, Known, ReadError, Workers, Workspace, fix_all, load};

#[test]
fn a_workspace_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::Workspace>();
    shared::<Disk<&Workspace>>();
}

#[test]
fn text_is_read_without_its_byte_order_mark() {
    let fixture = Fixture::new(&[("a.ts", "\u{feff}let a")]);
    assert_eq!(fixture.open().read(&fixture.path("a.ts")).unwrap().text(), "let a");
}

#[test]
fn what_is_no_text_is_refused_with_the_reason() {
    let fixture = Fixture::new(&[("folder/", "")]);
    fixture.write_bytes("binary.ts", b"a\0b");
    fixture.write_bytes("latin.ts", b"caf\xe9");
    fixture.write_bytes("utf16.ts", b"\xff\xfel\0e\0t\0");
    fixture.write("large.ts", &" ".repeat(routewise_analysis::syntax::LARGEST_PARSED + 1));
    let workspace = fixture.open();
    let read = |name: &str| workspace.read(&fixture.path(name)).unwrap_err();
    assert!(matches!(read("none.ts"), ReadError::Missing));
    assert!(matches!(read("folder"), ReadError::NotAFile));
    assert!(matches!(read("binary.ts"), ReadError::Binary));
    assert!(matches!(read("latin.ts"), ReadError::NotUtf8));
    assert!(matches!(read("utf16.ts"), ReadError::NotUtf8));
    assert!(matches!(read("large.ts"), ReadError::TooLarge { .. }));
}

#[test]
fn a_zero_byte_in_a_string_far_down_is_part_of_the_text() {
    let text = format!("{}const NONE = '^\0';\nexport const LAST = 1;\n", "// a line\n".repeat(1_000));
    let fixture = Fixture::new(&[("keys.ts", &text)]);
    let document = fixture.open().read(&fixture.path("keys.ts")).unwrap();
    assert_eq!(document.text(), text);
    // The grammar knows no such character: it costs the statement that holds it, and no other.
    assert!(document.facts(&Catalogue::builtin()).export("LAST").is_some());
}

#[test]
fn every_file_is_loaded_once_and_what_cannot_be_read_is_told() {
    let fixture = Fixture::new(&[("package.json", "{}")]);
    for number in 0..100 {
        fixture.write(&format!("src/f{number:03}.ts"), "import './f000';\nexport const x = 1;");
    }
    fixture.write_bytes("src/latin.ts", b"caf\xe9");
    let workspace = fixture.open();
    for threads in [Some(1), Some(3), None] {
        let done = AtomicUsize::new(0);
        let mut seen = BTreeMap::new();
        let problems = load(
            &workspace,
            &Known::new(Catalogue::builtin()),
            &Workers::new(threads),
            &|now, all| {
                assert_eq!(all, 101);
                done.store(now, Ordering::Relaxed);
            },
            &|| false,
            &mut |batch| seen.extend(batch.into_iter().map(|input| (input.path.clone(), input))),
        );
        assert_eq!(seen.len(), 100);
        assert_eq!(done.load(Ordering::Relaxed), 101);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].message, "Not read: this is not UTF-8; save it as UTF-8.");
        assert!(seen.values().all(|input| input.resolutions.len() == input.facts.specifiers.len()));
    }
}

#[test]
fn a_file_that_is_still_the_same_is_not_read_again_and_one_that_is_not_is() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("same.ts", "import './other';"),
        ("other.ts", "export const a = 1;"),
        ("gone.ts", ""),
    ]);
    let known = Known::new(Catalogue::builtin());
    let read = || {
        let mut seen = BTreeMap::new();
        load(&fixture.open(), &known, &Workers::new(Some(2)), &|_, _| {}, &|| false, &mut |batch| {
            seen.extend(batch.into_iter().map(|input| (input.path.file_name().to_owned(), input)));
        });
        seen
    };
    let before = read();
    fixture.write("other.ts", "export const b = 1;");
    std::fs::remove_file(fixture.path("gone.ts").as_str()).unwrap();
    let after = read();
    assert_eq!(after.keys().collect::<Vec<_>>(), ["other.ts", "same.ts"]);
    assert!(Arc::ptr_eq(&before["same.ts"].facts, &after["same.ts"].facts));
    assert_eq!(before["same.ts"].resolutions, after["same.ts"].resolutions);
    assert!(after["other.ts"].facts.export("b").is_some());
    assert!(after["other.ts"].facts.export("a").is_none());

    known.retain(|path| path.file_name() == "other.ts");
    assert!(!Arc::ptr_eq(&after["same.ts"].facts, &read()["same.ts"].facts));
}

#[test]
fn what_another_process_has_read_is_taken_where_the_text_is_the_same() {
    let route = "export const GET = () => { new WebSocket('ws://a'); };";
    let fixture = Fixture::new(&[("package.json", "{}"), ("same.ts", route), ("other.ts", route)]);
    // Told apart from what is read anew by what only the one can have found.
    let (nothing, _) = Catalogue::of([]);
    let read = |known: &Known| {
        let mut seen = BTreeMap::new();
        load(&fixture.open(), known, &Workers::new(Some(2)), &|_, _| {}, &|| false, &mut |batch| {
            seen.extend(batch.into_iter().map(|input| (input.path.file_name().to_owned(), input.facts)));
        });
        seen
    };
    let matches = |facts: &FileFacts| facts.chunks.iter().map(|it| it.facts.matches.len()).sum::<usize>();
    let before = Known::new(nothing);
    let without = read(&before);
    let kept = before.written(Vec::new()).unwrap();
    let plain = read(&Known::new(Catalogue::builtin()));
    assert_ne!(matches(&plain["same.ts"]), 0);

    let known = Known::of_kept(Catalogue::builtin(), kept.clone());
    let first = read(&known);
    assert_eq!(matches(&first["same.ts"]), 0);
    assert_eq!(
        format!("{:?}", first["same.ts"].chunks[0].facts.calls),
        format!("{:?}", without["same.ts"].chunks[0].facts.calls)
    );
    assert!(first["same.ts"].export("GET").is_some());
    assert_eq!(known.written(Vec::new()), None, "all that is kept already");

    fixture.write("other.ts", &format!("{route}\n"));
    let known = Known::of_kept(Catalogue::builtin(), kept);
    let second = read(&known);
    assert_eq!((matches(&second["same.ts"]), matches(&second["other.ts"])), (0, matches(&plain["same.ts"])));
    assert!(known.written(Vec::new()).is_some());
}

#[test]
fn loading_ends_when_it_is_cancelled() {
    let fixture = Fixture::new(&[("package.json", "{}")]);
    for number in 0..200 {
        fixture.write(&format!("f{number}.ts"), "");
    }
    let workspace = fixture.open();
    let asked = AtomicUsize::new(0);
    let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= 40;
    let mut loaded = 0;
    load(
        &workspace,
        &Known::new(Catalogue::builtin()),
        &Workers::new(Some(1)),
        &|_, _| {},
        &cancelled,
        &mut |batch| {
            loaded += batch.len();
        },
    );
    assert_eq!(loaded, 40);
}

#[test]
fn the_disk_gives_documents_and_none_for_what_is_not_there() {
    let fixture = Fixture::new(&[("a.ts", "let a")]);
    let workspace = fixture.open();
    let disk = Disk::new(&workspace);
    assert_eq!(disk.document(&fixture.path("a.ts")).unwrap().text(), "let a");
    assert!(disk.document(&fixture.path("b.ts")).is_none());
}

#[test]
fn a_package_says_what_its_folder_holds() {
    let fixture = Fixture::new(&[
        (
            "package.json",
            r#"{"name":"web","type":"module","dependencies":{"pg":"^8.11.0"},"devDependencies":{"vitest":"3"},
                "peerDependencies":{"react":"*"},"optionalDependencies":{"fsevents":"2"}}"#,
        ),
        ("tsconfig.json", "{}"),
        (
            "prisma/schema.prisma",
            "generator c {\n provider = \"prisma-client\"\n output = \"../src/generated\"\n}",
        ),
        (
            "prisma/models/extra.prisma",
            "generator d {\n provider = \"prisma-client-js\"\n output = \"./out\"\n}",
        ),
        ("sub/a.ts", ""),
    ]);
    let package = fixture.open().package_of(&fixture.path("sub/a.ts"));
    assert_eq!(package.root, Some(fixture.root()));
    assert_eq!(package.name.as_deref(), Some("web"));
    assert!(package.es_modules && package.typescript);
    assert_eq!(package.dependencies.iter().collect::<Vec<_>>(), ["fsevents", "pg", "react", "vitest"]);
    assert_eq!(package.major("pg"), Some(8));
    assert_eq!(package.next, None);
    assert_eq!(package.prisma_outputs, [fixture.path("prisma/models/out"), fixture.path("src/generated")]);
}

#[test]
fn a_file_that_no_package_holds_has_an_empty_one() {
    let fixture = Fixture::new(&[("a.ts", "")]);
    assert_eq!(*fixture.open().package_of(&fixture.path("a.ts")), Package::default());
}

#[test]
fn one_package_is_shared_by_its_files() {
    let fixture = Fixture::new(&[("package.json", "{}"), ("a/b/c.ts", ""), ("web/package.json", "{}")]);
    let workspace = fixture.open();
    let package = |file: &str| workspace.package_of(&fixture.path(file));
    assert!(std::sync::Arc::ptr_eq(&package("x.ts"), &package("a/b/c.ts")));
    assert!(!std::sync::Arc::ptr_eq(&package("x.ts"), &package("web/x.ts")));
}

/// All files of a workspace.
fn read(workspace: &Workspace) -> Project {
    let mut project = Project::new(Catalogue::builtin());
    let known = Known::new(Catalogue::builtin());
    load(workspace, &known, &Workers::behind(None), &|_, _| {}, &|| false, &mut |batch| {
        for input in batch {
            project.insert(input);
        }
    });
    project
}

#[test]
fn nothing_is_fixed_where_nothing_is_wrong() {
    let fixture = Fixture::new(&[("package.json", "{}"), ("a.ts", "export const a = 1;\n")]);
    let workspace = fixture.open();
    let mut project = read(&workspace);
    let request = fix_all::Request {
        files: None,
        others: true,
        safety: Safety::Unsafe,
        wanted: &|_| true,
        cancelled: &|| false,
    };
    let outcome = fix_all::run(&workspace, &mut project, &Disk::new(&workspace), &request);
    assert_eq!(outcome, fix_all::Outcome { stable: true, ..fix_all::Outcome::default() });
}

#[test]
fn fixing_goes_on_until_nothing_is_left_and_leaves_the_disk_as_it_was() {
    let route = "import { PrismaClient } from '@prisma/client';\n\nexport async function GET() {\n  \
                 const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}\n";
    let fixture = Fixture::new(&[
        ("package.json", r#"{"dependencies":{"next":"16.0.0","@prisma/client":"6.0.0"}}"#),
        ("vercel.json", "{}"),
        ("app/api/a/route.ts", route),
        ("app/api/b/route.ts", route),
    ]);
    let workspace = fixture.open();
    let mut project = read(&workspace);
    project.set_complete(true);
    let disk = Disk::new(&workspace);
    let mut request = fix_all::Request {
        others: true,
        files: None,
        safety: Safety::Safe,
        wanted: &|finding| &*finding.rule == "clients/prisma-client-per-request",
        cancelled: &|| false,
    };
    let untouched = fix_all::run(&workspace, &mut project, &disk, &request);
    assert_eq!(untouched, fix_all::Outcome { stable: true, ..fix_all::Outcome::default() });

    request.safety = Safety::Unsafe;
    let outcome = fix_all::run(&workspace, &mut project, &disk, &request);
    let changed: Vec<_> = outcome.files.keys().cloned().collect();
    assert_eq!(fixture.names(&changed), ["app/api/a/route.ts", "app/api/b/route.ts", "lib/prisma.ts"]);
    assert_eq!(outcome.created, [fixture.path("lib/prisma.ts")].into());
    assert_eq!(outcome.applied, [("clients/prisma-client-per-request".to_owned(), 2)].into());
    assert_eq!((outcome.rounds, outcome.stable, outcome.count()), (1, true, 2));
    for route in ["app/api/a/route.ts", "app/api/b/route.ts"] {
        let text = &outcome.files[&fixture.path(route)];
        assert!(text.starts_with("import { prisma } from '../../../lib/prisma';\n"), "{text}");
        assert_eq!(project.findings(&fixture.path(route)), []);
    }
    assert_eq!(workspace.read(&fixture.path("app/api/a/route.ts")).unwrap().text(), route);
    assert!(!fixture.disk("lib").exists());
}
