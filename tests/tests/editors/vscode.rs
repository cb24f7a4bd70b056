//! VS Code, with the extension as it is packaged.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;

use crate::support::{
    MENDED, REPORT, checked, copy, example, repository, script, shown, skipped, succeed, tool,
};

/// The folder of the extension, with its npm packages installed.
fn extension() -> PathBuf {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    let folder = repository().join("editors/vscode");
    INSTALLED.get_or_init(|| {
        let lockfile = std::fs::read(folder.join("package-lock.json")).unwrap();
        let note = folder.join("node_modules/.routewise-lockfile");
        if std::fs::read(&note).is_ok_and(|installed| installed == lockfile) {
            return;
        }
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        succeed(Command::new("npm").args(install).current_dir(&folder));
        std::fs::write(note, lockfile).unwrap();
    });
    folder
}

/// The extension for every machine, and the one for this machine, with the server inside.
fn packages() -> &'static (PathBuf, PathBuf) {
    static PACKAGES: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let folder = extension();
        let out = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/packages");
        std::fs::create_dir_all(&out).unwrap();
        let package = |name: &str, more: &[&str]| {
            let file = out.join(name);
            let mut npm = Command::new("npm");
            npm.args(["run", "--silent", "package", "--", "--out"])
                .arg(&file)
                .args(more)
                .current_dir(&folder);
            succeed(&mut npm);
            file
        };
        let server = routewise().to_str().expect("its path is text");
        (
            package("universal.vsix", &[]),
            package("linux-x64.vsix", &["--target", "linux-x64", "--server", server]),
        )
    })
}

/// Asserts a scenario in a VS Code of its own.
fn holds(scenario: &str, vsix: &Path, projects: &[&TestProject], seen: &Path) {
    // A socket is made in it, whose name must be short.
    let state = tempfile::Builder::new().prefix("rw").tempdir_in("/tmp").unwrap();
    tool("chromium/chromium", "chromium");
    let mut run = Command::new(tool("vscode/node/bin/node", "node"));
    run.arg(script("vscode/run.mjs")).arg(scenario).arg(state.path());
    run.args(projects.iter().map(|project| project.root()));
    run.env("ROUTEWISE_VSIX", vsix).env("ROUTEWISE_SEEN", seen).env_remove("ROUTEWISE_SERVER_PATH");
    println!("{}", succeed(&mut run));
}

#[test]
fn the_extension_type_checks_and_its_parts_hold() {
    if skipped() {
        return;
    }
    let folder = extension();
    succeed(Command::new("npm").args(["run", "--silent", "check"]).current_dir(&folder));
    succeed(Command::new("npm").args(["--silent", "test"]).current_dir(&folder));
}

/// One after the other: each starts a VS Code and a browser.
#[test]
fn vscode_shows_explains_mends_lists_and_comes_back() {
    if skipped() {
        return;
    }
    let (universal, carrying) = packages();
    let (project, other, home) = (example(), example(), TestProject::new(&[]));
    let expected = checked(&project);
    let seen = home.path("seen.json");

    // A server that the folder brings along, which must not run before it is trusted.
    let own = "node_modules/@routewise/cli-linux-x64/bin/routewise";
    other.write(own, "#!/bin/sh\ntouch \"$(dirname \"$0\")/../../../../was-run\"\n");
    other.write(".vscode/settings.json", &format!("{{ \"routewise.server.path\": \"./{own}\" }}\n"));
    executable(&other.path(own));
    holds("untrusted", carrying, &[&other], &seen);
    other.remove(".vscode/settings.json");
    std::fs::copy(routewise(), other.path(own)).unwrap();
    holds("project", carrying, &[&other], &seen);
    other.remove(own);

    holds("missing", universal, &[&other], &seen);
    holds("folders", carrying, &[&project, &other], &seen);

    holds("trusted", carrying, &[&project], &seen);
    assert_eq!(project.read(REPORT), MENDED);
    assert_eq!(shown(&seen), expected);
}

/// Drives the windows themselves. With `ROUTEWISE_PICTURES=1` it does so in both themes, and renews the pictures of the
/// READMEs.
#[test]
fn the_interface_shows_findings_routes_and_what_to_do_when_something_is_missing() {
    if skipped() {
        return;
    }
    let renew = std::env::var_os("ROUTEWISE_PICTURES").is_some_and(|set| set == "1");
    let (universal, carrying) = packages();
    let themes: &[&str] = if renew { &["light", "dark"] } else { &["light"] };
    tool("chromium/chromium", "chromium");
    for theme in themes {
        let state = tempfile::Builder::new().prefix("rw").tempdir_in("/tmp").unwrap();
        // The name of the folder is on the pictures.
        let folders = ["example", "other/example"].map(|name| state.path().join(name));
        let [project, other] = folders.each_ref().map(|folder| {
            std::fs::create_dir_all(folder).unwrap();
            copy(example().root(), folder);
            folder
        });
        let own = other.join("node_modules/@routewise/cli-linux-x64/bin/routewise");
        std::fs::create_dir_all(own.parent().unwrap()).unwrap();
        std::fs::write(&own, "#!/bin/sh\ntouch \"$(dirname \"$0\")/../../../../was-run\"\n").unwrap();
        executable(&own);
        let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/pictures");
        let mut run = Command::new(tool("vscode/node/bin/node", "node"));
        run.arg(script("vscode/interface.mjs")).arg(state.path().join("s")).arg(&pictures).arg(theme);
        run.args([project, other]).env("ROUTEWISE_VSIX", carrying).env("ROUTEWISE_VSIX_WITHOUT", universal);
        // Where it fails or hangs, what was done last is at the end of what it printed.
        run.env("DEBUG", "pw:api");
        println!("{}", succeed(run.env_remove("ROUTEWISE_SERVER_PATH")));
        if !renew {
            continue;
        }
        for name in ["finding", "fix", "routes", "target"].map(|name| format!("{name}-{theme}.png")) {
            std::fs::copy(pictures.join(&name), extension().join("media").join(&name)).unwrap();
        }
    }
}

fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}
