//! What kind of error an error is of which the type is not known: by the types that are known, along
//! its causes, else by the name in its debug form.

mod erased;
mod known;
pub(crate) mod names;
mod registry;

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Write};
use std::iter::successors;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use self::erased::Erased;
pub(crate) use self::erased::erased_in;
use self::names::{bounded, leading_name, of_std, qualified_name, short_name};
pub(crate) use self::registry::{Entry, hold};
pub use self::registry::{error_type_of, register_error_type};
use super::genai_error::GenAiError;

/// Most causes that are followed.
pub(crate) const MAX_CAUSES: usize = 16;

/// What is known of an error by the list of known types.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    /// The value of `error.type`.
    pub(crate) error_type: Cow<'static, str>,
    /// The value of `exception.type`, where it is known.
    pub(crate) exception_type: Option<&'static str>,
    /// The error itself, where it was found behind a type that says less.
    pub(crate) error: Option<&'a (dyn Error + 'static)>,
}

/// An error whose type is to be found out.
#[derive(Clone, Copy)]
enum Unknown<'a> {
    Error(&'a (dyn Error + 'static)),
    Any(&'a dyn Any),
}

impl<'a> Unknown<'a> {
    /// The error, if its type is `E`.
    fn get<E: Error + 'static>(self) -> Option<&'a E> {
        match self {
            Unknown::Error(error) => error.downcast_ref(),
            Unknown::Any(error) => error.downcast_ref(),
        }
    }
}

/// What the list of known types says of a value of any type.
pub(crate) fn of_any(error: &dyn Any) -> Option<Known<'_>> {
    of_listed(Unknown::Any(error))
}

fn of_listed(error: Unknown<'_>) -> Option<Known<'_>> {
    registry::find(error).or_else(|| known::find(error))
}

/// The kind of an erased error: its own or, where that says nothing, that of the first of its causes
/// that says something.
pub(crate) fn of_erased<'a>(error: &'a (dyn Error + 'static)) -> Option<Known<'a>> {
    successors(Some(error), |error| source_of(*error))
        .take(MAX_CAUSES)
        .find_map(|error| of_listed(Unknown::Error(error)).or_else(|| of_debug(error)))
}

fn of_debug<'a>(error: &dyn Debug) -> Option<Known<'a>> {
    Some(Known {
        error_type: debug_name(error)?,
        exception_type: None,
        error: None,
    })
}

/// The kind of an error by the name of its type. Where that is no more than `Error`, as in many
/// crates, its debug form and its causes say it, else the crate does.
pub(crate) fn of_error<E: Error>(error: &E) -> Cow<'static, str> {
    by_name::<E>(|| debug_name(error).or_else(|| Some(of_erased(source_of(error)?)?.error_type)))
}

/// As [`of_error`], of something that is no `Error`.
pub(crate) fn of_type<E: ?Sized>() -> Cow<'static, str> {
    by_name::<E>(|| None)
}

fn by_name<E: ?Sized>(unspecific: impl FnOnce() -> Option<Cow<'static, str>>) -> Cow<'static, str> {
    let path = type_name::<E>();
    match short_name(path) {
        // Of the standard library's, the debug form shows what is inside and no kind.
        names::UNSPECIFIC if of_std(path).is_some() => qualified_name(path),
        names::UNSPECIFIC => unspecific().unwrap_or_else(|| qualified_name(path)),
        name => bounded(Cow::Borrowed(name)),
    }
}

/// The kind that an error itself says.
pub(crate) fn of_genai_error<E: GenAiError + ?Sized>(error: &E) -> Cow<'static, str> {
    guarded(|| bounded(error.error_type())).unwrap_or_else(of_type::<E>)
}

/// Runs code of the user's. A panic in it must not make a panic of an error that the user's function
/// returned in good order.
#[inline]
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The cause of an error.
pub(crate) fn source_of<'a>(error: &'a (dyn Error + '_)) -> Option<&'a (dyn Error + 'static)> {
    guarded(|| error.source()).flatten()
}

/// The name at the front of a debug form.
fn debug_name(error: &(impl Debug + ?Sized)) -> Option<Cow<'static, str>> {
    let mut front = Front(String::new());
    // It fails where the front is full: no more of it is wanted.
    let _ = guarded(|| write!(front, "{error:?}"));
    leading_name(&front.0)
}

/// The first bytes of a text.
struct Front(String);

/// A path, its name, and what follows that.
const FRONT_BYTES: usize = 4 * names::MAX_BYTES;

impl Write for Front {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = FRONT_BYTES.saturating_sub(self.0.len());
        let (kept, rest) = text
            .split_at_checked(text.floor_char_boundary(room))
            .unwrap_or_default();
        self.0.push_str(kept);
        if rest.is_empty() {
            Ok(())
        } else {
            Err(std::fmt::Error)
        }
    }
}
