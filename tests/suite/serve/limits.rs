//! How many links the launch page makes.

use wxauth::serve::{LaunchLimits, Notice, Rejection};

use super::site::Site;

fn limited(per_address_an_hour: u32, a_day: u64, behind_proxy: bool) -> Site {
    Site::with(|options| {
        options.launches = LaunchLimits {
            per_address_an_hour,
            a_day,
        };
        options.behind_proxy = behind_proxy;
    })
}

#[test]
fn one_address_gets_so_many_links_and_then_a_page_that_says_so() {
    let site = limited(2, 100, false);
    for _ in 0..2 {
        site.post("/authorize", &[]).expect(200);
    }
    let page = site.post("/authorize", &[]).expect(429);
    page.says("请求过于频繁");
    site.get("/authorize", &[]).expect(200);
    assert_eq!(site.calls("api_create_preauthcode"), 2);
    site.told(|notice| match notice {
        Notice::Rejected { why, .. } => (*why == Rejection::TooMany).then_some(()),
        _ => None,
    });
}

#[test]
fn a_day_has_an_end_and_the_next_day_begins_anew() {
    let site = limited(100, 3, false);
    for _ in 0..3 {
        site.post("/authorize", &[]).expect(200);
    }
    site.post("/authorize", &[]).expect(429);
    site.control("clock", Some(&serde_json::json!({"offset": "+25h"})));
    // The ticket of yesterday is dead, which is another page.
    site.post("/authorize", &[]).expect(503);
}

#[test]
fn a_proxys_word_on_the_address_counts_only_where_there_is_one() {
    let site = limited(1, 100, true);
    let from = |address: &str| site.post("/authorize", &[("x-real-ip", address)]).status;
    assert_eq!([from("203.0.113.1"), from("203.0.113.1")], [200, 429]);
    assert_eq!(from("203.0.113.2"), 200);
    assert_eq!(
        [
            from("2001:db8::1"),
            from("2001:db8::2"),
            from("2001:db8:0:1::1"),
            from("2001:db8:0:2::1"),
            from("2001:db8:1::1"),
        ],
        [200, 429, 200, 429, 200],
        "of IPv6 a visitor has a /64, and a site a /48"
    );
    // What stands before the proxy's own word was written by the visitor.
    let forwarded = [("x-forwarded-for", "198.51.100.7, 203.0.113.1")];
    assert_eq!(site.post("/authorize", &forwarded).status, 429);
    // Some proxies write the port as well.
    let with_port = |address: &str| {
        let headers = [("x-forwarded-for", address)];
        site.post("/authorize", &headers).status
    };
    assert_eq!(
        [
            with_port("203.0.113.1:80"),
            with_port("203.0.113.5:80"),
            with_port("203.0.113.5:81"),
            with_port("[2001:db8:2::1]:443"),
            with_port("[2001:db8:2::1]"),
        ],
        [429, 200, 429, 200, 429]
    );
    // A proxy that tells by `X-Forwarded-For` alone lets a visitor's own `X-Real-IP` through.
    let claimed = [
        ("x-forwarded-for", "203.0.113.1"),
        ("x-real-ip", "198.51.100.8"),
    ];
    assert_eq!(site.post("/authorize", &claimed).status, 429);

    let site = limited(1, 100, false);
    let from = |address: &str| site.post("/authorize", &[("x-real-ip", address)]).status;
    assert_eq!([from("203.0.113.1"), from("203.0.113.2")], [200, 429]);
}

#[test]
fn an_address_gets_so_many_pages_and_then_an_answer_at_once() {
    let site = limited(20, 100, true);
    let from = |address: &str| site.get("/authorize", &[("x-real-ip", address)]).status;
    let statuses: Vec<u16> = (0..200).map(|_| from("203.0.113.1")).collect();
    assert!(statuses.starts_with(&[200; 120]), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(from("203.0.113.2"), 200);
}

#[test]
fn more_permission_sets_than_there_are_cannot_be_asked_for() {
    let site = Site::open();
    let most = wxauth::wechat::permission::all().len();
    let asked = |count| {
        let sets = vec!["17"; count].join(",");
        site.get(
            &format!("/authorize?type=mini-program&permissions={sets}"),
            &[],
        )
    };
    asked(most).expect(200);
    asked(most + 1).expect(400).says("权限集过多");
}
