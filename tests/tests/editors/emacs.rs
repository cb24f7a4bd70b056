//! Emacs with Eglot, without a window.

use routewise_tests::workspace::TestProject;

use crate::support::{MENDED, REPORT, at_home, checked, example, script, shown, skipped, succeed, tool};

#[test]
fn emacs_shows_explains_and_mends_with_eglot() {
    if skipped() {
        return;
    }
    let (project, home) = (example(), TestProject::new(&[]));
    let expected = checked(&project);
    let mut command = at_home(&tool("emacs/emacs", "emacs"), &home);
    command
        .args(["-Q", "--batch", "-l"])
        .arg(script("emacs.el"))
        .current_dir(project.root())
        .env("ROUTEWISE_SEEN", home.path("seen.json"));
    succeed(&mut command);
    assert_eq!(project.read(REPORT), MENDED);
    assert_eq!(shown(&home.path("seen.json")), expected);
}
