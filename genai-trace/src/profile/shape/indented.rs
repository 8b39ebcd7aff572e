//! JSON for people.

/// Lines of JSON, spread out by four spaces a level, as Python does.
pub(super) fn indented(lines: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(lines.len().saturating_mul(2));
    let mut depth = 0_usize;
    let (mut in_text, mut escaped) = (false, false);
    let mut bytes = lines.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            out.push(byte);
            continue;
        }
        match byte {
            b'{' | b'[' => {
                out.push(byte);
                if bytes.peek().is_some_and(|next| matches!(next, b'}' | b']')) {
                    out.extend(bytes.next());
                } else {
                    depth += 1;
                    break_line(depth, &mut out);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                break_line(depth, &mut out);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                break_line(depth, &mut out);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                in_text = byte == b'"';
                out.push(byte);
            }
        }
    }
    out
}

fn break_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len().saturating_add(depth.saturating_mul(4)), b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_lists_are_spread_out_and_texts_are_left_alone() {
        let line = "{\"a\":[1,{\"b\":\"{,\\\"}\"}],\"c\":{},\"d\":[]}\n";
        let spread = "{\n    \"a\": [\n        1,\n        {\n            \"b\": \"{,\\\"}\"\n        }\n    ],\n    \"c\": {},\n    \"d\": []\n}\n";
        assert_eq!(
            String::from_utf8(indented(line.as_bytes())),
            Ok(spread.to_owned())
        );
    }
}
