//! Who confirmed a link, and which links count.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::store::records::Records;
use crate::store::validity::latest_believed;
use crate::wechat::id::Appid;

/// Notes who confirmed a launch, unless that is noted already: a pre-auth code is used once.
pub(in crate::store) fn settle(records: &mut Records, fingerprint: &str, appid: &Appid) {
    if let Some(launch) = records.launch(fingerprint) {
        let appid = || appid.as_str().to_owned();
        launch.appid.get_or_insert_with(appid);
    }
}

/// When launches were made that count as made at or after `since`: none of the future.
pub(in crate::store) fn counted(since: Timestamp, now: i64) -> RangeInclusive<i64> {
    since.as_second()..=latest_believed(now)
}

#[cfg(test)]
mod tests {
    use crate::store::record::{Launch, Record};
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
        for (before, after) in [
            (None, "wx0000000000000007"),
            (Some("wx0000000000000008"), "wx0000000000000008"),
        ] {
            let mut records = Records::default();
            records.put(Record::Launch(launch(before)));
            settle(&mut records, "code", &appid);
            assert_eq!(records.launch("code"), Some(&mut launch(Some(after))));
        }
        let mut none = Records::default();
        settle(&mut none, "code", &appid);
        assert!(none.named.is_empty());
    }

    #[test]
    fn launches_of_the_future_are_not_counted() {
        let counted = counted(timestamp(1000), 2000);
        assert!(counted.contains(&1000) && counted.contains(&2060));
        assert!(!counted.contains(&999) && !counted.contains(&2061));
    }
}
