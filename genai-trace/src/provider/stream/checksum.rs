//! CRC-32, with which AWS checks its frames.

/// What a byte adds, by how many bytes come after it in a group of eight.
// The compiler works it out, and refuses an index that is none.
#[allow(clippy::indexing_slicing)]
const SUMS: [[u32; 256]; 8] = {
    let mut sums = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            };
            bit += 1;
        }
        sums[0][byte] = sum;
        byte += 1;
    }
    let mut after = 1;
    while after < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = sums[after - 1][byte];
            sums[after][byte] = before >> 8 ^ sums[0][(before & 0xFF) as usize];
            byte += 1;
        }
        after += 1;
    }
    sums
};

/// The CRC-32 of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let [last, ..] = &SUMS;
    let of = |sums: &[u32; 256], byte: u8| sums.get(usize::from(byte)).copied().unwrap_or_default();
    let (groups, rest) = bytes.as_chunks::<8>();
    let sum = groups.iter().fold(u32::MAX, |sum, group| {
        let [a, b, c, d, e, f, g, h] = *group;
        let [a, b, c, d] = (sum ^ u32::from_le_bytes([a, b, c, d])).to_le_bytes();
        let bytes = [h, g, f, e, d, c, b, a];
        let sums = SUMS.iter().zip(bytes).map(|(sums, byte)| of(sums, byte));
        sums.fold(0, |all, sum| all ^ sum)
    });
    let sum = rest.iter().fold(sum, |sum, byte| {
        let [low, ..] = sum.to_le_bytes();
        sum >> 8 ^ of(last, low ^ byte)
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(checksum(b""), 0);
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(
            checksum(b"The quick brown fox jumps over the lazy dog"),
            0x414F_A339
        );
    }
}
