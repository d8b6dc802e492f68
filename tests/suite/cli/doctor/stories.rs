//! What the doctor does and leaves alone, and how it is told.

use std::os::unix::fs::PermissionsExt;

use super::clinic::{Clinic, line, statuses};
use crate::cli::office::{Office, text};
use crate::support::{Desk, SandboxProcess, refusing_address};

#[test]
fn nothing_is_minted_or_started_without_active() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let visit = office.run(["doctor", "-o", "json"]).expect_code(0);
    let report = visit.json();
    for name in ["ticket_pushes", "component_token", "account_list"] {
        let unknown = line(&report, name);
        assert_eq!(unknown["status"], "unknown", "{unknown}");
        let cure = unknown["cure"][0].as_str().unwrap_or_default();
        assert!(cure.contains("`wxauth doctor --active`"), "{unknown}");
    }
    let minted = || office.sandbox.successes("api_component_token");
    let started = || office.sandbox.successes("api_start_push_ticket");
    assert_eq!((minted(), started()), (0, 0));

    let active = office.run(["doctor", "--active"]).expect_code(0);
    let effects = active.stderr.lines().next().unwrap_or_default();
    assert!(
        effects.contains("push tickets") && effects.contains("mints a component token"),
        "{}",
        active.stderr
    );
    assert_eq!((minted(), started()), (1, 1));
    office.run(["doctor", "--active"]).expect_code(0);
    assert_eq!(
        (minted(), started()),
        (1, 2),
        "one that lives is not replaced"
    );
}

#[test]
fn a_token_is_never_minted_while_the_store_cannot_keep_it() {
    let office = Office::open();
    office.run(["status"]).expect_code(0);
    std::fs::write(office.store(), "no store at all ".repeat(512)).expect("a broken store");
    let visit = office.run(["doctor", "--active", "-o", "json"]);
    let report = visit.expect_code(3).json();
    assert_eq!(line(&report, "component_token")["status"], "unknown");
    assert_eq!(office.sandbox.successes("api_component_token"), 0);
}

#[test]
fn permissions_are_mended_on_request_and_it_is_said() {
    let clinic = Clinic::healthy();
    let folder = clinic.office.desk.config_dir();
    let secrets = folder.join("credentials.toml");
    let mode = |path: &std::path::Path| {
        let found = path.metadata().expect("a file").permissions().mode();
        found & 0o777
    };
    for (path, loose) in [(&folder, 0o755), (&secrets, 0o644)] {
        let loose = std::fs::Permissions::from_mode(loose);
        std::fs::set_permissions(path, loose).expect("another mode");
    }
    clinic.visit(&[]).expect_code(3);
    assert_eq!(mode(&secrets), 0o644, "nobody asked to mend it");
    let fixed = clinic.visit(&["--fix"]).expect_code(0);
    assert_eq!((mode(&folder), mode(&secrets)), (0o700, 0o600));
    let said = format!("{} (0644)", secrets.display());
    assert!(fixed.stdout.contains("mended"), "{}", fixed.stdout);
    assert!(fixed.stderr.contains(&said), "{}", fixed.stderr);
    let again = clinic.visit(&["--fix"]).expect_code(0);
    assert!(!again.stdout.contains("mended"), "{}", again.stdout);
}

#[test]
fn a_folder_that_everybody_uses_is_left_alone() {
    let office = Office::open();
    let shared = office.desk.config_dir();
    std::fs::create_dir_all(&shared).expect("a folder");
    let all = std::fs::Permissions::from_mode(0o1777);
    std::fs::set_permissions(&shared, all).expect("another mode");
    office.run(["doctor", "--fix", "-q"]).expect_code(0);
    let mode = shared.metadata().expect("a folder").permissions().mode();
    assert_eq!(mode & 0o7777, 0o1777);
}

#[test]
fn an_address_that_is_not_listed_is_told_with_its_causes_in_order() {
    let clinic = Clinic::healthy();
    let list = ["sandbox", "platform", "--ip-whitelist", "203.0.113.9"];
    clinic.office.run(list).expect_code(0);
    let report = clinic.visit(&["-o", "json"]).expect_code(3).json();
    let address = line(&report, "caller_address");
    assert_eq!(address["target"], "127.0.0.1");
    assert!(text(address, "detail").contains("127.0.0.1"));
    let cures = address["cure"].to_string();
    let order = [
        "never added",
        "next full release",
        "another platform",
        "several addresses",
        "白名单IP地址列表",
        "wxauth explain 61004",
    ];
    let places = order.map(|part| {
        cures
            .find(part)
            .unwrap_or_else(|| panic!("{part}: {cures}"))
    });
    assert!(places.is_sorted(), "{cures}");
}

