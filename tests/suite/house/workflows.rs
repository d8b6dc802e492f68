//! What runs on machines that are not here: the workflows, the package, the container.

use std::path::Path;
use std::process::{Command, Output};

use yaml_rust2::{Yaml, YamlLoader};

use super::sources;

const WORKFLOWS: [&str; 2] = ["test", "release"];

/// Stands for cargo where a test cannot build: the program of this test run is what it built.
const CARGO: &str = r#"#!/bin/sh
echo "cargo $*" >>"$TOOLS/asked"
case "$*" in
"build --release --locked --target $TARGET")
    mkdir -p "$CARGO_TARGET_DIR/$TARGET/release"
    cp "$BUILT" "$CARGO_TARGET_DIR/$TARGET/release/wxauth" ;;
"build --locked")
    mkdir -p target/debug
    cp "$BUILT" target/debug/wxauth ;;
"+"*" check --locked --all-features") ;;
*) echo "unexpected: cargo $*" >&2; exit 97 ;;
esac
"#;

/// Stands for what changes the machine or other people's sites.
const RECORDED: &str = "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>\"$TOOLS/asked\"\n";

fn workflow(name: &str) -> Yaml {
    let text = sources::read(&format!(".github/workflows/{name}.yml"));
    let mut documents = YamlLoader::load_from_str(&text).expect("YAML");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn jobs(workflow: &Yaml) -> impl Iterator<Item = (&str, &Yaml)> {
    let jobs = workflow["jobs"].as_hash().expect("jobs");
    jobs.iter()
        .map(|(name, job)| (name.as_str().expect("a name"), job))
}

fn steps(job: &Yaml) -> &[Yaml] {
    job["steps"].as_vec().expect("steps")
}

fn runs(job: &Yaml) -> impl Iterator<Item = &str> {
    steps(job).iter().filter_map(|step| step["run"].as_str())
}

#[test]
fn workflows_are_pinned_ask_for_little_and_end() {
    for name in WORKFLOWS {
        let workflow = workflow(name);
        assert_eq!(workflow["permissions"]["contents"].as_str(), Some("read"));
        for (job, found) in jobs(&workflow) {
            assert!(found["timeout-minutes"].as_i64().is_some(), "{name}: {job}");
            for step in steps(found) {
                let (uses, run) = (step["uses"].as_str(), step["run"].as_str());
                assert!(uses.is_some() != run.is_some(), "{name}: {job}: {step:?}");
                if let Some((_, pin)) = uses.and_then(|uses| uses.split_once('@')) {
                    let hex = pin.chars().all(|letter| letter.is_ascii_hexdigit());
                    assert!(hex && pin.len() == 40, "{name}: {job}: {uses:?} can change");
                }
                if uses.is_some_and(|uses| uses.starts_with("actions/checkout@")) {
                    let kept = &step["with"]["persist-credentials"];
                    assert_eq!(kept.as_bool(), Some(false), "{name}: {job}");
                }
                // What others chose (a tag, a branch) never becomes part of a script.
                let scripts = run.unwrap_or_default();
                assert!(!scripts.contains("${{"), "{name}: {job}: {scripts}");
                for line in scripts.lines().filter(|line| line.contains("cargo ")) {
                    assert!(line.contains("--locked"), "{name}: {job}: {line}");
                }
            }
        }
    }
    let release = workflow("release");
    let targets = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_vec();
    let targets: Vec<_> = targets
        .expect("targets")
        .iter()
        .map(|entry| entry["target"].as_str().expect("a target"))
        .collect();
    for wanted in ["linux-gnu", "linux-musl", "apple-darwin", "windows-msvc"] {
        assert!(targets.iter().any(|target| target.contains(wanted)));
    }
    let manifest = sources::read("Cargo.toml");
    let tests = sources::read(".github/workflows/test.yml");
    let oldest = manifest
        .split("rust-version = \"")
        .nth(1)
        .expect("a version");
    let oldest = oldest.split('"').next().expect("a version");
    assert!(tests.contains(&format!("install {oldest}.0 ")), "{oldest}");
    let version = workflow("test")["env"]["RUST"].as_str().map(str::to_owned);
    assert_eq!(version.as_deref(), release["env"]["RUST"].as_str());
}

/// A folder that the lines of a workflow run in, as on a machine with the tools beside it.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (tools, source) = (folder.path().join("tools"), folder.path().join("source"));
        for folder in [&tools, &source, &source.join(".ci"), &source.join("tests")] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        for (name, script) in [
            ("cargo", CARGO),
            ("rustup", RECORDED),
            ("sudo", RECORDED),
            ("gh", RECORDED),
        ] {
            executable(&tools.join(name), script);
        }
        executable(&source.join("tests/run.sh"), RECORDED);
        for file in [".ci/package", "Cargo.toml", "README.md", "LICENSE"] {
            std::fs::copy(sources::top().join(file), source.join(file)).expect("a file");
        }
        Self { folder }
    }

    fn run(&self, script: &str, folder: &str) -> Output {
        let at = |name: &str| self.folder.path().join(name);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(at("tools")).chain(std::env::split_paths(&path));
        let output = Command::new("bash")
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(at("source").join(folder))
            .env_clear()
            .env("PATH", std::env::join_paths(folders).expect("a path"))
            .env("HOME", self.folder.path())
            .env("RUNNER_TEMP", at("temporary"))
            .env("TOOLS", at("tools"))
            .env("BUILT", env!("CARGO_BIN_EXE_wxauth"))
            .env("CARGO_TARGET_DIR", at("source/target"))
            .env("TARGET", "x86_64-unknown-linux-gnu")
            .env("RUST", "1.95.0")
            .env("TAG", "v0.1.0")
            .output()
            .expect("bash");
        assert!(
            output.status.success(),
            "{script}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }

    /// What the tools were asked for.
    fn asked(&self) -> String {
        let asked = std::fs::read_to_string(self.folder.path().join("tools/asked"));
        asked.unwrap_or_default()
    }

    fn read(&self, path: &str) -> Vec<u8> {
        let path = self.folder.path().join("source").join(path);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn executable(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, script).expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}

#[test]
fn the_lines_of_the_test_workflow_run() {
    let machine = Machine::new();
    for (_, job) in jobs(&workflow("test")) {
        for line in runs(job) {
            machine.run(line, "");
        }
    }
    let asked = machine.asked();
    for line in [
        "run.sh",
        "cargo build --locked",
        "check --locked --all-features",
    ] {
        assert!(asked.contains(line), "{line} was not reached:\n{asked}");
    }
}

#[test]
fn the_lines_of_the_release_workflow_make_the_same_archive_each_time_and_a_draft() {
    let machine = Machine::new();
    let release = workflow("release");
    let archive = "target/package/wxauth-0.1.0-x86_64-unknown-linux-gnu.tar.gz";
    let archive = archive.replace("0.1.0", env!("CARGO_PKG_VERSION"));
    let mut made = Vec::new();
    for _ in 0..2 {
        for line in runs(&release["jobs"]["build"]) {
            machine.run(line, "");
        }
        made.push(machine.read(&archive));
    }
    assert!(
        made[0] == made[1],
        "the same program was packed differently"
    );
    let listed = machine.run(&format!("tar -tzf {archive}"), "");
    let listed = String::from_utf8(listed.stdout).expect("names");
    for file in [
        "/wxauth\n",
        "/LICENSE\n",
        "/README.md\n",
        "/completions/wxauth.fish\n",
        "/man/wxauth-authorizers-sync.1\n",
    ] {
        assert!(listed.contains(file), "{file} is not in:\n{listed}");
    }
    // What one job hands over is what the next one finds.
    machine.run("mkdir packages && cp target/package/* packages/", "");
    let draft = runs(&release["jobs"]["draft"]).collect::<Vec<_>>();
    for line in draft {
        machine.run(line, "");
    }
    let asked = machine.asked();
    assert!(
        asked.contains("gh release create v0.1.0 --draft"),
        "{asked}"
    );
    assert!(
        asked.contains("SHA256SUMS") && !asked.contains("tar.gz.sha256"),
        "{asked}"
    );
    machine.run("sha256sum --check SHA256SUMS", "packages");
}

#[test]
fn the_container_is_not_root_has_authorities_and_keeps_its_state_in_a_volume() {
    let file = sources::read("examples/docker/Dockerfile");
    let words = |instruction: &str| -> Vec<String> {
        let lines = file
            .lines()
            .filter_map(|line| line.strip_prefix(instruction));
        lines.map(|rest| rest.trim().to_owned()).collect()
    };
    for base in words("FROM ") {
        let (_, tag) = base.split_once(':').expect("a tag");
        assert!(!tag.starts_with("latest"), "{base} can be anything");
    }
    let toolchain = workflow("release")["env"]["RUST"]
        .as_str()
        .map(str::to_owned);
    let toolchain = toolchain.expect("a toolchain");
    assert!(
        words("FROM ")[0].contains(&toolchain),
        "one toolchain for all"
    );
    let user = words("USER ").pop().expect("a user");
    assert!(user.parse::<u32>().is_ok_and(|user| user > 0), "{user}");
    let volume = words("VOLUME ").pop().expect("a volume");
    assert_eq!(words("ENV "), [format!("WXAUTH_CONFIG_DIR={volume}")]);
    assert!(file.contains("ca-certificates") && file.contains("cargo install --locked"));
    assert!(file.contains(&format!("-m 0700 -o {user} -g {user} {volume}")));
    assert_eq!(words("ENTRYPOINT "), ["[\"wxauth\"]"]);
    // Its folder serves another program of the same environment: nothing else is needed.
    let home = tempfile::tempdir().expect("a volume");
    let ended = Command::new(env!("CARGO_BIN_EXE_wxauth"))
        .args(["--sandbox", "link"])
        .env_clear()
        .env("WXAUTH_CONFIG_DIR", home.path())
        .output()
        .expect("the program");
    assert!(ended.status.success(), "it needs more than its folder");
}
