//! No secret is shown, wherever it was put.

use wxauth::config::{ConfigFile, environment_names};
use wxauth::sys::env::{SECRETS, STORE};

use super::{APPID, Desk, shown};

const SECRET: &str = "PLUGH0123456789abcdef0123456789abcdef";

#[test]
fn a_secret_in_the_wrong_variable_is_not_quoted() {
    for variable in environment_names().iter().filter(|one| one.platform) {
        for value in [SECRET.to_owned(), format!("{SECRET} {SECRET}")] {
            let variables = [("WXAUTH_COMPONENT_APPID", APPID), (variable.name, &*value)];
            match Desk::empty().resolve(&variables) {
                Err(error) => assert!(!shown(&error).contains("PLUGH"), "{}", shown(&error)),
                Ok(settings) if SECRETS.contains(&variable.name) || variable.name == STORE => {
                    assert!(!format!("{settings:?}").contains("PLUGH"), "{settings:?}");
                }
                Ok(_) => assert_eq!(variable.name, "WXAUTH_LAUNCH_DOMAIN"),
            }
        }
    }
}

#[test]
fn a_secret_of_the_wrong_shape_in_a_file_is_not_quoted() {
    let config = format!("[profiles.main]\ncomponent_appid = \"{APPID}\"\n");
    for line in [
        format!("appsecret = [\"{SECRET}\"]"),
        format!("appsecret = \"{SECRET} {SECRET}\""),
        format!("appsecret = {SECRET}"),
        format!("token = {{ value = \"{SECRET}\" }}"),
        format!("encoding_aes_key = \"{SECRET}\""),
        format!("encoding_aes_key_previous = \"{SECRET}"),
    ] {
        let desk = Desk::with(&config, &format!("[profiles.main]\n{line}\n"));
        let error = desk.resolve(&[]).unwrap_err();
        assert!(!shown(&error).contains("PLUGH"), "{}", shown(&error));
    }
}

#[test]
fn an_entry_and_settings_show_only_masks() {
    let config = format!("[profiles.main]\ncomponent_appid = \"{APPID}\"\n");
    let credentials = format!("[profiles.main]\nappsecret = \"{SECRET}\"\ntoken = \"{SECRET}\"\n");
    let desk = Desk::with(&config, &credentials);
    let file = ConfigFile::load(&desk.folder).unwrap();
    let entry = file.get("main").unwrap();
    assert!(!format!("{entry:?}").contains("PLUGH"));
    let settings = desk.resolve(&[]).unwrap();
    assert_eq!(settings.token.as_ref().unwrap().value.expose(), SECRET);
    assert!(!format!("{settings:?}").contains("PLUGH"));
}
