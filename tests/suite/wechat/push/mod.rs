//! Pushes as they travel: the envelope, which key opened it, and what is told when one is wrong.

mod envelope;
mod opening;
mod sending;

use wxauth::wechat::crypto;
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::push::{PushKeys, PushQuery, Stamp};
use wxauth::wechat::secret::Secret;

use super::vectors::Vector;

const OLD_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

fn keys(vector: &Vector, previous: Option<&str>) -> PushKeys {
    PushKeys::new(
        Secret::new(&*vector.token),
        &Secret::new(&*vector.encoding_aes_key),
        previous.map(Secret::new).as_ref(),
    )
    .unwrap()
}

fn platform(vector: &Vector) -> ComponentAppid {
    vector.component_appid.parse().unwrap()
}

fn query(vector: &Vector) -> PushQuery {
    let Vector {
        timestamp,
        nonce,
        msg_signature,
        ..
    } = vector;
    let query = format!(
        "signature=x&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={msg_signature}"
    );
    PushQuery::parse(&query).unwrap()
}

fn stamp(random: [u8; 16]) -> Stamp {
    Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: "1234567890".to_owned(),
        random,
    }
}

/// A query with the right signature for `encrypt`.
fn signed(vector: &Vector, encrypt: &str) -> PushQuery {
    let mut query = query(vector);
    query.msg_signature =
        crypto::signature(&vector.token, &query.timestamp, &query.nonce, Some(encrypt));
    query
}
