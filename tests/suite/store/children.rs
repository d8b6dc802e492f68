//! Stories with a second process. The child is this test binary running one of the `as_a_child`
//! tests, which do nothing unless they are told where the store is.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use wxauth::store::StoreLocation;
use wxauth::store::leases::LeaseAttempt;
use wxauth::sys::env::Environment;

use super::support::{LONG, Place, appid, at, authorize, key, lease, open, owner};

const PLACE: &str = "WXAUTH_TEST_CHILD_STORE";

fn told_place() -> Option<StoreLocation> {
    let environment = Environment::capture();
    environment
        .get(PLACE)
        .map(|path| StoreLocation::Sqlite(PathBuf::from(path)))
}

fn child(program: &Path, role: &str, store: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            &format!("store::children::{role}"),
            "--exact",
            "--nocapture",
        ])
        .env(PLACE, store)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The first line that the child says to its parent.
fn heard(child: &mut Child) -> String {
    BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find_map(|line| line.split_once("child: ").map(|(_, said)| said.to_owned()))
        .unwrap()
}

fn say(text: &str) {
    let line = format!("\nchild: {text}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

#[tokio::test]
async fn as_a_child_begin_a_refresh_and_hang() {
    if let Some(location) = told_place() {
        let store = open(&location).await.unwrap();
        let (held, ..) = lease(&store, &owner(1)).await;
        store.begin(&held, at(7)).await.unwrap();
        say("began");
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn as_a_child_open_and_tell() {
    if let Some(location) = told_place() {
        match open(&location).await {
            Ok(_) => say("opened"),
            Err(error) => say(&format!("{error:?}")),
        }
    }
}

#[tokio::test]
async fn the_lease_of_a_killed_process_is_free_at_once() {
    let place = Place::sqlite();
    let store = place.open().await;
    authorize(&store, 1).await;
    let program = std::env::current_exe().unwrap();
    let role = "as_a_child_begin_a_refresh_and_hang";
    let mut other = child(&program, role, &place.path()).spawn().unwrap();
    assert_eq!(heard(&mut other), "began");
    let attempt = store.lease(&key(), &owner(1), LONG).await.unwrap();
    let LeaseAttempt::Held { process_id, .. } = attempt else {
        panic!("{attempt:?}");
    };
    assert_eq!(process_id, other.id());

    other.kill().unwrap();
    other.wait().unwrap();
    let (_held, token, open_intent) = lease(&store, &owner(1)).await;
    assert!(token.is_some());
    assert_eq!(open_intent.unwrap().started_at, at(7));
}

#[tokio::test]
async fn many_processes_make_one_store() {
    let place = Place::sqlite();
    let program = std::env::current_exe().unwrap();
    let start = |_| {
        child(&program, "as_a_child_open_and_tell", &place.path())
            .spawn()
            .unwrap()
    };
    let mut children: Vec<Child> = (0..8).map(start).collect();
    for child in &mut children {
        assert_eq!(heard(child), "opened");
        child.wait().unwrap();
    }
    authorize(&place.open().await, 1).await;
}

#[tokio::test]
async fn privileged_a_folder_without_write_permission_is_reported() {
    let place = Place::sqlite();
    authorize(&place.open().await, 1).await;
    let folder = place.path().parent().unwrap().to_owned();
    let allow = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let role = "as_a_child_open_and_tell";
    let mut command;
    if rustix::process::geteuid().is_root() {
        // The superuser may write anywhere, so the child is somebody else, who reaches this
        // program by its open file and not through folders that may be closed to others.
        command = child(Path::new("/proc/self/exe"), role, &place.path());
        command.uid(65_534).gid(65_534);
        allow(folder.parent().unwrap(), 0o755);
        allow(&place.path(), 0o666);
        allow(&folder, 0o555);
    } else {
        command = child(&std::env::current_exe().unwrap(), role, &place.path());
        allow(&folder, 0o500);
    }
    let mut other = command.spawn().unwrap();
    let said = heard(&mut other);
    other.wait().unwrap();
    allow(&folder, 0o700);
    assert!(
        said.starts_with("Unreachable") || said.starts_with("ReadOnly"),
        "{said}"
    );
    let store = place.open().await;
    assert!(store.authorizer(&key(), &appid(1)).await.unwrap().is_some());
}
