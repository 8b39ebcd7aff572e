//! Data among texts: base64.

/// Shortest text that is taken for data.
const SHORTEST: usize = 256;

/// Whether `text` is data: a `data:` URL, or nothing but base64, 256 characters of it or more. It is
/// neither searched nor cut, since neither gives anything of use.
pub(super) fn is_blob(text: &str) -> bool {
    if text.len() < SHORTEST {
        return false;
    }
    let digits = match text.strip_prefix("data:") {
        Some(url) => match url.split_once(";base64,") {
            Some((kind, digits)) if is_media_type(kind) => digits,
            _ => return false,
        },
        None => text,
    };
    // Not that of URLs, whose `-` and `_` are in keys as well.
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let digits = digits.trim_end_matches('=');
    text.len() - digits.len() < SHORTEST && digits.bytes().all(is_digit)
}

/// Whether `image/png;name=x` or the like.
fn is_media_type(kind: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/+.-;=".contains(&byte);
    kind.len() <= 100 && kind.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_base64_is_data() {
        let digits = "iVBORw0KGgo/".repeat(30);
        assert!(is_blob(&digits) && is_blob(&format!("{digits}==")));
        assert!(is_blob(&format!("data:image/png;base64,{digits}")));
        for text in [
            digits.get(..240).unwrap_or_default(),
            &format!("{digits} and words"),
            &format!("{digits}-_"),
            &format!("data:text/plain,{digits}"),
            &format!("data:ada@example.com;base64,{digits}"),
        ] {
            assert!(!is_blob(text), "{text}");
        }
    }
}
