//! Several processes change the configuration at once.

use std::path::Path;
use std::process::{Command, Stdio};

use wxauth::config::{ConfigError, ConfigFile, ConfigFolder, Credentials, Entry, Profile};
use wxauth::sys::env::Environment;
use wxauth::wechat::secret::Secret;

use super::{APPID, Desk};

const EDITORS: usize = 8;
const EDITS: usize = 5;

/// The test starts itself again as each of the editors.
#[test]
fn processes_that_edit_at_once_lose_no_change() {
    let variables = Environment::capture();
    if let Some(name) = variables.get("WXAUTH_TEST_EDITOR") {
        let folder = ConfigFolder::resolve(None, &variables).unwrap();
        return edit_as(name, &folder);
    }
    let desk = Desk::empty();
    let itself = std::env::current_exe().unwrap();
    let start = |editor: usize| {
        Command::new(&itself)
            .args([
                "--exact",
                "config::edits::processes_that_edit_at_once_lose_no_change",
            ])
            .env("WXAUTH_TEST_EDITOR", format!("editor{editor}"))
            .env("WXAUTH_CONFIG_DIR", desk.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let editors: Vec<_> = (0..EDITORS).map(start).collect();
    for mut editor in editors {
        assert!(editor.wait().unwrap().success());
    }
    let file = ConfigFile::load(&desk.folder).unwrap();
    assert_eq!(file.list().len(), EDITORS * EDITS);
    for name in file.list() {
        let entry = file.get(&name).unwrap().unwrap();
        assert_eq!(entry.credentials.appsecret, Some(Secret::new(&*name)));
    }
}

fn edit_as(editor: &str, folder: &ConfigFolder) {
    for place in 0..EDITS {
        let name = format!("{editor}-{place}");
        let entry = Entry {
            profile: Profile::new(APPID.parse().unwrap()),
            credentials: Credentials {
                appsecret: Some(Secret::new(&*name)),
                ..Credentials::default()
            },
        };
        ConfigFile::edit(folder, |file| file.put(&name, &entry)).unwrap();
    }
}

#[test]
fn a_change_that_fails_writes_nothing() {
    let desk = Desk::with_profiles(&["first"]);
    let before = desk.config_text();
    let edit: Result<(), ConfigError> = ConfigFile::edit(&desk.folder, |file| {
        file.remove("first");
        Err(ConfigError::NoHome)
    });
    assert!(matches!(edit, Err(ConfigError::NoHome)));
    assert_eq!(desk.config_text(), before);
    let leftovers = Path::new(desk.folder.path()).read_dir().unwrap().count();
    assert_eq!(leftovers, 3, "two files and the lock");
}