#[test]
fn a_borrowed_token_is_read_with_and_its_owner_is_never_disturbed() {
    let office = Office::unnamed();
    let mut owner = Desk::new();
    for (name, value) in office.sandbox.environment() {
        owner = owner.with(&name, value);
    }
    let token = owner.run(["token", "component"]).expect_code(0).stdout;
    let minted = office.sandbox.successes("api_component_token");
    let helper = office.file("held.sh", &format!("echo {}\n", token.trim()));
    office.init("shop", &["--mint", "never"]).expect_code(0);
    let command = format!("sh {}", helper.display());
    let set = ["profile", "set", "token_command", &command];
    office.run(set).expect_code(0);
    let visit = ["doctor", "--active", "-o", "json"];
    let report = office.run(visit).expect_code(0).json();
    for name in ["component_token", "account_list", "caller_address"] {
        assert_eq!(line(&report, name)["status"], "pass", "{report:#}");
    }
    assert!(!report.to_string().contains(token.trim()));
    assert_eq!(office.sandbox.successes("api_component_token"), minted);
    assert_eq!(office.sandbox.successes("api_start_push_ticket"), 0);

    std::fs::write(&helper, "echo 97_somebody-elses-old-token\n").expect("another answer");
    let report = office.run(visit).expect_code(3).json();
    assert_eq!(line(&report, "component_token")["status"], "fail");
}

#[test]
fn a_proxy_in_use_is_said() {
    let mut clinic = Clinic::healthy();
    clinic.set_base("https://api.wxauth-doctor.invalid");
    let proxy = format!("http://user:letmein@{}", refusing_address());
    clinic.variables.push(("HTTPS_PROXY", proxy));
    let report = clinic.visit(&["-o", "json"]).expect_code(3).json();
    let told = line(&report, "proxy");
    assert_eq!(told["target"], refusing_address(), "{told}");
    assert!(text(told, "detail").contains("HTTPS_PROXY"), "{told}");
    assert!(!report.to_string().contains("letmein"));
    clinic
        .variables
        .push(("NO_PROXY", "wxauth-doctor.invalid".to_owned()));
    let report = clinic.visit(&["-o", "json"]).expect_code(3).json();
    assert_eq!(line(&report, "proxy")["status"], "pass");
    assert_eq!(line(&report, "dns")["status"], "fail");
}

#[test]
fn the_receiver_gets_a_push_of_a_type_that_nobody_acts_on() {
    let clinic = Clinic::healthy();
    clinic.visit(&[]).expect_code(0);
    let push = clinic.pushes.recv().expect("a push");
    let (head, body) = push.split_once("\r\n\r\n").expect("a body");
    let query = head.split_once('?').expect("a query").1;
    let query = query.split(' ').next().expect("a query");
    let decode = ["events", "decode", "--query", query, "-o", "json"];
    let decoded = clinic.office.desk.run_with_input(decode, body);
    assert!(decoded.expect_code(0).stdout.contains("wxauth_probe"));
}

#[test]
fn the_receiver_beside_a_launch_page_is_known() {
    let mut clinic = Clinic::healthy();
    let address = clinic.flags[1].clone();
    clinic.flags.clear();
    let report = clinic.visit(&["-o", "json"]).expect_code(0).json();
    let unknown = line(&report, "receiver");
    assert_eq!(unknown["status"], "unknown");
    let cure = unknown["cure"][0].as_str().unwrap_or_default();
    assert!(cure.contains("wxauth doctor --receiver https://"), "{cure}");
    clinic.set("launch_page", &address.replace("/events", "/authorize"));
    let report = clinic.visit(&["-o", "json"]).expect_code(0).json();
    assert_eq!(line(&report, "receiver")["status"], "pass");
    assert_eq!(line(&report, "receiver")["target"], address);
}

#[test]
fn the_exit_code_is_the_same_in_every_format_and_no_secret_is_shown() {
    let clinic = Clinic::healthy();
    let list = ["sandbox", "platform", "--ip-whitelist", "203.0.113.9"];
    clinic.office.run(list).expect_code(0);
    let fields = [
        "component_appsecret",
        "token",
        "encoding_aes_key",
        "component_verify_ticket",
    ];
    for format in ["table", "json", "ndjson", "csv", "tsv"] {
        for lang in ["en", "zh"] {
            let visit = clinic.visit(&["-o", format, "--lang", lang]).expect_code(3);
            for field in fields {
                let secret = clinic.office.sandbox.text(field);
                assert!(!visit.stdout.contains(&secret), "{field} in {format}");
            }
            assert!(visit.stdout.contains("caller_address"), "{format}");
        }
    }
    let lines = clinic.visit(&["-o", "ndjson"]).stdout.lines().count();
    assert_eq!(lines, statuses(&clinic.visit(&["-o", "json"]).json()).len());
}

#[test]
fn in_a_sandbox_whose_time_was_moved_the_clocks_agree() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    sandbox.pass("3h");
    let visit = desk.run(["--sandbox", "doctor", "-o", "json"]);
    let report = visit.expect_code(0).json();
    assert_eq!(line(&report, "clock")["status"], "pass", "{report:#}");
}

#[test]
fn without_a_platform_there_is_nothing_to_examine() {
    let nobody = Desk::new().run(["doctor", "-o", "json"]).expect_code(4);
    assert_eq!(nobody.json_error()["kind"], "action_required");
}
