//! The W3C `tracestate`: what other tracers want to find again, further down the trace.

/// Most members of a list.
const MOST_MEMBERS: usize = 32;
/// Most characters that are passed on.
const MOST_CHARS: usize = 512;
/// Members that are longer go first where the list is too long.
const LARGE: usize = 128;
const MOST_KEY: usize = 256;
const MOST_VALUE: usize = 256;

/// The members of the W3C [`tracestate`](https://www.w3.org/TR/trace-context/#tracestate-header) `text`
/// in their order, as they are passed on. None where there are none, and where one of them is malformed,
/// is there twice, or is one too many: then the whole list means nothing.
///
/// Of a list that is longer than 512 characters the members beyond 128 characters are left out, from
/// the end, and then others, from the end.
pub(super) fn passed_on(text: &str) -> Option<String> {
    let mut members: Vec<(&str, &str)> = Vec::new();
    for member in text.split(',') {
        let member = member.trim_matches([' ', '\t']);
        if member.is_empty() {
            continue;
        }
        let (key, value) = member.split_once('=')?;
        let is_new = members.iter().all(|(other, _)| *other != key);
        if !is_key(key) || !is_value(value) || !is_new || members.len() == MOST_MEMBERS {
            return None;
        }
        members.push((key, value));
    }
    let len = |(key, value): &(&str, &str)| key.len() + "=".len() + value.len();
    let is_too_long = |members: &[(&str, &str)]| {
        let commas = members.len().saturating_sub(1);
        members.iter().map(len).sum::<usize>() + commas > MOST_CHARS
    };
    while is_too_long(&members) {
        let large = members.iter().rposition(|member| len(member) > LARGE);
        members.remove(large.unwrap_or(members.len().saturating_sub(1)));
    }
    let members: Vec<_> = members
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    (!members.is_empty()).then(|| members.join(","))
}

/// Whether `key` names a tracer. Level 2 of the specification lets an `@` stand anywhere behind the first character, and
/// all that level 1 has between a tenant and its system is among that.
fn is_key(key: &str) -> bool {
    let is_first = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_next = |byte: &u8| is_first(byte) || b"_-*/@".contains(byte);
    key.len() <= MOST_KEY
        && key.as_bytes().first().is_some_and(is_first)
        && key.as_bytes().iter().all(is_next)
}

fn is_value(value: &str) -> bool {
    let is_allowed = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
    (1..=MOST_VALUE).contains(&value.len()) && value.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_on_goes_on_as_it_is(text in "[a1@=, _é\\t]{0,80}", many in 1_usize..40) {
            let text = vec![text; many].join(",b=");
            if let Some(passed) = passed_on(&text) {
                prop_assert!(passed.len() <= MOST_CHARS);
                prop_assert_eq!(passed_on(&passed), Some(passed));
            }
        }
    }

    #[test]
    fn a_list_keeps_its_order_and_loses_what_stands_around_its_members() {
        for (text, wanted) in [
            ("foo=1,bar=2", "foo=1,bar=2"),
            ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
            ("\t foo=1 \t", "foo=1"),
            ("foo=1,,", "foo=1"),
            (",foo=1", "foo=1"),
            ("foo= 1", "foo= 1"),
            ("0_-*/@v0=x", "0_-*/@v0=x"),
            ("foo@@bar@=x", "foo@@bar@=x"),
        ] {
            assert_eq!(passed_on(text).as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn every_character_that_is_allowed_goes_through() {
        let value: String = (' '..='~').filter(|c| !",=".contains(*c)).collect();
        for key in [
            "abcdefghijklmnopqrstuvwxyz0123456789_-*/",
            "a_-*/0@a-z0-9_-*/",
        ] {
            let text = format!("{key}={value}");
            assert_eq!(passed_on(&text), Some(text));
        }
    }

    #[test]
    fn a_malformed_member_takes_the_whole_list_with_it() {
        for wrong in [
            "foo",
            "foo =1",
            "FOO=1",
            "foo.bar=1",
            "@foo=1",
            "foo=bar=baz",
            "foo=",
            "=1",
            "_foo=1",
            "foo=é",
            "foo=a\u{7f}",
            "foo=a\tb",
            "bar=3",
        ] {
            assert_eq!(passed_on(&format!("bar=2,{wrong}")), None, "{wrong:?}");
        }
        assert_eq!(passed_on(""), None);
        assert_eq!(passed_on(" , "), None);
    }

    #[test]
    fn keys_values_and_lists_have_their_lengths() {
        let list = |count: usize| {
            let members: Vec<_> = (0..count).map(|i| format!("bar{i:02}={i:02}")).collect();
            members.join(",")
        };
        assert_eq!(passed_on(&list(32)), Some(list(32)));
        assert_eq!(passed_on(&list(33)), None);
        for (longest, text) in [
            (true, format!("{}=1", "z".repeat(256))),
            (false, format!("{}=1", "z".repeat(257))),
            (true, format!("{}@{}=1", "t".repeat(241), "v".repeat(14))),
            (true, format!("t@{}=1", "v".repeat(254))),
            (false, format!("t@{}=1", "v".repeat(255))),
            (true, format!("t={}", "v".repeat(256))),
            (false, format!("t={}", "v".repeat(257))),
        ] {
            assert_eq!(passed_on(&text).is_some(), longest, "{text}");
        }
    }

    #[test]
    fn of_a_list_that_is_too_long_the_large_members_go_first_and_then_the_last() {
        let large = format!("large={}", "x".repeat(200));
        let small: Vec<_> = (0..20)
            .map(|i| format!("small{i:02}={}", "y".repeat(9)))
            .collect();
        let text = format!("{},{large},{}", small[0], small[1..].join(","));
        assert_eq!(passed_on(&text), Some(small.join(",")));
        let many: Vec<_> = (0..30)
            .map(|i| format!("small{i:02}={}", "y".repeat(12)))
            .collect();
        assert_eq!(passed_on(&many.join(",")), Some(many[..24].join(",")));
    }
}
