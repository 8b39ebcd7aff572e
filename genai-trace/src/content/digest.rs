//! What names content: its SHA-256.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Before the hex digits of a reference.
pub(super) const PREFIX: &str = "sha256:";

/// `sha256:` and the 64 hex digits of the hash of `bytes`.
pub(super) fn reference_of(bytes: &[u8]) -> String {
    let mut reference = String::with_capacity(PREFIX.len() + 64);
    reference.push_str(PREFIX);
    for byte in Sha256::digest(bytes) {
        // Writing to a text does not fail.
        let _ = write!(reference, "{byte:02x}");
    }
    reference
}

/// The hex digits of a reference; none where it is none.
pub(super) fn digits_of(reference: &str) -> Option<&str> {
    let digits = reference.strip_prefix(PREFIX)?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digits.len() == 64 && digits.bytes().all(is_digit)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_hash_in_hex() {
        assert_eq!(
            reference_of(b"abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn only_a_reference_has_digits() {
        assert_eq!(digits_of(&reference_of(b"")).map(str::len), Some(64));
        for text in ["", "sha256:", "sha256:../../etc", &"a".repeat(71)] {
            assert_eq!(digits_of(text), None);
        }
        assert_eq!(digits_of(&reference_of(b"").to_uppercase()), None);
    }
}
