//! Records that are brought from elsewhere: what each makes of the one that is stored.

use std::collections::BTreeSet;

use crate::store::StoreError;
use crate::store::encryption::Cipher;
use crate::store::record::{Record, RecordKind};
use crate::store::records::{AuthorizerPart, Reads, Records};
use crate::wechat::id::Appid;

use super::merge::{Placed, Verdict, judge, place_external_id};
use super::roster::RosterRow;
use super::syncs;

/// What is read to place records.
pub(in crate::store) fn reads(offered: &[Record]) -> Reads {
    let mut reads = Reads {
        part: AuthorizerPart::Row,
        ..Reads::default()
    };
    let mut named = BTreeSet::new();
    for record in offered {
        match record {
            Record::Sync(_) => reads.passes = true,
            record if record.kind().is_log() => {}
            record => {
                let name = (record.kind(), record.identity());
                if named.insert(name.clone()) {
                    reads.named.push(name);
                }
            }
        }
        if let Record::Authorizer(row) = record {
            reads.authorizers.push(Appid::from_wire(row.appid.clone()));
            reads.external_ids.extend(row.external_id.clone());
        }
    }
    reads
}

/// Places records, whose secrets are in plain text; what became of each, in their order.
///
/// # Errors
/// When a stored secret cannot be decrypted, or a row has a status that this program does not know.
pub(in crate::store) fn place(
    records: &mut Records,
    offered: &[Record],
    cipher: &Cipher,
) -> Result<Vec<Placed>, StoreError> {
    let mut all = Vec::with_capacity(offered.len());
    for record in offered {
        if record.kind().is_log() {
            records.appended.push(record.clone());
            all.push(Placed::Written);
            continue;
        }
        let standing = match record.kind() {
            RecordKind::Syncs => syncs::last_record(&records.passes.all),
            RecordKind::Authorizers => authorizer(records, &record.identity()),
            kind => {
                let found = records.named.get(&(kind, record.identity()));
                let found = found.cloned().map(|found| found.decrypt(cipher));
                found.transpose()?
            }
        };
        all.push(match judge(standing, record.clone()) {
            Verdict::Same => Placed::Same,
            Verdict::Newer => Placed::Newer,
            Verdict::Write(merged) => write(records, merged, cipher)?,
        });
    }
    Ok(all)
}

/// A row as the operation leaves it, with what WeChat said as it was read.
fn authorizer(records: &Records, appid: &str) -> Option<Record> {
    let appid = Appid::from_wire(appid);
    let row = records.authorizers.get(&appid)?.row.clone()?;
    let name = (RecordKind::Authorizers, appid.as_str().to_owned());
    let details = match records.named.get(&name) {
        Some(Record::Authorizer(row)) => row.details.clone(),
        _ => None,
    };
    Some(Record::Authorizer(Box::new(row.record(&appid, details))))
}

fn write(records: &mut Records, merged: Record, cipher: &Cipher) -> Result<Placed, StoreError> {
    match merged {
        Record::Authorizer(mut row) => {
            let owner = row.external_id.as_ref();
            let owner = owner.and_then(|id| records.external_ids.get(id)).cloned();
            let placed = place_external_id(&mut row, owner.as_ref().map(Appid::as_str));
            let appid = Appid::from_wire(row.appid.clone());
            if let Some(id) = &row.external_id {
                records.external_ids.insert(id.clone(), appid.clone());
            }
            let authorizer = records.authorizers.entry(appid).or_default();
            authorizer.details.clone_from(&row.details);
            let record = format!("authorizer:{}", row.appid);
            let row = RosterRow::of(*row).map_err(|reason| StoreError::DamagedRecord {
                place: "the source".to_owned(),
                record,
                reason,
            })?;
            authorizer.row = Some(row);
            Ok(placed)
        }
        Record::Sync(pass) => {
            let stored = records.passes.add(true, pass.started_at);
            stored.finished_at = Some(pass.finished_at);
            stored.total = Some(pass.total.unsigned_abs());
            Ok(Placed::Written)
        }
        other => {
            records.put(other.encrypt(cipher));
            Ok(Placed::Written)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::store::encryption::StoredSecret;
    use crate::store::record::{Pass, Token};
    use crate::wechat::secret::Secret;

    use super::*;

    fn authorizer(appid: &str, external_id: &str, as_of: i64) -> Record {
        let row = json!({
            "appid": appid, "external_id": external_id, "account_kind": "official_account",
            "status": "active", "account_status": "normal", "as_of": as_of,
        });
        Record::from_object(RecordKind::Authorizers, row).unwrap()
    }

    fn place_all(records: &mut Records, offered: &[Record]) -> Vec<Placed> {
        place(records, offered, &Cipher::of_a_test()).unwrap()
    }

    #[test]
    fn external_id_belongs_to_the_first_that_brings_it() {
        let (mut records, one) = (Records::default(), "wx0000000000000001");
        let offered = [authorizer(one, "shop", 1), authorizer("wx02", "shop", 1)];
        let read = reads(&offered);
        assert_eq!(read.external_ids, ["shop", "shop"]);
        assert_eq!(
            place_all(&mut records, &offered),
            [Placed::Written, Placed::WithoutExternalId]
        );
        let row = |appid: &str| records.authorizers[&Appid::from_wire(appid)].row.clone();
        assert_eq!(row(one).unwrap().external_id.as_deref(), Some("shop"));
        assert_eq!(row("wx02").unwrap().external_id, None);
    }

    #[test]
    fn unknown_status_is_not_placed() {
        let row = json!({
            "appid": "wx01", "account_kind": "other", "status": "of a newer program",
            "account_status": "normal", "as_of": 1,
        });
        let row = Record::from_object(RecordKind::Authorizers, row).unwrap();
        let placed = place(&mut Records::default(), &[row], &Cipher::of_a_test());
        assert!(matches!(placed, Err(StoreError::DamagedRecord { .. })));
    }

    #[test]
    fn newer_pass_is_the_last_one_then() {
        let mut records = Records::default();
        let pass = |finished_at| {
            Record::Sync(Pass {
                started_at: finished_at - 5,
                finished_at,
                total: 7,
            })
        };
        for (finished_at, expected) in [
            (100, Placed::Written),
            (90, Placed::Newer),
            (100, Placed::Same),
            (110, Placed::Written),
        ] {
            let placed = place_all(&mut records, &[pass(finished_at)]);
            assert_eq!(placed, [expected], "{finished_at}");
        }
        assert_eq!(syncs::last_record(&records.passes.all), Some(pass(110)));
    }

    #[test]
    fn token_is_stored_once_and_merged_with_the_one_that_is_stored() {
        let mut records = Records::default();
        let token = |access: &str, issued_at| {
            Record::Token(Token {
                access: Some(StoredSecret::plain(&Secret::new(access))),
                issued_at: Some(issued_at),
                generation: 1,
                ..Token::default()
            })
        };
        for (offered, expected) in [
            (token("first", 10), Placed::Written),
            (token("first", 10), Placed::Same),
            (token("older", 5), Placed::Newer),
            (token("newer", 20), Placed::Written),
        ] {
            assert_eq!(place_all(&mut records, &[offered]), [expected]);
        }
        let stored = &records.named[&(RecordKind::Tokens, String::new())];
        let Record::Token(stored) = stored else {
            panic!("{stored:?}");
        };
        assert_eq!(stored.access.as_ref().unwrap().text(), "newer");
        assert_eq!(stored.generation, 2);
    }
}
