//! The test vectors of message crypto: two that WeChat prints, one of wechatpy's, four computed with
//! another program.

use serde::Deserialize;

/// A sealed message with everything it was made from.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub token: String,
    pub encoding_aes_key: String,
    pub aes_key: String,
    pub component_appid: String,
    pub timestamp: String,
    pub nonce: String,
    pub random: String,
    pub message: String,
    pub encrypt: String,
    pub signature: Option<String>,
    pub msg_signature: String,
    pub pad: u8,
}

impl Vector {
    /// The 16 bytes before the message.
    pub fn random(&self) -> [u8; 16] {
        self.random.as_bytes().try_into().unwrap()
    }
}

/// All seven.
pub fn all() -> Vec<Vector> {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../data/push-vectors.json")).unwrap();
    assert_eq!(vectors.len(), 7);
    vectors
}

/// The one whose name begins with `letter`.
pub fn one(letter: char) -> Vector {
    let found = all()
        .into_iter()
        .find(|vector| vector.name.starts_with(letter));
    found.unwrap()
}
