//! The two files on disk: where they are, who may read them, what is kept.

use std::path::Path;

use wxauth::config::{ConfigError, ConfigFile, ConfigFolder, ConfigWarning};
use wxauth::wechat::secret::Secret;

use super::{APPID, Desk, environment};

#[test]
fn the_flag_wins_over_the_variable_for_the_folder() {
    let variables = environment(&[("WXAUTH_CONFIG_DIR", "/variable")]);
    let folder = |flag| ConfigFolder::resolve(flag, &variables).unwrap();
    let flag = folder(Some(Path::new("/flag")));
    assert_eq!(flag.config_file(), Path::new("/flag/config.toml"));
    assert_eq!(flag.credentials_file(), Path::new("/flag/credentials.toml"));
    assert_eq!(flag.store_file(), Path::new("/flag/store.db"));
    assert_eq!(flag.sandbox(), Path::new("/flag/sandbox"));
    assert_eq!(folder(None).path(), Path::new("/variable"));
}

#[cfg(unix)]
#[test]
fn files_and_folder_are_for_their_owner_from_birth() {
    use std::os::unix::fs::PermissionsExt;

    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let desk = Desk::empty();
    add_secret(&desk);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(desk.folder.path()), 0o700);
    assert_eq!(mode(&desk.folder.config_file()), 0o600);
    assert_eq!(mode(&desk.folder.credentials_file()), 0o600);
    let names: Vec<_> = desk.folder.path().read_dir().unwrap().collect();
    assert_eq!(names.len(), 3, "two files and the lock: {names:?}");
}

#[cfg(unix)]
#[test]
fn secrets_that_others_can_read_are_said_and_closed_at_the_next_write() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::empty();
    add_secret(&desk);
    let file = desk.folder.credentials_file();
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let warnings = ConfigFile::load(&desk.folder).unwrap().warnings("main");
    let mode = 0o044;
    assert_eq!(warnings, [ConfigWarning::LooseMode { file, mode }]);
    ConfigFile::edit(&desk.folder, |file| {
        let mut entry = file.get("main")?.unwrap();
        entry.credentials.appsecret = Some(Secret::new("another"));
        file.put("main", &entry)
    })
    .unwrap();
    let warnings = ConfigFile::load(&desk.folder).unwrap().warnings("main");
    assert_eq!(warnings, []);
}

#[cfg(unix)]
#[test]
fn a_linked_file_is_written_where_it_really_is() {
    let desk = Desk::with_profiles(&["main"]);
    let dotfiles = tempfile::tempdir().unwrap();
    let real = dotfiles.path().join("wxauth.toml");
    std::fs::rename(desk.folder.config_file(), &real).unwrap();
    std::os::unix::fs::symlink(&real, desk.folder.config_file()).unwrap();
    ConfigFile::edit(&desk.folder, |file| file.choose("main")).unwrap();
    assert!(desk.folder.config_file().is_symlink());
    assert!(super::text_of(&real).contains("profile = \"main\""));
}

#[test]
fn reading_makes_nothing_and_writing_nothing_new_leaves_the_comments() {
    let desk = Desk::empty();
    let file = ConfigFile::load(&desk.folder).unwrap();
    assert_eq!(file.list(), Vec::<String>::new());
    assert!(!desk.folder.path().exists());

    let desk = Desk::with("# mine\nversion = 1\n", "");
    ConfigFile::edit(&desk.folder, |_| Ok::<_, ConfigError>(())).unwrap();
    assert_eq!(desk.config_text(), "# mine\nversion = 1\n");
}

#[test]
fn keys_of_a_later_version_are_told_and_kept() {
    let config = format!(
        "profile = \"main\"\ntheme = \"dark\"\n[profiles.main]\ncomponent_appid = \"{APPID}\"\npalette = \"wxjava\"\n\
         [profiles.main.deep]\nlist = [1, 2]\n[profiles.other]\nstrange = 1\n"
    );
    let credentials = "[profiles.main]\nsealed = \"kept-as-it-is\"\n";
    let desk = Desk::with(&config, credentials);
    let unknown = |file, key: &str| ConfigWarning::UnknownKey {
        file,
        key: key.to_owned(),
    };
    let file = ConfigFile::load(&desk.folder).unwrap();
    let (config, credentials) = (desk.folder.config_file(), desk.folder.credentials_file());
    assert_eq!(
        file.warnings("main"),
        [
            unknown(config.clone(), "theme"),
            unknown(config.clone(), "profiles.main.deep"),
            unknown(config, "profiles.main.palette"),
            unknown(credentials, "profiles.main.sealed"),
        ]
    );
    ConfigFile::edit(&desk.folder, |file| {
        let mut entry = file.get("main")?.unwrap();
        entry.profile.released = Some(true);
        entry.credentials.token = Some(Secret::new("pamtest"));
        file.put("main", &entry)
    })
    .unwrap();
    let text = desk.config_text();
    for kept in [
        "theme = \"dark\"",
        "palette = \"wxjava\"",
        "list = [1, 2]",
        "strange = 1",
        "released = true",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(
        desk.credentials_text()
            .contains("sealed = \"kept-as-it-is\"")
    );
}

#[test]
fn a_secret_in_the_open_file_is_told_and_not_used() {
    let config = format!(
        "[profiles.main]\ncomponent_appid = \"{APPID}\"\nmint = \"never\"\nappsecret = \"misplaced\"\n"
    );
    let desk = Desk::with(&config, "");
    let settings = desk.resolve(&[]).unwrap();
    assert_eq!(settings.appsecret, None);
    let key = "profiles.main.appsecret".to_owned();
    let file = desk.folder.config_file();
    assert_eq!(
        settings.warnings,
        [ConfigWarning::MisplacedSecret { file, key }]
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    wxauth::sys::files::replace_private(&file, b"").unwrap();
    let folder = ConfigFolder::resolve(Some(&file.join("wxauth")), &environment(&[])).unwrap();
    let edit = ConfigFile::edit(&folder, |_| Ok::<_, ConfigError>(()));
    assert!(matches!(edit, Err(ConfigError::Write { .. })), "{edit:?}");
}

fn add_secret(desk: &Desk) {
    ConfigFile::edit(&desk.folder, |file| {
        let mut entry = wxauth::config::Entry {
            profile: wxauth::config::Profile::new(APPID.parse().unwrap()),
            credentials: wxauth::config::Credentials::default(),
        };
        entry.credentials.appsecret = Some(Secret::new("0123456789abcdef"));
        file.put("main", &entry)
    })
    .unwrap();
}
