//! What an attribute captures of a function: its arguments (`args`), what it returned (`ret`).
//!
//! Of a value its serialised form is taken, where it has none what it shows to a debugger, else nothing.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::contents;
use super::error_type::guarded;
use super::open::Open;
use super::opening::Opening;
use super::probe::Probe;
use crate::content::{ContentMode, REDACTED, hash, json_bytes, last4};
use crate::provider::{Limits, from_serialize};

/// `null`, as `()` and `None` are.
const NULL_BYTES: u64 = 4;

/// What is shown of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Whole,
    /// A hash of it: `#[capture(hash)]`.
    Hash,
    /// Its last characters: `#[capture(last4)]`.
    Last4,
}

/// Arguments that are being captured.
#[derive(Debug)]
pub struct Arguments {
    is_wanted: bool,
    bytes: u64,
    values: Map<String, Json>,
}

impl Arguments {
    fn add(&mut self, name: &str, said: Said) {
        let comma_colon_and_quotes = 4;
        let name_bytes = u64::try_from(name.len()).unwrap_or(u64::MAX);
        let bytes = said
            .bytes
            .saturating_add(name_bytes)
            .saturating_add(comma_colon_and_quotes);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(value) = said.value {
            self.values.insert(name.to_owned(), value);
        }
    }
}

/// A value that was captured.
struct Said {
    /// None where only the size is wanted.
    value: Option<Json>,
    bytes: u64,
}

fn serialized<T: Serialize + ?Sized>(value: &T, is_wanted: bool) -> Option<Said> {
    guarded(|| {
        let bytes = json_bytes(value)?;
        let is_nothing = || from_serialize(value, &Limits::of(false)).is_none_or(|it| it.is_null());
        if bytes == NULL_BYTES && is_nothing() {
            return None;
        }
        let value = is_wanted
            .then(|| from_serialize(value, &Limits::of(true)))
            .flatten();
        Some(Said { value, bytes })
    })
    .flatten()
}

fn text(text: String, is_wanted: bool) -> Said {
    let bytes = json_bytes(&text).unwrap_or(0);
    Said {
        value: is_wanted.then_some(Json::String(text)),
        bytes,
    }
}

/// A value with a serialised form.
pub trait ShowSerialized {
    /// Adds it under the argument's name.
    fn __show(&self, arguments: &mut Arguments, name: &str, how: Shown);
}

impl<T: Serialize + ?Sized> ShowSerialized for &&Probe<'_, T> {
    fn __show(&self, arguments: &mut Arguments, name: &str, how: Shown) {
        let is_wanted = arguments.is_wanted;
        let said = match how {
            Shown::Whole => serialized(self.0, is_wanted),
            Shown::Hash => guarded(|| hash(self.0)).map(|hash| text(hash, is_wanted)),
            Shown::Last4 => guarded(|| last4(self.0)).map(|last| text(last, is_wanted)),
        };
        if let Some(said) = said {
            arguments.add(name, said);
        }
    }
}

/// A value that shows something to a debugger.
pub trait ShowDebug {
    /// Adds it under the argument's name.
    fn __show(&self, arguments: &mut Arguments, name: &str, how: Shown);
}

impl<T: Debug + ?Sized> ShowDebug for &Probe<'_, T> {
    fn __show(&self, arguments: &mut Arguments, name: &str, how: Shown) {
        let Some(shown) = guarded(|| format!("{:?}", self.0)) else {
            return;
        };
        let shown = match how {
            Shown::Whole => shown,
            Shown::Hash => hash(&shown),
            // What a debugger sees is no text, and ends in who knows which field.
            Shown::Last4 => REDACTED.to_owned(),
        };
        arguments.add(name, text(shown, arguments.is_wanted));
    }
}

/// Any other value, of which nothing can be shown.
pub trait ShowAny {
    /// Adds nothing.
    fn __show(&self, arguments: &mut Arguments, name: &str, how: Shown);
}

impl<T: ?Sized> ShowAny for Probe<'_, T> {
    fn __show(&self, _: &mut Arguments, _: &str, _: Shown) {}
}

impl Opening {
    /// Says where the content of this call goes, whatever the policy has.
    pub fn content(&mut self, mode: &ContentMode) {
        self.contents().mode = Some(*mode);
    }

    /// Captures the arguments that `show` adds.
    pub fn arguments(&mut self, show: impl FnOnce(&mut Arguments)) {
        let braces = 1;
        let mut arguments = Arguments {
            is_wanted: contents::are_wanted(self.contents().mode),
            bytes: braces,
            values: Map::new(),
        };
        show(&mut arguments);
        let is_message = !self.callsite.operation().is_tool_call();
        let contents = self.contents();
        contents.input_bytes.get_or_insert(arguments.bytes.max(2));
        if !arguments.is_wanted || contents.input.is_some() {
            return;
        }
        let mut values = arguments.values;
        contents.input = Some(
            match values.len() {
                // A question is no object.
                1 if is_message => values.iter_mut().next().map(|(_, value)| value.take()),
                _ => None,
            }
            .unwrap_or(Json::Object(values)),
        );
    }
}

