//! Numbers that look random and are a function of what went in.

/// A stream of numbers from a seed (splitmix64). Not for real secrets.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// A stream of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scatter(self.0)
    }

    /// The next `count` characters of the base64url alphabet.
    pub fn text(&mut self, count: usize, into: &mut String) {
        let mut left = count;
        while left > 0 {
            let mut word = self.next();
            for _ in 0..left.min(10) {
                into.push(char::from(ALPHABET[(word & 63) as usize]));
                word >>= 6;
            }
            left = left.saturating_sub(10);
        }
    }
}

/// The base64url alphabet.
pub const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Spreads every bit of `number` over the result.
pub fn scatter(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// One number from two.
pub fn blend(one: u64, other: u64) -> u64 {
    scatter(one ^ scatter(other.wrapping_add(0x9E37_79B9_7F4A_7C15)))
}

const ODD: u64 = 0xD6E8_FEB8_6659_FD93;
const ODD_INVERSE: u64 = inverse(ODD);

/// A reversible mixing of the lower `BITS` (even, at most 64) bits of a number.
pub fn mix<const BITS: u32>(number: u64, key: u64) -> u64 {
    let mask = u64::MAX >> (64 - BITS);
    let mut value = (number ^ key) & mask;
    for _ in 0..2 {
        value ^= value >> (BITS / 2);
        value = value.wrapping_mul(ODD) & mask;
    }
    value ^ (value >> (BITS / 2))
}

/// What [`mix`] was given.
pub fn unmix<const BITS: u32>(mixed: u64, key: u64) -> u64 {
    let mask = u64::MAX >> (64 - BITS);
    let mut value = mixed & mask;
    value ^= value >> (BITS / 2);
    for _ in 0..2 {
        value = value.wrapping_mul(ODD_INVERSE) & mask;
        value ^= value >> (BITS / 2);
    }
    (value ^ key) & mask
}

/// The number that undoes a multiplication by `odd` modulo 2^64 (Newton's iteration).
const fn inverse(odd: u64) -> u64 {
    let mut result = odd;
    let mut round = 0;
    while round < 6 {
        result = result.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(result)));
        round += 1;
    }
    result
}
