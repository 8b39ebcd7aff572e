//! What may be set as the value of an attribute.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::value_writer::ValueWriter;

/// What may be set as the value of an attribute.
///
/// Texts, truth values, integers, floats, and slices, arrays and `Vec`s of these, by value or by
/// reference; `Option`, where `None` sets nothing. An unsigned integer beyond `i64::MAX` is kept
/// as its decimal text, since OpenTelemetry knows no such number.
///
/// A type of your own passes on what it holds:
///
/// ```
/// use genai_trace::{AttributeValue, ValueWriter};
///
/// struct UserId(u64);
///
/// impl AttributeValue for UserId {
///     fn write(&self, writer: &mut ValueWriter<'_>) {
///         self.0.write(writer);
///     }
/// }
/// genai_trace::current().set("app.user", &UserId(7));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no attribute value",
    label = "expected a string, a bool, a number, or a slice or `Option` of one of these",
    note = "set what it holds, or its text: `&value.to_string()`"
)]
pub trait AttributeValue {
    /// Writes the value, at most once; a value that writes nothing sets nothing.
    fn write(&self, writer: &mut ValueWriter<'_>);

    /// The value, where it is nothing but a text or a number: what most are takes a shorter way.
    #[doc(hidden)]
    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        None
    }
}

/// A value that is nothing but a text or a number.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Plain<'a> {
    /// A text.
    Text(&'a str),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

impl AttributeValue for str {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.str(self);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Text(self))
    }
}

impl AttributeValue for String {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.str(self);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Text(self))
    }
}

impl AttributeValue for char {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.str(self.encode_utf8(&mut [0; 4]));
    }
}

impl AttributeValue for Path {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.str(&self.to_string_lossy());
    }
}

impl AttributeValue for PathBuf {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        self.as_path().write(writer);
    }
}

impl AttributeValue for bool {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.bool(*self);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bool(*self))
    }
}

macro_rules! small_integers {
    ($($type:ty)*) => {$(
        impl AttributeValue for $type {
            fn write(&self, writer: &mut ValueWriter<'_>) {
                writer.int(i64::from(*self));
            }

            #[inline]
            fn __plain(&self) -> Option<Plain<'_>> {
                Some(Plain::Int(i64::from(*self)))
            }
        }

        impl AttributeValue for [$type] {
            fn write(&self, writer: &mut ValueWriter<'_>) {
                writer.ints(self.iter().map(|number| i64::from(*number)));
            }
        }
    )*};
}

small_integers!(i8 i16 i32 i64 u16 u32);

impl AttributeValue for u8 {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.int(i64::from(*self));
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Int(i64::from(*self)))
    }
}

macro_rules! large_integers {
    ($($type:ty)*) => {$(
        impl AttributeValue for $type {
            fn write(&self, writer: &mut ValueWriter<'_>) {
                match i64::try_from(*self) {
                    Ok(number) => writer.int(number),
                    Err(_) => writer.str(&self.to_string()),
                }
            }

            #[inline]
            fn __plain(&self) -> Option<Plain<'_>> {
                i64::try_from(*self).ok().map(Plain::Int)
            }
        }

        impl AttributeValue for [$type] {
            fn write(&self, writer: &mut ValueWriter<'_>) {
                let fits = |number: &$type| i64::try_from(*number).ok();
                if self.iter().all(|number| fits(number).is_some()) {
                    writer.ints(self.iter().filter_map(fits));
                } else {
                    writer.strs(self.iter().map(|number| number.to_string()));
                }
            }
        }
    )*};
}

large_integers!(u64 usize isize i128 u128);

impl AttributeValue for f64 {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.float(*self);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Float(*self))
    }
}

impl AttributeValue for f32 {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.float(widen(*self));
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Float(widen(*self)))
    }
}

/// The double that shows the same digits: 0.1 stays 0.1, not 0.10000000149011612.
fn widen(number: f32) -> f64 {
    let mut digits = Digits::default();
    let shown = write!(digits, "{number:e}").ok();
    let parsed = shown.and_then(|()| digits.text().parse().ok());
    parsed.unwrap_or(f64::from(number))
}

/// The digits of a number, without the heap: the longest f32 has 9, a sign, a point and an exponent.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl Digits {
    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl AttributeValue for [f64] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.floats(self.iter().copied());
    }
}

impl AttributeValue for [f32] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.floats(self.iter().map(|number| widen(*number)));
    }
}

impl AttributeValue for [bool] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.bools(self.iter().copied());
    }
}

impl AttributeValue for [String] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.strs(self);
    }
}

impl AttributeValue for [&str] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.strs(self);
    }
}

impl AttributeValue for [Cow<'_, str>] {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        writer.strs(self);
    }
}

impl<T> AttributeValue for Vec<T>
where
    [T]: AttributeValue,
{
    fn write(&self, writer: &mut ValueWriter<'_>) {
        self.as_slice().write(writer);
    }
}

impl<T, const N: usize> AttributeValue for [T; N]
where
    [T]: AttributeValue,
{
    fn write(&self, writer: &mut ValueWriter<'_>) {
        self.as_slice().write(writer);
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        if let Some(value) = self {
            value.write(writer);
        }
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        self.as_ref()?.__plain()
    }
}

impl<T: AttributeValue + ToOwned + ?Sized> AttributeValue for Cow<'_, T> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        self.as_ref().write(writer);
    }

    #[inline]
    fn __plain(&self) -> Option<Plain<'_>> {
        self.as_ref().__plain()
    }
}

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<T: AttributeValue + ?Sized> AttributeValue for $pointer {
            fn write(&self, writer: &mut ValueWriter<'_>) {
                (**self).write(writer);
            }

            #[inline]
            fn __plain(&self) -> Option<Plain<'_>> {
                (**self).__plain()
            }
        }
    )*};
}

pointers!(&T &mut T Box<T> Rc<T> Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_float_keeps_its_digits() {
        for (number, shown) in [
            (0.1_f32, "0.1"),
            (-1.5e-30, "-0.0000000000000000000000000000015"),
            (f32::MAX, "340282350000000000000000000000000000000"),
        ] {
            assert_eq!(widen(number).to_string(), shown);
        }
        assert!(widen(f32::NAN).is_nan());
        assert_eq!(widen(f32::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