/// Declares one of the traits, and implements it for one kind of result.
macro_rules! results {
    ($doc:literal, $name:ident, $probe:ty, [$($generics:tt)*], |$this:ident, $wanted:ident| $said:expr) => {
        #[doc = $doc]
        pub trait $name {
            /// Captures what the function returned.
            fn __returned(&self, open: &mut Open);
        }

        impl<$($generics)*> $name for $probe {
            fn __returned(&self, open: &mut Open) {
                let $this = self;
                open.returned(|$wanted| $said);
            }
        }
    };
}

results!(
    "A `Result` of a value with a serialised form.",
    ReturnedResultSerialized, &&&&Probe<'_, Result<T, E>>, [T: Serialize, E],
    |this, is_wanted| serialized(this.0.as_ref().ok()?, is_wanted)
);
results!(
    "A value with a serialised form.",
    ReturnedSerialized, &&&Probe<'_, T>, [T: Serialize],
    |this, is_wanted| serialized(this.0, is_wanted)
);
results!(
    "A `Result` of a value that shows something to a debugger.",
    ReturnedResultDebug, &&Probe<'_, Result<T, E>>, [T: Debug, E],
    |this, is_wanted| {
        let value = this.0.as_ref().ok()?;
        guarded(|| format!("{value:?}")).map(|shown| text(shown, is_wanted))
    }
);
results!(
    "A value that shows something to a debugger.",
    ReturnedDebug, &Probe<'_, T>, [T: Debug],
    |this, is_wanted| guarded(|| format!("{:?}", this.0)).map(|shown| text(shown, is_wanted))
);

/// Any other value, of which nothing can be shown.
pub trait ReturnedAny {
    /// Captures nothing.
    fn __returned(&self, open: &mut Open);
}

impl<T: ?Sized> ReturnedAny for Probe<'_, T> {
    fn __returned(&self, _: &mut Open) {}
}

impl Open {
    /// Captures what the function returned, or the next item of the stream that it did; `show` is told whether the
    /// value is wanted, or only its size.
    fn returned(&mut self, show: impl FnOnce(bool) -> Option<Said>) {
        let Some(said) = show(self.wants_content()) else {
            return;
        };
        if self.is_stream() {
            self.contents(|contents| contents.items.get_or_insert_default().add(said));
            return;
        }
        self.contents(|contents| {
            contents.output_bytes.get_or_insert(said.bytes);
            contents.output = contents.output.take().or(said.value);
        });
    }
}

/// Most bytes that are kept of a stream's items until its span ends.
const MOST_BYTES: u64 = 256 * 1024;

/// The items of a stream so far.
#[derive(Debug, Default)]
pub(super) struct StreamItems {
    /// Texts as one text, anything else as a list.
    values: Option<Json>,
    kept: u64,
    /// How large they were, whether kept or not.
    pub(super) bytes: u64,
}

impl StreamItems {
    /// What was kept.
    pub(super) fn into_values(self) -> Option<Json> {
        self.values
    }

    fn add(&mut self, item: Said) {
        self.bytes = self.bytes.saturating_add(item.bytes);
        let Some(value) = item.value else {
            return;
        };
        self.kept = self.kept.saturating_add(item.bytes);
        if self.kept > MOST_BYTES {
            return;
        }
        match (&mut self.values, value) {
            (None, Json::String(text)) => self.values = Some(Json::String(text)),
            (None, value) => self.values = Some(Json::Array(vec![value])),
            (Some(Json::String(so_far)), Json::String(text)) => so_far.push_str(&text),
            (Some(Json::Array(so_far)), value) => so_far.push(value),
            (Some(so_far), value) => *so_far = Json::Array(vec![so_far.take(), value]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(values: &[Json]) -> StreamItems {
        let mut items = StreamItems::default();
        for value in values {
            items.add(serialized(value, true).unwrap());
        }
        items
    }

    #[test]
    fn texts_of_a_stream_are_one_text_and_other_items_a_list() {
        let texts = items(&["a".into(), "b".into()]);
        assert_eq!(texts.bytes, 6);
        assert_eq!(texts.into_values(), Some("ab".into()));
        let values = items(&[1.into(), "b".into()]).into_values();
        assert_eq!(values, Some(serde_json::json!([1, "b"])));
        let mixed = items(&["a".into(), 2.into()]).into_values();
        assert_eq!(mixed, Some(serde_json::json!(["a", 2])));
    }

    #[test]
    fn of_an_endless_stream_only_so_much_is_kept() {
        let item = Json::from("x".repeat(1000));
        let items = items(&vec![item; 1000]);
        assert_eq!(items.bytes, 1_002_000);
        let kept = items.into_values().unwrap().as_str().unwrap().len();
        assert_eq!(kept, 261_000);
    }
}
