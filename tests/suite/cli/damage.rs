//! Files that are damaged, foreign, in the way or without room: exit code, cure, no loss.

use std::process::Command;

use super::office::{Office, hints, text};
use crate::support::{Outcome, skip, tamper, with_platform};

#[test]
fn a_damaged_config_names_the_line_and_stays_as_it_is() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let config = office.desk.config_dir().join("config.toml");
    let before = std::fs::read_to_string(&config).expect("a config file");
    let damaged = format!("{before}\nthis is no TOML = = =\n");
    std::fs::write(&config, &damaged).expect("damaged");
    for command in [
        &["status"][..],
        &["profile", "list"],
        &["profile", "set", "released", "true"],
        &["init", "other", "--component-appid", "wx0123456789abcdef"],
    ] {
        let refused = office.run(command.iter().chain(&["-o", "json"]));
        let error = refused.expect_code(4).json_error();
        assert!(
            text(&error, "message").contains("damaged at line"),
            "{error}"
        );
        assert!(hints(&error, "mend that line"), "{error}");
    }
    assert_eq!(
        std::fs::read_to_string(&config).expect("still there"),
        damaged
    );
    std::fs::write(&config, before).expect("mended");
    office.run(["token", "component"]).expect_code(0);
}

#[test]
fn a_config_of_a_newer_wxauth_is_left_alone() {
    let office = Office::with_profile(&[]);
    let config = office.desk.config_dir().join("config.toml");
    let text_now = std::fs::read_to_string(&config).expect("a config file");
    std::fs::write(&config, text_now.replace("version = 1", "version = 99")).expect("newer");
    let error = office
        .run(["status", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(hints(&error, "newer wxauth"), "{error}");
}

#[test]
fn the_environment_works_beside_a_damaged_config() {
    let office = Office::open();
    std::fs::create_dir_all(office.desk.config_dir()).expect("a folder");
    std::fs::write(office.desk.config_dir().join("config.toml"), "= = =").expect("damaged");
    office.run(["token", "component"]).expect_code(0);
}

#[test]
fn a_damaged_store_is_told_with_its_cure_and_the_cure_works() {
    let office = Office::synced();
    let appid = office.accounts("mini_program", true).remove(0);
    let store = office.store();
    let folder = office.desk.config_dir();
    let sides = ["store.db-wal", "store.db-shm"].map(|name| folder.join(name));
    for side in &sides {
        let _ = std::fs::remove_file(side);
    }
    std::fs::write(
        &store,
        "SQLite format 3\0 and then nothing that makes sense",
    )
    .expect("damaged");
    let before = std::fs::read(&store).expect("a file");
    for command in [
        &["status"][..],
        &["authorizers", "list"],
        &["token", "component"],
        &["link"],
    ] {
        let refused = office.run(command.iter().chain(&["-o", "json"]));
        let error = refused.expect_code(7).json_error();
        assert_eq!(error["kind"], "store");
        assert!(hints(&error, "authorizers recover"), "{error}");
    }
    assert_eq!(std::fs::read(&store).expect("still there"), before);
    // The hint, word for word.
    for file in sides.iter().chain([&store]) {
        if file.exists() {
            std::fs::rename(file, file.with_extension("away")).expect("moved away");
        }
    }
    office.run(["authorizers", "recover"]).expect_code(0);
    office.run(["token", "authorizer", &appid]).expect_code(0);
}

#[test]
fn a_store_of_a_newer_wxauth_is_left_alone() {
    let office = Office::synced();
    let set = |version: i64| {
        let set = format!("UPDATE schema SET version = {version}, min_reader = {version}");
        assert_eq!(tamper(&office.store(), &set), 1);
    };
    let info = with_platform(&office.store(), async |store, _| store.info().await);
    let own = info.expect("a store").schema_version;
    set(99);
    for command in [
        &["authorizers", "list"][..],
        &["authorizers", "sync"],
        &["link"],
    ] {
        let refused = office.run(command.iter().chain(&["-o", "json"]));
        let error = refused.expect_code(7).json_error();
        assert!(hints(&error, "newer wxauth"), "{error}");
    }
    set(own);
    let list = office
        .run(["authorizers", "list", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(list.as_array().map(Vec::len), Some(8));
}

#[test]
fn another_programs_database_is_not_touched() {
    let office = Office::open();
    std::fs::create_dir_all(office.desk.config_dir()).expect("a folder");
    let theirs = "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);";
    tamper(&office.store(), theirs);
    let before = std::fs::read(office.store()).expect("a file");
    office.run(["authorizers", "list"]).expect_code(7);
    assert_eq!(std::fs::read(office.store()).expect("a file"), before);
}

#[test]
fn privileged_without_a_home_the_folder_must_be_named() {
    let office = Office::open();
    // A user whom the password file does not know, as in many containers.
    let nobody = ["-U", "--map-user=54321"];
    let tried = Command::new("unshare").args(nobody).arg("true").status();
    if !tried.is_ok_and(|status| status.success()) {
        return skip("unshare cannot play a user without a home here");
    }
    let nowhere = |variables: &[(&str, &str)]| {
        let program = office.desk.command(["status", "-o", "json"]);
        let mut command = Command::new("unshare");
        command
            .args(nobody)
            .arg(program.get_program())
            .args(program.get_args())
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        for name in ["HOME", "WXAUTH_CONFIG_DIR"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        Outcome::of(command.spawn().expect("unshare"))
    };
    let error = nowhere(&[]).expect_code(4).json_error();
    assert!(hints(&error, "--config-dir"), "{error}");
    let named = office.desk.home().join("named");
    let named = named.to_str().expect("a path");
    nowhere(&[("WXAUTH_CONFIG_DIR", named)]).expect_code(0);
}

#[test]
fn a_file_where_the_folder_should_be_is_told_for_settings_and_store() {
    let office = Office::open();
    let in_the_way = office.file("in-the-way", "a file");
    let folder = in_the_way.to_str().expect("a path");
    let status = office.run(["--config-dir", folder, "status", "-o", "json"]);
    let error = status.expect_code(7).json_error();
    assert!(hints(&error, "--config-dir"), "{error}");
    let init = office.run([
        "--config-dir",
        folder,
        "init",
        "--component-appid",
        "wx0123456789abcdef",
        "-o",
        "json",
    ]);
    let error = init.expect_code(4).json_error();
    assert!(hints(&error, "--config-dir"), "{error}");
    assert_eq!(
        std::fs::read_to_string(&in_the_way).expect("untouched"),
        "a file"
    );
    // The cure that the hint names.
    let mut command = office
        .desk
        .command(["--config-dir", folder, "token", "component"]);
    let memory = command
        .env("WXAUTH_STORE", "memory")
        .spawn()
        .expect("the program");
    Outcome::of(memory).expect_code(0);
}

/// Runs wxauth on a disk of its own that holds `size`, filled to the brim by `filler`.
fn on_a_small_disk(office: &Office, size: &str, script: &str) -> Option<Outcome> {
    let disk = office.desk.home().join("disk");
    std::fs::create_dir_all(&disk).expect("a folder");
    let unshared = |flags: &str, script: &str| {
        let mut shell = Command::new("unshare");
        let wxauth = office.desk.command(["--version"]);
        shell.args([flags, "sh", "-c", script]).env_clear();
        shell.envs(
            wxauth
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell
            .env("DISK", &disk)
            .env("WXAUTH", env!("CARGO_BIN_EXE_wxauth"));
        shell.env(
            "WXAUTH_STORE",
            format!("sqlite:{}/store.db", disk.display()),
        );
        shell.stdin(std::process::Stdio::null());
        shell
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        shell
    };
    let mount = format!("mount -t tmpfs -o size={size} none \"$DISK\"");
    let flags = ["-m", "-rm"].into_iter().find(|flags| {
        let tried = unshared(flags, &mount).status();
        tried.is_ok_and(|status| status.success())
    })?;
    let script = format!("{mount} && {script}");
    Some(Outcome::of(
        unshared(flags, &script).spawn().expect("a shell"),
    ))
}

#[test]
fn privileged_a_full_disk_loses_nothing_and_says_make_room() {
    let office = Office::open();
    let script = "\"$WXAUTH\" token component >/dev/null || exit 90
        dd if=/dev/zero of=\"$DISK/filler\" bs=1k 2>/dev/null
        \"$WXAUTH\" authorizers sync -o json; code=$?
        rm \"$DISK/filler\"
        \"$WXAUTH\" authorizers sync -q >/dev/null || exit 91
        \"$WXAUTH\" token component >/dev/null || exit 92
        exit $code";
    let Some(ended) = on_a_small_disk(&office, "1m", script) else {
        return skip("no small disk can be mounted here");
    };
    let ended = ended.expect_code(7);
    let error = ended.json_error();
    assert!(hints(&error, "make room"), "{error}");
    // The token that was there before outlived it: WeChat was asked once.
    assert_eq!(office.sandbox.successes("api_component_token"), 1);
}
