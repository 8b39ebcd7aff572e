//! Base64, as Bedrock puts JSON into JSON.

/// The bytes that `text` stands for; none where it is no base64. Padding may be left out.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    let text = text.strip_suffix(b"==").unwrap_or(text);
    let text = text.strip_suffix(b"=").unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (groups, rest) = text.as_chunks::<4>();
    for [a, b, c, d] in groups {
        let group = sextet(*a)? << 18 | sextet(*b)? << 12 | sextet(*c)? << 6 | sextet(*d)?;
        let [_, one, two, three] = group.to_be_bytes();
        bytes.extend([one, two, three]);
    }
    match rest {
        [] => {}
        [a, b] => {
            let [_, one, ..] = (sextet(*a)? << 18 | sextet(*b)? << 12).to_be_bytes();
            bytes.push(one);
        }
        [a, b, c] => {
            let group = sextet(*a)? << 18 | sextet(*b)? << 12 | sextet(*c)? << 6;
            let [_, one, two, _] = group.to_be_bytes();
            bytes.extend([one, two]);
        }
        _ => return None,
    }
    Some(bytes)
}

/// What each byte stands for; 64 for nothing.
// The compiler works it out, and refuses an index that is none.
#[allow(clippy::indexing_slicing)]
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut sextets = [64; 256];
    let mut at = 0;
    while at < 64 {
        // The compiler works it out, and refuses an index that is none.
        #[allow(clippy::indexing_slicing)]
        {
            sextets[alphabet[at] as usize] = at as u8;
        }
        at += 1;
    }
    sextets
};

fn sextet(byte: u8) -> Option<u32> {
    let sextet = *SEXTETS.get(usize::from(byte))?;
    (sextet < 64).then_some(u32::from(sextet))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn every_length_is_decoded_with_padding_and_without() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zg", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYg==", b"foob"),
            ("+/8A", b"\xfb\xff\x00"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_base64_is_none() {
        for text in ["Z", "Zm9v!", "Zm-_", "=", "Zg=v", "Zm9vé"] {
            // A sign of padding alone stands for no bytes.
            let expected = (text == "=").then(Vec::new);
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
