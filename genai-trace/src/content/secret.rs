//! A value that is never shown.

use std::any::type_name;
use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::REDACTED;
use crate::span::attribute_value::{AttributeValue, Plain};
use crate::span::value_writer::ValueWriter;

/// A value that is never shown: `Debug`, `Display`, `Serialize` and an attribute of it say
/// `[REDACTED]`. It takes no more room than the value, and reads like it.
///
/// ```
/// use genai_trace::content::Secret;
///
/// #[derive(Debug, serde::Serialize, serde::Deserialize)]
/// struct Login { user: String, password: Secret<String> }
///
/// let login: Login = serde_json::from_str(r#"{"user": "ada", "password": "lovelace"}"#)?;
/// assert_eq!(login.password.expose(), "lovelace");
/// assert_eq!(format!("{login:?}"), r#"Login { user: "ada", password: [REDACTED] }"#);
/// assert_eq!(serde_json::to_string(&login)?, r#"{"user":"ada","password":"[REDACTED]"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The memory is not wiped when it is dropped.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Secret<T: ?Sized>(T);

impl<T> Secret<T> {
    /// Keeps `value` from being shown.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for good.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T: ?Sized> Secret<T> {
    /// The value.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: ?Sized> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: ?Sized> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(REDACTED)
    }
}

impl<T: ?Sized> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is wrong with it is not said: the reason would show the value.
        let reason = |_| D::Error::custom(format_args!("a secret is no {}", type_name::<T>()));
        T::deserialize(deserializer).map(Self).map_err(reason)
    }
}

impl<T: ?Sized> AttributeValue for Secret<T> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.str(REDACTED);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Text(REDACTED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_nowhere() {
        let secret = Secret::new("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {secret:#?}"),
            "[REDACTED] [REDACTED] [REDACTED]"
        );
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[REDACTED]\"");
        assert!(matches!(secret.__plain(), Some(Plain::Text("[REDACTED]"))));
    }

    #[test]
    fn a_secret_reads_as_what_it_holds_and_is_no_larger() {
        let secret: Secret<Vec<u32>> = serde_json::from_str("[1,2]").unwrap();
        assert_eq!(secret.expose(), &[1, 2]);
        assert_eq!(Secret::from(7).into_exposed(), 7);
        assert_eq!(size_of::<Secret<u64>>(), size_of::<u64>());
    }

    #[test]
    fn what_is_no_secret_of_its_type_is_not_shown_either() {
        let error = serde_json::from_str::<Secret<u32>>("\"hunter2\"").unwrap_err();
        assert!(
            error.to_string().starts_with("a secret is no u32"),
            "{error}"
        );
    }

    #[test]
    fn a_secret_may_hold_what_cannot_be_shown() {
        struct Key;
        assert_eq!(format!("{:?}", Secret::new(Key)), "[REDACTED]");
        let unsized_secret: &Secret<[u8]> = &Secret([1, 2]);
        assert_eq!(unsized_secret.expose().len(), 2);
    }
}
