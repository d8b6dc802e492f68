//! Tickets, codes and tokens that describe themselves, so that looking one up costs nothing.
//!
//! The first 16 characters carry what it is (masked), the rest proves it. The proof is no
//! cryptography: these secrets open nothing but a sandbox.

use super::mixing::{ALPHABET, Stream, blend};

/// What a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `component_verify_ticket`
    Ticket,
    /// `component_access_token`
    ComponentToken,
    /// `pre_auth_code`
    PreAuthCode,
    /// `authorization_code`
    AuthCode,
    /// `authorizer_access_token`
    AuthorizerToken,
    /// `authorizer_refresh_token`
    RefreshToken,
}

use CredentialKind::{
    AuthCode, AuthorizerToken, ComponentToken, PreAuthCode, RefreshToken, Ticket,
};

/// One ticket, code or token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What it is.
    pub kind: CredentialKind,
    /// The platform it was given to.
    pub platform: u8,
    /// The account it stands for; 0 where it stands for none.
    pub account: u32,
    /// Which one of its kind.
    pub serial: u64,
}

const HEAD: usize = 16;

impl CredentialKind {
    const ALL: [Self; 6] = [
        Ticket,
        ComponentToken,
        PreAuthCode,
        AuthCode,
        AuthorizerToken,
        RefreshToken,
    ];

    fn prefix(self) -> &'static str {
        match self {
            Ticket => "ticket@@@",
            ComponentToken | AuthorizerToken => "97_",
            PreAuthCode => "preauthcode@@@",
            AuthCode => "queryauthcode@@@",
            RefreshToken => "refreshtoken@@@",
        }
    }

    fn length(self) -> usize {
        match self {
            Ticket | PreAuthCode | AuthCode => 86,
            ComponentToken | AuthorizerToken => 133,
            RefreshToken => 43,
        }
    }
}

impl Credential {
    /// The text, as WeChat would give it out.
    pub fn text(self, salt: u64) -> String {
        let bits = self.bits();
        let mut tail = String::with_capacity(160);
        Stream::new(proof(salt, bits)).text(self.kind.length() - HEAD, &mut tail);
        let mut text = String::with_capacity(160);
        text.push_str(self.kind.prefix());
        let masked = bits ^ mask(salt, &tail);
        for place in 0..HEAD {
            text.push(char::from(
                ALPHABET[((masked >> (place * 6)) & 63) as usize],
            ));
        }
        text.push_str(&tail);
        text
    }

    /// What `text` stands for; nothing when the sandbox never gave it out.
    pub fn read(text: &str, salt: u64) -> Option<Self> {
        let (prefix, body) = match text.split_once("@@@") {
            Some((kind, body)) => (&text[..kind.len() + 3], body),
            None => (text.get(..3)?, text.get(3..)?),
        };
        if !body.is_ascii() || body.len() <= HEAD {
            return None;
        }
        let (head, tail) = body.split_at(HEAD);
        let mut masked = 0_u128;
        for (place, byte) in head.bytes().enumerate() {
            masked |= u128::from(digit(byte)?) << (place * 6);
        }
        let credential = Self::from_bits(masked ^ mask(salt, tail))?;
        let known = credential.kind.prefix() == prefix && credential.text(salt) == text;
        known.then_some(credential)
    }

    fn bits(self) -> u128 {
        (self.kind as u128)
            | u128::from(self.platform) << 4
            | u128::from(self.account) << 12
            | u128::from(self.serial & 0xFFFF_FFFF_FFFF) << 48
    }

    fn from_bits(bits: u128) -> Option<Self> {
        Some(Self {
            kind: *CredentialKind::ALL.get((bits & 15) as usize)?,
            platform: (bits >> 4 & 0xFF) as u8,
            account: (bits >> 12 & 0xFFFF_FFFF) as u32,
            serial: (bits >> 48 & 0xFFFF_FFFF_FFFF) as u64,
        })
    }
}

fn proof(salt: u64, bits: u128) -> u64 {
    blend(blend(salt, bits as u64), (bits >> 64) as u64)
}

/// 96 bits from the tail, so that neighbouring numbers give unlike texts.
fn mask(salt: u64, tail: &str) -> u128 {
    let mut word = salt;
    for byte in tail.bytes().take(20) {
        word = word.rotate_left(7) ^ u64::from(byte);
    }
    let mut stream = Stream::new(word);
    (u128::from(stream.next()) << 64 | u128::from(stream.next())) & ((1 << 96) - 1)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}
