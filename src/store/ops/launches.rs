//! Who confirmed a link, and which links count.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::store::record::Launch;
use crate::store::validity::latest_believed;
use crate::wechat::id::Appid;

/// A launch once `appid` confirmed it; `None` when somebody did before: a pre-auth code is used
/// once.
pub(in crate::store) fn settle(launch: Launch, appid: &Appid) -> Option<Launch> {
    let is_open = launch.appid.is_none();
    is_open.then(|| Launch {
        appid: Some(appid.as_str().to_owned()),
        ..launch
    })
}

/// When launches were made that count as made at or after `since`: none of the future.
pub(in crate::store) fn counted(since: Timestamp, now: i64) -> RangeInclusive<i64> {
    since.as_second()..=latest_believed(now)
}

#[cfg(test)]
mod tests {
    use crate::sys::clock::timestamp;

    use super::*;

    fn launch(appid: Option<&str>) -> Launch {
        Launch {
            pre_auth_code_fingerprint: "code".to_owned(),
            made_at: 0,
            expires_at: 1800,
            external_id: Some("shop-7".to_owned()),
            claimed_external_id: None,
            only: None,
            permission_ids: Vec::new(),
            // Of a newer program: it can be confirmed all the same.
            source: "new".to_owned(),
            state: None,
            appid: appid.map(str::to_owned),
        }
    }

    #[test]
    fn first_who_confirms_stays() {
        let appid = Appid::from_wire("wx0000000000000007");
        let settled = settle(launch(None), &appid);
        assert_eq!(settled, Some(launch(Some("wx0000000000000007"))));
        assert_eq!(settle(launch(Some("wx0000000000000008")), &appid), None);
    }

    #[test]
    fn launches_of_the_future_are_not_counted() {
        let counted = counted(timestamp(1000), 2000);
        assert!(counted.contains(&1000) && counted.contains(&2060));
        assert!(!counted.contains(&999) && !counted.contains(&2061));
    }
}
