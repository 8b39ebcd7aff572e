//! The types of error that users have made known.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use super::names::{bounded, public_name};
use super::{Known, Unknown, guarded, of_error};

/// Tells the kind of errors of the type `E`, wherever its type is hidden: in an `anyhow::Error`, an
/// `eyre::Report`, a `Box<dyn Error>`, or among the causes of these.
///
/// Such an error is followed along its [`source`](Error::source), 16 deep at most. The first that is
/// registered, or of a type that this crate knows (`std::io::Error` by its kind,
/// `serde_json::Error` by its category, `tokio`'s and `reqwest`'s behind the features of these
/// names), gives `error.type`; so does one whose debug form begins with the name of a type, as
/// `Timeout { after: 3s }` does. Where none does, it is `_OTHER`. It is never a message.
///
/// ```
/// use std::borrow::Cow;
/// use std::num::{IntErrorKind, ParseIntError};
///
/// genai_trace::register_error_type::<ParseIntError>(|error| {
///     Cow::Borrowed(match error.kind() {
///         IntErrorKind::Empty => "empty_number",
///         _ => "malformed_number",
///     })
/// });
/// # let error = "x".parse::<i32>().unwrap_err();
/// # assert_eq!(genai_trace::error_type_of(&error), "malformed_number");
/// ```
///
/// It holds for the process, whether telemetry is installed or not; a second function for a type
/// replaces the first. The function returns one of few texts, cut after 64 bytes and before a control
/// character. Where it panics, the error is taken for one that is not registered.
///
/// A function that returns `Result<T, E>` with `E` in the open ends its span with the kind that the
/// type itself says ([`GenAiError`](crate::GenAiError)), else with its name: a type may borrow, and
/// one that borrows cannot be looked up. Write `err = genai_trace::error_type_of` there.
pub fn register_error_type<E: Error + 'static>(
    error_type: impl Fn(&E) -> Cow<'static, str> + Send + Sync + 'static,
) {
    let entry = Entry {
        id: TypeId::of::<E>(),
        find: Arc::new(move |error| {
            let error = error
                .get::<E>()
                .or_else(|| error.get::<Box<E>>().map(Box::as_ref))
                .or_else(|| error.get::<Arc<E>>().map(Arc::as_ref))?;
            Some(Known {
                error_type: guarded(|| bounded(error_type(error)))?,
                exception_type: Some(public_name(type_name::<E>())),
                error: Some(error),
            })
        }),
    };
    let mut entries = hold();
    // Others may be reading the list: they keep theirs.
    let others = entries.iter().flat_map(|entries| entries.iter());
    let others = others.filter(|other| other.id != entry.id).cloned();
    *entries = Some(others.chain([entry.clone()]).collect());
}

/// The kind of an error: as [`register_error_type`] says of its type, else of the types that this
/// crate knows, else the name of its type.
///
/// ```
/// use genai_trace::genai_tool;
///
/// #[genai_tool(err = genai_trace::error_type_of)]
/// fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
///     text.parse()
/// }
/// let error = parse("x").unwrap_err();
/// assert_eq!(genai_trace::error_type_of(&error), "ParseFloatError");
/// ```
pub fn error_type_of<E: Error + 'static>(error: &E) -> Cow<'static, str> {
    match super::of_listed(Unknown::Error(error)) {
        Some(known) => known.error_type,
        None => of_error(error),
    }
}

/// What is known of an error, if it is of a registered type.
pub(super) fn find(error: Unknown<'_>) -> Option<Known<'_>> {
    let entries = ENTRIES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    // No lock is held here: the functions are the user's.
    entries?.iter().find_map(|entry| (entry.find)(error))
}

/// The registered types: as many as the program names, at most.
static ENTRIES: RwLock<Option<Arc<[Entry]>>> = RwLock::new(None);

/// Keeps others from the list; a fork does so.
pub(crate) fn hold() -> RwLockWriteGuard<'static, Option<Arc<[Entry]>>> {
    ENTRIES.write().unwrap_or_else(PoisonError::into_inner)
}

/// A registered type.
#[derive(Clone)]
pub(crate) struct Entry {
    id: TypeId,
    find: Arc<Find>,
}

type Find = dyn for<'a> Fn(Unknown<'a>) -> Option<Known<'a>> + Send + Sync;
