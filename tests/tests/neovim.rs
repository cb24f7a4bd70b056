//! The server in a real Neovim: what a person does, and what is on the disk afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;

const ROUTE: &str = "import { PrismaClient } from '@prisma/client';\n\n// Größe 😀\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.order.findMany());\n}\n";

/// The Neovim to test with: the one that `tests/tools/editors.sh` unpacked, or one on the path.
fn neovim() -> Option<PathBuf> {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/editors/usr/bin/nvim");
    let named = std::env::var_os("ROUTEWISE_NVIM").map(PathBuf::from);
    let candidates = named.into_iter().chain([unpacked, PathBuf::from("nvim")]);
    candidates.into_iter().find(|program| {
        let answer = Command::new(program).args(["--clean", "--version"]).output();
        answer.is_ok_and(|answer| answer.status.success())
    })
}

#[test]
fn a_finding_is_shown_explained_mended_and_saved_in_neovim() {
    if std::env::var_os("ROUTEWISE_SKIP_EDITORS").is_some_and(|set| set == "1") {
        println!("skipped: ROUTEWISE_SKIP_EDITORS=1 is set");
        return;
    }
    let Some(neovim) = neovim() else {
        panic!(
            "no Neovim to test with: run `tests/tools/editors.sh tests/.tools/editors` once (or set \
             ROUTEWISE_NVIM to a Neovim 0.11 or newer, or ROUTEWISE_SKIP_EDITORS=1 to go without)"
        );
    };
    let project = TestProject::next(&[
        ("app/api/orders/route.ts", ROUTE),
        (
            "app/api/users/route.ts",
            "import { prisma } from '@/lib/prisma';\n\nexport const GET = async () => Response.json(await prisma.user.findMany());\n",
        ),
        (
            "lib/prisma.ts",
            "import { PrismaClient } from '@prisma/client';\n\nconst store = globalThis as unknown as { prisma?: PrismaClient };\nexport const prisma = store.prisma ?? new PrismaClient();\nstore.prisma = prisma;\n",
        ),
    ]);
    let home = TestProject::new(&[]);
    let editors = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors");
    let mut command = Command::new(neovim);
    command
        .args(["--headless", "-i", "NONE", "-u"])
        .arg(editors.join("neovim-init.lua"))
        .arg("app/api/orders/route.ts")
        .arg("-c")
        .arg(format!("luafile {}", editors.join("neovim.lua").display()))
        .current_dir(project.root())
        .env("ROUTEWISE", routewise())
        .env("NVIM_LOG_FILE", home.path("nvim.log"))
        .stdin(Stdio::null());
    for (name, folder) in [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        let path = home.path(folder);
        std::fs::create_dir_all(&path).unwrap();
        command.env(name, path);
    }
    let output = command.output().expect("Neovim runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "Neovim said {}\n{out}\n{err}", output.status);
    let saved = project.read("app/api/orders/route.ts");
    assert_eq!(
        saved,
        "import { prisma } from '@/lib/prisma';\n\n// Größe 😀\nexport async function GET() {\n  return Response.json(await prisma.order.findMany());\n}\n"
    );
}
