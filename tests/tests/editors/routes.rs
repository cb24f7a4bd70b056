//! From URLs to handlers and back, and under another name, in Neovim.

use routewise_tests::workspace::TestProject;

use crate::support::{at_home, repository, script, skipped, succeed, tool};

const HANDLER: &str = "export async function GET(_: Request) {\n  return Response.json({ ok: true });\n}\n";

/// A project whose code asks for its own route.
fn asking() -> TestProject {
    TestProject::next(&[
        ("app/api/users/[id]/route.ts", HANDLER),
        (
            "lib/load.ts",
            "export const load = (id: string) =>\n  fetch(`/api/users/${id}?page=1`).then((answer) => answer.json());\n",
        ),
        ("lib/all.ts", "export const first = () => fetch('/api/users/1');\n"),
    ])
}

/// Every file as it is when the segment `users` is called `people`.
fn assert_renamed(project: &TestProject) {
    assert_eq!(project.read("app/api/people/[id]/route.ts"), HANDLER);
    assert!(!project.path("app/api/users").exists());
    let load = "export const load = (id: string) =>\n  fetch(`/api/people/${id}?page=1`).then((answer) => answer.json());\n";
    assert_eq!(project.read("lib/load.ts"), load);
    assert_eq!(project.read("lib/all.ts"), "export const first = () => fetch('/api/people/1');\n");
}

#[test]
fn neovim_goes_from_urls_to_handlers_and_back_and_renames_with_the_calls() {
    if skipped() {
        return;
    }
    let (project, home) = (asking(), TestProject::new(&[]));
    let neovim = tool("editors/usr/bin/nvim", "nvim");
    let mut command = at_home(&neovim, &home);
    command
        .args(["--headless", "-i", "NONE", "-u"])
        .arg(script("neovim-init.lua"))
        .arg("lib/load.ts")
        .arg("-c")
        .arg(format!("luafile {}", script("neovim-routes.lua").display()))
        .current_dir(project.root())
        .env("ROUTEWISE_REPOSITORY", repository())
        .env("NVIM_LOG_FILE", home.path("nvim.log"));
    succeed(&mut command);
    assert_renamed(&project);
}
