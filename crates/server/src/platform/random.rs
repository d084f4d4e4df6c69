//! Randomness of the operating system.

/// Fills an array with random bytes.
///
/// # Panics
/// When the operating system has no randomness: nothing safe can be done then.
#[expect(clippy::expect_used, reason = "a server without randomness must not go on")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
