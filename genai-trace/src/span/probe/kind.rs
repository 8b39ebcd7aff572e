//! What kind of error a field holds (`#[genai(transparent)]`), without a bound on its type.
//!
//! `(&&&&&Probe(&field)).__kind()` picks the first trait below that fits, as for returned values.

use std::borrow::Cow;
use std::error::Error;
use std::ops::Deref;

use super::Probe;
use crate::span::error_type::{self, Erased, names};
use crate::span::genai_error::GenAiError;

/// An error that says its kind itself.
pub trait KindGenAi {
    /// The kind of error.
    fn __kind(&self) -> Cow<'static, str>;
}

impl<E: GenAiError + ?Sized> KindGenAi for &&&&Probe<'_, E> {
    fn __kind(&self) -> Cow<'static, str> {
        error_type::of_genai_error(self.0)
    }
}

/// A pointer to an error whose type is hidden.
pub trait KindErased {
    /// The kind of error.
    fn __kind(&self) -> Cow<'static, str>;
}

impl<E: Deref<Target: Erased> + ?Sized> KindErased for &&&Probe<'_, E> {
    fn __kind(&self) -> Cow<'static, str> {
        of_erased(self.0.deref().as_error())
    }
}

/// A pointer to such a pointer.
pub trait KindErasedTwice {
    /// The kind of error.
    fn __kind(&self) -> Cow<'static, str>;
}

impl<E: Deref<Target: Deref<Target: Erased>> + ?Sized> KindErasedTwice for &&Probe<'_, E> {
    fn __kind(&self) -> Cow<'static, str> {
        of_erased(self.0.deref().deref().as_error())
    }
}

/// A proper error.
pub trait KindError {
    /// The kind of error.
    fn __kind(&self) -> Cow<'static, str>;
}

impl<E: Error> KindError for &Probe<'_, E> {
    fn __kind(&self) -> Cow<'static, str> {
        error_type::of_error(self.0)
    }
}

/// Anything else.
pub trait KindAny {
    /// The kind of error.
    fn __kind(&self) -> Cow<'static, str>;
}

impl<E: ?Sized> KindAny for Probe<'_, E> {
    fn __kind(&self) -> Cow<'static, str> {
        error_type::of_type::<E>()
    }
}

fn of_erased(error: &(dyn Error + 'static)) -> Cow<'static, str> {
    error_type::of_erased(error).map_or(Cow::Borrowed(names::OTHER), |known| known.error_type)
}
