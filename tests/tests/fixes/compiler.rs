//! The TypeScript compiler, for many small programs in one run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::Files;

/// The compiler's version: its messages are compared, so it is a certain one.
const TYPESCRIPT: &str = "typescript@7.0.2";

/// Files that are compiled together, apart from all others.
pub(crate) struct Program {
    pub(crate) files: Files,
    /// Import alias and the folder that it stands for.
    pub(crate) alias: Option<(String, String)>,
}

/// Something the compiler says.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    /// File, line and column.
    pub(crate) place: String,
    /// Code and text, without what differs between programs.
    pub(crate) message: String,
}

/// What the compiler says of each program.
pub(crate) fn errors(programs: &[Program]) -> Vec<Vec<Error>> {
    let folder = tempfile::Builder::new().prefix("routewise-").tempdir().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("it exists");
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/types");
    let mut paths = BTreeMap::new();
    for (number, program) in programs.iter().enumerate() {
        // Programs share one configuration, so each has an alias of its own.
        let own = format!("@p{number}/");
        if let Some((_, target)) = &program.alias {
            paths.insert(format!("{own}*"), vec![format!("./p{number}/{target}*")]);
        }
        for (path, text) in &program.files {
            let mut text = text.clone();
            if let Some((alias, _)) = &program.alias {
                for quote in ['\'', '"'] {
                    text = text.replace(&format!("{quote}{alias}"), &format!("{quote}{own}"));
                }
            }
            let path = root.join(format!("p{number}")).join(path);
            std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
                .expect("folders are made");
            std::fs::write(path, text).expect("the file is written");
        }
    }
    let config = json!({
        "compilerOptions": {
            "allowImportingTsExtensions": true, "allowJs": true, "checkJs": false, "exactOptionalPropertyTypes": true,
            "isolatedModules": true, "jsx": "preserve", "lib": ["es2023", "dom", "dom.iterable"],
            "module": "esnext", "moduleResolution": "bundler", "noEmit": true, "noImplicitOverride": true,
            "noUncheckedIndexedAccess": true, "noUnusedLocals": true, "paths": paths, "strict": true,
            "target": "es2022", "types": [], "verbatimModuleSyntax": true
        },
        "include": ["**/*", format!("{}/*.d.ts", types.display())]
    });
    std::fs::write(root.join("tsconfig.json"), config.to_string()).expect("the file is written");
    let output = Command::new("node")
        .arg(compiler())
        .args(["--pretty", "false", "-p"])
        .arg(&root)
        .current_dir(&root)
        .output()
        .expect("node runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found: Vec<Vec<Error>> = programs.iter().map(|_| Vec::new()).collect();
    for line in text.lines().filter(|line| line.contains("error TS")) {
        // p12/lib/db.ts(3,7): error TS2345: …
        let (place, message) = line.split_once(": error ").unwrap_or_else(|| panic!("{text}"));
        let number = place.strip_prefix('p').and_then(|rest| rest.split_once('/')?.0.parse::<usize>().ok());
        let number = number.unwrap_or_else(|| panic!("not about a program: {line}"));
        let message = message.replace(&format!("@p{number}/"), "@/").replace(&format!("/p{number}/"), "/");
        found[number].push(Error { place: place.to_owned(), message });
    }
    let errors = found.iter().any(|errors| !errors.is_empty());
    assert_eq!(output.status.success(), !errors, "{text}{}", String::from_utf8_lossy(&output.stderr));
    found
}

/// The compiler's program, installed where it is not yet.
fn compiler() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tests.join(".tools/typescript");
    let installed =
        Command::new(tests.join("tools/npm.sh")).arg(&folder).arg(TYPESCRIPT).status().expect("bash runs");
    assert!(installed.success(), "tests/tools/npm.sh could not install {TYPESCRIPT}");
    folder.join("node_modules/typescript/bin/tsc")
}
