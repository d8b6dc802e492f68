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
            from("2001:db8:0:1::1")
        ],
        [200, 429, 200],
        "of IPv6 a visitor has a whole network"
    );
    // What stands before the proxy's own word was written by the visitor.
    let forwarded = [("x-forwarded-for", "198.51.100.7, 203.0.113.1")];
    assert_eq!(site.post("/authorize", &forwarded).status, 429);
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
