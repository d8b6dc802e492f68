//! The README's commands, run word for word as a reader would run them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::sources;

/// What `cargo run --release --` becomes: the program that this test run built.
const CARGO: &str = "#!/bin/sh
test \"$1 $2 $3\" = 'run --release --' || { echo \"unexpected: cargo $*\" >&2; exit 97; }
shift 3
exec wxauth \"$@\"
";

#[test]
fn what_the_readme_says_works_word_for_word() {
    let readme = sources::read("README.md");
    let (english, chinese) = readme
        .split_once("\n## 简体中文")
        .expect("a section in Chinese");
    for (section, least) in [(english, 4), (chinese, 2)] {
        let blocks = runnable(section);
        assert!(blocks.len() >= least, "the runnable blocks are gone");
        for locale in ["C.UTF-8", "zh_CN.UTF-8"] {
            run_blocks(&blocks, locale);
        }
    }
}

/// Runs blocks in one new home in their order, as a reader does.
fn run_blocks(blocks: &[&str], locale: &str) {
    let home = tempfile::tempdir().expect("a home");
    let path = tools(&home.path().join("tools"));
    for block in blocks {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", block])
            .current_dir(home.path())
            .env_clear()
            .env("PATH", &path)
            .env("HOME", home.path())
            .env("LC_ALL", locale)
            .output()
            .expect("bash");
        assert!(
            output.status.success(),
            "{locale}: {}:\n{block}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The first two commands a reader meets are the two that were promised.
#[test]
fn the_first_command_is_a_link_and_the_second_runs_the_tests() {
    let readme = sources::read("README.md");
    for section in readme.split("\n## 简体中文") {
        let mut blocks = section.split("\n```sh").skip(1).map(|block| {
            let (_, block) = block.split_once('\n').expect("a block");
            block.split("\n```").next().unwrap_or_default()
        });
        assert_eq!(blocks.next(), Some("cargo run --release -- --sandbox link"));
        assert_eq!(blocks.next(), Some("tests/run.sh"));
    }
}

fn runnable(section: &str) -> Vec<&str> {
    let blocks = section.split("\n```sh runnable\n").skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap_or_default())
        .collect()
}

/// A folder with `wxauth` and `cargo`, put before the rest of the path.
fn tools(folder: &Path) -> std::ffi::OsString {
    std::fs::create_dir(folder).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_wxauth"), folder.join("wxauth"))
        .expect("a link to the program");
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, CARGO).expect("a script");
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).expect("a path")
}
