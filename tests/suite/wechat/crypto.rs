//! Message crypto: the published vectors both ways, and everything that can be wrong with one.

use aes::cipher::{BlockCipherDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use wxauth::wechat::crypto::{
    EncodingAesKey, KeyError, OpenError, open, seal, signature, signature_matches,
};

use super::vectors;

const APPID: &str = "wx0123456789abcdef";

fn key() -> EncodingAesKey {
    EncodingAesKey::parse(&vectors::one('D').encoding_aes_key).unwrap()
}

#[test]
fn every_vector_opens_and_is_sealed_again_letter_for_letter() {
    for vector in vectors::all() {
        let name = &vector.name;
        let key = EncodingAesKey::parse(&vector.encoding_aes_key).unwrap();
        let opened = open(&key, &vector.encrypt).unwrap();
        assert_eq!(
            String::from_utf8(opened.message).unwrap(),
            vector.message,
            "{name}"
        );
        assert_eq!(opened.appid, vector.component_appid, "{name}");
        assert_eq!(opened.random, vector.random(), "{name}");
        assert_eq!(opened.pad, vector.pad, "{name}");
        let sealed = seal(
            &key,
            vector.random(),
            vector.message.as_bytes(),
            &vector.component_appid,
        );
        assert_eq!(sealed, vector.encrypt, "{name}");
    }
}

#[test]
fn every_vector_has_its_signatures() {
    for vector in vectors::all() {
        let name = &vector.name;
        let of = |encrypt| signature(&vector.token, &vector.timestamp, &vector.nonce, encrypt);
        assert_eq!(of(Some(&vector.encrypt)), vector.msg_signature, "{name}");
        if let Some(signature) = &vector.signature {
            assert_eq!(&of(None), signature, "{name}");
        }
        let matches = |given: &str| {
            signature_matches(
                &vector.token,
                &vector.timestamp,
                &vector.nonce,
                &vector.encrypt,
                given,
            )
        };
        assert!(matches(&vector.msg_signature), "{name}");
        assert!(!matches(&vector.msg_signature[..39]), "{name}");
        assert!(!matches(""), "{name}");
        assert!(
            !matches(&of(None)),
            "{name}: the signature of the query is another"
        );
    }
}

/// The key that the text stands for is the one of the specification: it opens the first block with
/// the cipher alone.
#[test]
fn spare_bits_of_a_key_are_cut_off() {
    for vector in vectors::all() {
        let bytes = hexadecimal(&vector.aes_key);
        let cipher = aes::Aes256::new_from_slice(&bytes).unwrap();
        let sealed = BASE64_STANDARD.decode(&vector.encrypt).unwrap();
        let mut block = aes::Block::try_from(&sealed[..16]).unwrap();
        cipher.decrypt_block(&mut block);
        let random: Vec<u8> = block.iter().zip(&bytes).map(|(a, b)| a ^ b).collect();
        assert_eq!(random, vector.random.as_bytes(), "{}", vector.name);
    }
}

fn hexadecimal(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn a_key_is_43_letters_and_digits() {
    let good = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    assert!(EncodingAesKey::parse(&format!(" {good}\n")).is_ok());
    for (text, error) in [
        (&good[..42], KeyError::Length { found: 42 }),
        (&format!("{good}="), KeyError::Character),
        (&good.replace('a', "+"), KeyError::Character),
        (&good.replace('a', "ä"), KeyError::Character),
        ("", KeyError::Length { found: 0 }),
    ] {
        assert_eq!(EncodingAesKey::parse(text).unwrap_err(), error, "{text}");
    }
    let shown = format!("{:?}", key());
    assert_eq!(shown, "EncodingAesKey(…)");
}

/// Seals `plain` as it is, without a pad of our own: what a broken sender may do.
fn sealed_raw(mut plain: Vec<u8>) -> String {
    let bytes = hexadecimal(&vectors::one('D').aes_key);
    let mut cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&bytes, &bytes[..16]).unwrap();
    cipher.encrypt_blocks(aes::Block::slice_as_chunks_mut(&mut plain).0);
    BASE64_STANDARD.encode(plain)
}

/// 64 bytes: random, a length, content; the last `pad` bytes are the pad.
fn plain(length: u32, pad: u8, padded: usize) -> Vec<u8> {
    let mut bytes = vec![b'r'; 16];
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.resize(64 - padded, b'x');
    bytes.resize(64, pad);
    bytes
}

#[test]
fn pads_of_1_to_32_are_taken_and_no_other() {
    for pad in 1..=32 {
        let opened = open(&key(), &sealed_raw(plain(2, pad, pad.into()))).unwrap();
        assert_eq!((opened.message.as_slice(), opened.pad), (&b"xx"[..], pad));
    }
    for (pad, padded) in [(0, 1), (33, 33), (255, 20), (7, 6)] {
        let found = open(&key(), &sealed_raw(plain(2, pad, padded)));
        assert_eq!(found, Err(OpenError::Padding { found: pad }), "{pad}");
    }
    // A pad that reaches beyond the start.
    let found = open(&key(), &sealed_raw(vec![32; 16]));
    assert_eq!(found, Err(OpenError::Padding { found: 32 }));
}

#[test]
fn a_length_beyond_the_end_is_refused() {
    let available = 64 - 20 - 4;
    assert!(open(&key(), &sealed_raw(plain(40, 4, 4))).is_ok());
    for claimed in [41, 1 << 20, u32::MAX] {
        let found = open(&key(), &sealed_raw(plain(claimed, 4, 4)));
        let claimed = claimed.into();
        assert_eq!(found, Err(OpenError::MessageLength { claimed, available }));
    }
    // Not even room for a length.
    let found = open(&key(), &sealed_raw(vec![10; 16]));
    let wrong = OpenError::MessageLength {
        claimed: 0,
        available: 0,
    };
    assert_eq!(found, Err(wrong));
}

#[test]
fn what_was_cut_on_its_way_is_told() {
    let encrypt = vectors::one('E').encrypt;
    assert_eq!(open(&key(), &encrypt[..61]), Err(OpenError::Base64));
    assert_eq!(open(&key(), "不是"), Err(OpenError::Base64));
    assert_eq!(open(&key(), ""), Err(OpenError::BlockLength { bytes: 0 }));
    let bytes = encrypt.len() * 3 / 4 - 6;
    let found = open(&key(), &encrypt[..encrypt.len() - 8]);
    assert_eq!(found, Err(OpenError::BlockLength { bytes }));
    // Whole blocks are missing: only the pad tells.
    let found = open(&key(), &encrypt[..64]);
    assert!(matches!(found, Err(OpenError::Padding { .. })), "{found:?}");
}

#[test]
fn line_breaks_of_old_samples_are_left_out() {
    let encrypt = vectors::one('E').encrypt;
    let (first, rest) = encrypt.split_at(76);
    let opened = open(&key(), &format!("\n  {first}\r\n{rest}\n")).unwrap();
    assert_eq!(opened.message, vectors::one('E').message.as_bytes());
}

#[test]
fn the_wrong_key_does_not_open() {
    let other = EncodingAesKey::parse(&"A".repeat(43)).unwrap();
    let found = open(&other, &vectors::one('D').encrypt);
    assert!(matches!(found, Err(OpenError::Padding { .. })), "{found:?}");
}

#[test]
fn an_appid_that_is_no_text_is_refused() {
    let mut bytes = plain(2, 4, 4);
    bytes[40] = 0xff;
    assert_eq!(open(&key(), &sealed_raw(bytes)), Err(OpenError::Appid));
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        random: [u8; 16],
        message in proptest::collection::vec(any::<u8>(), 0..300),
        appid in "\\PC{0,20}",
    ) {
        let sealed = seal(&key(), random, &message, &appid);
        let opened = open(&key(), &sealed).unwrap();
        prop_assert_eq!(opened.message, message);
        prop_assert_eq!(opened.appid, appid);
        prop_assert_eq!(opened.random, random);
    }

    #[test]
    fn any_text_and_any_blocks_are_taken_without_a_crash(
        text in "\\PC{0,100}",
        blocks in proptest::collection::vec(any::<[u8; 16]>(), 0..6),
    ) {
        let _ = open(&key(), &text);
        let _ = open(&key(), &BASE64_STANDARD.encode(blocks.concat()));
        let _ = EncodingAesKey::parse(&text);
    }

    #[test]
    fn an_appid_of_another_length_seals_as_well(length in 0_usize..70) {
        let message = vec![b'm'; length];
        let sealed = seal(&key(), [0; 16], &message, APPID);
        prop_assert_eq!(sealed.len() % 4, 0);
        let bytes = BASE64_STANDARD.decode(&sealed).unwrap();
        prop_assert_eq!(bytes.len() % 32, 0);
        prop_assert!(bytes.len() > 20 + length + APPID.len());
    }
}
