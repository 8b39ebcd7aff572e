//! Names of kinds of errors: short, of few characters, taken from names of types.

use std::borrow::Cow;

/// Longest kind of error, in bytes.
pub(crate) const MAX_BYTES: usize = 64;
/// The kind of an error of which nothing better is known, as the conventions have it.
pub(crate) const OTHER: &str = "_OTHER";
/// The name of so many types that it says nothing.
pub(crate) const UNSPECIFIC: &str = "Error";

/// The kind of error that `name` is: cut where it is too long and before a control character.
pub(crate) fn bounded(name: Cow<'static, str>) -> Cow<'static, str> {
    let end = name
        .find(char::is_control)
        .unwrap_or(name.len())
        .min(name.floor_char_boundary(MAX_BYTES));
    let kept = name.get(..end).unwrap_or_default().trim();
    match kept.len() {
        0 => Cow::Borrowed(OTHER),
        all if all == name.len() => name,
        _ => Cow::Owned(kept.to_owned()),
    }
}

/// The name of the type at the front of a debug form, as in `Timeout { after: 3s }`; such names are
/// few. What might be the first word of a message is none, and `Error` says nothing.
pub(crate) fn leading_name(debug: &str) -> Option<Cow<'static, str>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = debug.find(|c| !is_part(c)).unwrap_or(debug.len());
    let (path, rest) = debug.split_at_checked(end)?;
    let name = path.rsplit("::").next().unwrap_or(path);
    let ends_as_a_type = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let starts_as_a_type = name.starts_with(|c: char| c.is_ascii_uppercase());
    let is_name = starts_as_a_type
        && ends_as_a_type
        && !name.contains(':')
        && name.len() <= MAX_BYTES
        && name != UNSPECIFIC;
    is_name.then(|| Cow::Owned(name.to_owned()))
}

/// The last name of a type's path, without pointers around it and without what is generic:
/// `ApiError` of `alloc::boxed::Box<my::api::ApiError<T>>`.
pub(crate) fn short_name(path: &'static str) -> &'static str {
    let path = plain(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    let begins = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_name =
        begins(path) && begins(name) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name { name } else { OTHER }
}

/// The name of a type that is no more than `Error`, with its crate: `sqlx::Error`; with its module
/// where it is of the standard library: `fmt::Error`.
pub(crate) fn qualified_name(path: &'static str) -> Cow<'static, str> {
    let of = match of_std(path) {
        Some(module) => module,
        None => plain(path).split("::").next().unwrap_or_default(),
    };
    bounded(Cow::Owned(format!("{of}::{}", short_name(path))))
}

/// The module of a type of the standard library.
pub(crate) fn of_std(path: &'static str) -> Option<&'static str> {
    let mut parts = plain(path).split("::");
    let first = parts.next()?;
    ["core", "alloc", "std"]
        .contains(&first)
        .then(|| parts.next())?
}

/// The name under which a type is known to its users, without pointers around it.
pub(crate) fn public_name(path: &'static str) -> &'static str {
    match pointee(path) {
        "std::io::error::Error" => "std::io::Error",
        "serde_json::error::Error" => "serde_json::Error",
        "reqwest::error::Error" => "reqwest::Error",
        path => path,
    }
}

/// A type's path without what is generic.
fn plain(path: &'static str) -> &'static str {
    let path = pointee(path);
    path.split(['<', '>', ',', '+', ' ']).next().unwrap_or(path)
}

/// A type's path without the pointers around it.
fn pointee(mut path: &'static str) -> &'static str {
    const SMART: [&str; 3] = ["alloc::boxed::Box<", "alloc::sync::Arc<", "alloc::rc::Rc<"];
    const PLAIN: [&str; 3] = ["&mut ", "&", "dyn "];
    let without_one = |path: &'static str| {
        let smart = |pointer| path.strip_prefix(pointer)?.strip_suffix('>');
        let plain = |pointer| path.strip_prefix(pointer);
        let smart = SMART.into_iter().find_map(smart);
        smart.or_else(|| PLAIN.into_iter().find_map(plain))
    };
    while let Some(inside) = without_one(path) {
        path = inside;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_of_a_message_is_no_kind_of_error() {
        for (debug, name) in [
            ("user42 not found", None),
            ("User not found", None),
            ("User: not found", None),
            ("reqwest::Error { kind: Request }", None),
            ("Error { context: \"x\" }", None),
            ("\"told as a text\"", None),
            ("", None),
            ("Timeout", Some("Timeout")),
            ("Timeout(3s)", Some("Timeout")),
            ("HttpStatus { code: 429 }", Some("HttpStatus")),
            ("db::Failure { code: 429 }", Some("Failure")),
        ] {
            assert_eq!(leading_name(debug).as_deref(), name, "{debug}");
        }
    }

    #[test]
    fn a_type_is_called_by_its_last_name() {
        for (path, name) in [
            (
                "alloc::boxed::Box<my::api::ApiError<alloc::string::String>>",
                "ApiError",
            ),
            (
                "alloc::sync::Arc<alloc::boxed::Box<my::ApiError>>",
                "ApiError",
            ),
            (
                "alloc::boxed::Box<dyn my::Failing + core::marker::Send>",
                "Failing",
            ),
            ("&str", "str"),
            ("()", OTHER),
            ("[u8; 4]", OTHER),
            ("fn(u8)", OTHER),
            ("(my::A, my::B)", OTHER),
        ] {
            assert_eq!(short_name(path), name, "{path}");
        }
    }

    #[test]
    fn a_type_is_told_without_the_pointers_around_it() {
        for (path, name) in [
            (
                "alloc::boxed::Box<my::api::ApiError<u8>>",
                "my::api::ApiError<u8>",
            ),
            ("alloc::sync::Arc<std::io::error::Error>", "std::io::Error"),
        ] {
            assert_eq!(public_name(path), name, "{path}");
        }
    }

    #[test]
    fn a_type_called_error_is_told_by_where_it_is() {
        assert_eq!(
            qualified_name("sqlx_core::error::Error"),
            "sqlx_core::Error"
        );
        assert_eq!(qualified_name("core::fmt::Error"), "fmt::Error");
    }

    #[test]
    fn a_kind_of_error_is_short_and_of_one_line() {
        let of = |name: &'static str| bounded(Cow::Borrowed(name));
        assert!(matches!(of("rate_limited"), Cow::Borrowed("rate_limited")));
        assert_eq!(of("first\nsecond"), "first");
        assert_eq!(of(" \u{1b}[31m"), OTHER);
        assert_eq!(of(""), OTHER);
        let long = Cow::Owned("é".repeat(40));
        assert_eq!(bounded(long), "é".repeat(32));
    }
}
