//! Randomness from the operating system.

use ring::rand::{SecureRandom, SystemRandom};

/// Fills `buffer` with random bytes.
///
/// # Panics
/// When the operating system has no randomness to give, which leaves nothing safe to go on with.
#[allow(
    clippy::expect_used,
    reason = "a program without randomness must not make secrets"
)]
pub fn fill(buffer: &mut [u8]) {
    SystemRandom::new()
        .fill(buffer)
        .expect("the operating system gives random bytes");
}

/// `bytes` random bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    fill(&mut buffer);
    buffer.iter().map(|byte| format!("{byte:02x}")).collect()
}
