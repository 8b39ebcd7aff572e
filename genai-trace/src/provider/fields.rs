//! What the fields of a response of one's own say: `#[derive(ChatResponse)]`.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::json;

use super::chat_response::ChatResponse;
use super::facts::{ChatFacts, Fault};
use super::finish_reason::FinishReason;

/// Facts that fields say, one after the other.
#[derive(Debug, Default)]
pub struct FactsOfFields(ChatFacts);

/// A field that may hold a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no text that a response says",
    label = "expected `String`, `&str`, or an `Option` of one"
)]
pub trait TextField {
    /// The text, where there is one.
    fn said(&self) -> Option<String>;
}

/// A field that may hold a count of tokens.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no count of tokens",
    label = "expected an integer, or an `Option` of one"
)]
pub trait CountField {
    /// The count, where there is one; a negative one is none.
    fn said(&self) -> Option<u64>;
}

impl TextField for str {
    fn said(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

macro_rules! texts {
    ($([$($generics:tt)*] $text:ty),*) => {$(
        impl<$($generics)*> TextField for $text {
            fn said(&self) -> Option<String> {
                (**self).said()
            }
        }
    )*};
}

texts!([] String, [] Box<str>, [] Arc<str>, ['a] Cow<'a, str>, ['a, T: TextField + ?Sized] &'a T);

impl<T: TextField> TextField for Option<T> {
    fn said(&self) -> Option<String> {
        self.as_ref().and_then(T::said)
    }
}

macro_rules! counts {
    ($($number:ty),*) => {$(
        impl CountField for $number {
            fn said(&self) -> Option<u64> {
                u64::try_from(*self).ok()
            }
        }
    )*};
}

counts!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl<T: CountField> CountField for Option<T> {
    fn said(&self) -> Option<u64> {
        self.as_ref().and_then(T::said)
    }
}

impl<T: CountField + ?Sized> CountField for &T {
    fn said(&self) -> Option<u64> {
        (**self).said()
    }
}

macro_rules! facts {
    ($($name:ident: $field:ident => $($place:ident).+),* $(,)?) => {$(
        /// Takes over what a field says.
        pub fn $name<T: $field + ?Sized>(&mut self, field: &T) {
            self.0.$($place).+ = field.said();
        }
    )*};
}

impl FactsOfFields {
    facts! {
        id: TextField => id,
        model: TextField => model,
        status: TextField => status,
        service_tier: TextField => service_tier,
        input_tokens: CountField => usage.input,
        output_tokens: CountField => usage.output,
        cache_read_tokens: CountField => usage.cache_read,
        cache_write_tokens: CountField => usage.cache_write,
        reasoning_tokens: CountField => usage.reasoning,
    }

    /// Takes over why the one choice ended.
    pub fn finish_reason<T: TextField + ?Sized>(&mut self, field: &T) {
        self.0
            .finish_reasons
            .extend(field.said().map(FinishReason::new));
    }

    /// Takes over why each choice ended.
    pub fn finish_reasons<'a, T: TextField + 'a>(
        &mut self,
        field: impl IntoIterator<Item = &'a T>,
    ) {
        let said = field.into_iter().filter_map(T::said);
        self.0.finish_reasons.extend(said.map(FinishReason::new));
    }

    /// Takes over what kind of error it is, where it is one.
    pub fn error_type<T: TextField + ?Sized>(&mut self, field: &T) {
        self.0.error = field.said().map(|said| Fault::new(Some(said), None));
    }

    /// Takes over what the model has said.
    pub fn text<T: TextField + ?Sized>(&mut self, field: &T) {
        let Some(text) = field.said() else {
            return;
        };
        let message =
            json!([{ "role": "assistant", "parts": [{ "type": "text", "content": text }] }]);
        let content = self.0.content.get_or_insert_default();
        content.output = Some(message);
    }

    /// Takes over what a response inside says.
    pub fn inside<T: ChatResponse + ?Sized>(&mut self, field: &T) {
        self.0.absorb(field.chat_facts());
    }

    /// What all fields have said.
    pub fn facts(self) -> ChatFacts {
        self.0
    }
}
