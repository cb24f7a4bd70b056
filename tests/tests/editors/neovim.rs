//! Neovim, with the plugin.

use routewise_tests::workspace::TestProject;

use crate::support::{
    MENDED, REPORT, at_home, checked, example, repository, script, shown, skipped, succeed, tool,
};

#[test]
fn neovim_shows_explains_mends_and_lists_with_the_plugin() {
    if skipped() {
        return;
    }
    let (project, home) = (example(), TestProject::new(&[]));
    let expected = checked(&project);
    let neovim = tool("editors/usr/bin/nvim", "nvim");
    let mut command = at_home(&neovim, &home);
    command
        .args(["--headless", "-i", "NONE", "-u"])
        .arg(script("neovim-init.lua"))
        .arg(REPORT)
        .arg("-c")
        .arg(format!("luafile {}", script("neovim.lua").display()))
        .current_dir(project.root())
        .env("ROUTEWISE_REPOSITORY", repository())
        .env("ROUTEWISE_SEEN", home.path("seen.json"))
        .env("NVIM_LOG_FILE", home.path("nvim.log"));
    succeed(&mut command);
    assert_eq!(project.read(REPORT), MENDED);
    assert_eq!(shown(&home.path("seen.json")), expected);
}
