//! What a call's answer says of it, read from a value of any type: one that says it itself, bytes or a text
//! that are a provider's body, or whatever has a serialised form; `Ok` of a `Result` as the value itself.
//!
//! `(&&&&&&&Probe(&value)).__answer(open, end)` picks the first trait below that fits the type, as
//! [`probe`](super::probe) does. A foreign answer tells nothing, and nothing that is read disturbs the call.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value as Json;

use super::error_type::guarded;
use super::error_type::names::{OTHER, bounded};
use super::mcp_facts;
use super::model_facts;
use super::names;
use super::open::Open;
use super::operation::Operation;
use super::outcome::{End, Failure, Outcome};
use super::probe::Probe;
use crate::content::json_bytes;
use crate::provider::{
    self, ChatFacts, ChatResponse, Fault, Limits, Origin, StreamReader, from_serialize, from_slice,
};

/// What an answer was found to be.
enum Answer<'a> {
    Facts(Box<ChatFacts>),
    Bytes(&'a [u8]),
    /// And how large it was.
    Json(Json, Option<u64>),
}

impl Answer<'_> {
    /// How large it was.
    fn bytes(&self) -> Option<u64> {
        match self {
            Answer::Facts(_) => None,
            Answer::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Answer::Json(_, bytes) => *bytes,
        }
    }
}

fn serialized<T: Serialize + ?Sized>(value: &T, is_wanted: bool) -> Option<Answer<'static>> {
    // Nobody's answer is a number or nothing at all: the usual items of a stream of one's own.
    let is_answer = |body: &Json| body.is_object() || body.is_array();
    let body = from_serialize(value, &Limits::of(is_wanted)).filter(is_answer)?;
    Some(Answer::Json(body, json_bytes(value)))
}

/// Declares one of the traits, and implements it for one kind of answer.
macro_rules! answers {
    ($doc:literal, $name:ident, $probe:ty, [$($generics:tt)*], |$this:ident, $is_wanted:ident| $answer:expr) => {
        #[doc = $doc]
        pub trait $name {
            /// Reads the answer of a call: how it ended, which may be worse than `end`.
            fn __answer(&self, open: &mut Open, end: End) -> End;
            /// Reads a part of a streamed answer.
            fn __part(&self, open: &mut Open, end: End) -> End;
        }

        impl<$($generics)*> $name for $probe {
            fn __answer(&self, open: &mut Open, end: End) -> End {
                let $this = self;
                whole(open, end, provider::response, |$is_wanted| $answer)
            }

            fn __part(&self, open: &mut Open, end: End) -> End {
                let $this = self;
                part(open, |$is_wanted| $answer);
                end
            }
        }
    };
}

answers!(
    "A `Result` of an answer that says itself what it is about.",
    AnswerResultSaying, &&&&&&Probe<'_, Result<T, E>>, [T: ChatResponse, E],
    |this, _wanted| this.0.as_ref().ok().map(|value| Answer::Facts(Box::new(value.chat_facts())))
);
answers!(
    "An answer that says itself what it is about.",
    AnswerSaying, &&&&&Probe<'_, T>, [T: ChatResponse],
    |this, _wanted| Some(Answer::Facts(Box::new(this.0.chat_facts())))
);
answers!(
    "A `Result` of the bytes or the text of an answer.",
    AnswerResultBytes, &&&&Probe<'_, Result<T, E>>, [T: AsRef<[u8]>, E],
    |this, _wanted| this.0.as_ref().ok().map(|value| Answer::Bytes(value.as_ref()))
);
answers!(
    "The bytes or the text of an answer.",
    AnswerBytes, &&&Probe<'_, T>, [T: AsRef<[u8]>],
    |this, _wanted| Some(Answer::Bytes(this.0.as_ref()))
);
answers!(
    "A `Result` of an answer with a serialised form.",
    AnswerResultSerialized, &&Probe<'_, Result<T, E>>, [T: Serialize, E],
    |this, is_wanted| this.0.as_ref().ok().and_then(|value| serialized(value, is_wanted))
);
answers!(
    "An answer with a serialised form.",
    AnswerSerialized, &Probe<'_, T>, [T: Serialize],
    |this, is_wanted| serialized(this.0, is_wanted)
);

/// Any other answer, which tells nothing.
pub trait AnswerAny {
    /// Leaves the end as it is.
    fn __answer(&self, open: &mut Open, end: End) -> End;
    /// Leaves the end as it is.
    fn __part(&self, open: &mut Open, end: End) -> End;
}

impl<T: ?Sized> AnswerAny for Probe<'_, T> {
    fn __answer(&self, _: &mut Open, end: End) -> End {
        end
    }

    fn __part(&self, _: &mut Open, end: End) -> End {
        end
    }
}

/// A `Result`, of which only an `Ok` is an answer (`response = path`).
pub trait AnswerResultBy<'a, T: 'a> {
    /// Reads what `response` gives of the answer.
    fn __answer_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End;
    /// The same of a part of a streamed answer.
    fn __part_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End;
}

impl<'a, T: 'a, E> AnswerResultBy<'a, T> for &Probe<'a, Result<T, E>> {
    fn __answer_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End {
        match self.0 {
            Ok(value) => Probe(value).__answer_by(open, end, response),
            Err(_) => end,
        }
    }

    fn __part_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End {
        match self.0 {
            Ok(value) => Probe(value).__part_by(open, end, response),
            Err(_) => end,
        }
    }
}

/// Anything else is an answer itself (`response = path`).
pub trait AnswerAnyBy<'a, T: 'a> {
    /// Reads what `response` gives of the answer.
    fn __answer_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End;
    /// The same of a part of a streamed answer.
    fn __part_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End;
}

impl<'a, T: 'a> AnswerAnyBy<'a, T> for Probe<'a, T> {
    fn __answer_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End {
        let response = response(self.0);
        // The user says that it is one.
        whole(open, end, provider::said_response, |is_wanted| {
            serialized(&response, is_wanted)
        })
    }

    fn __part_by<R: Serialize>(
        &self,
        open: &mut Open,
        end: End,
        response: impl FnOnce(&'a T) -> R,
    ) -> End {
        let response = response(self.0);
        AnswerSerialized::__part(&&Probe(&response), open, end)
    }
}

/// Finds the facts of a response.
type Facts = fn(&Json, &Origin<'_>) -> Option<ChatFacts>;

/// Reads a whole answer, which `read` gives; that is told whether what was said is wanted as well.
fn whole<'a>(
    open: &mut Open,
    end: End,
    facts_of: Facts,
    read: impl FnOnce(bool) -> Option<Answer<'a>>,
) -> End {
    // A stream behind an alias is found by the compiler, where the attribute saw a value.
    if open.follows_stream() {
        part(open, read);
        return end;
    }
    // What reading takes is none of the call's time.
    let Some(operation) = open.is_over() else {
        return end;
    };
    let is_wanted = open.wants_content();
    let Some(answer) = guarded(|| read(is_wanted)).flatten() else {
        return end;
    };
    let bytes = answer.bytes();
    open.contents(|contents| contents.output_bytes = bytes);
    if operation.is_mcp() {
        return ended(end, mcp(open, operation, answer, is_wanted));
    }
    let provider = open.said_text(names::PROVIDER);
    let mut origin = Origin::default().content(is_wanted);
    if let Some(provider) = &provider {
        origin = origin.provider(provider);
    }
    let facts = match answer {
        Answer::Facts(facts) => Some(*facts),
        Answer::Bytes(bytes) => {
            let mut reader = StreamReader::new(&origin);
            reader.bytes(bytes);
            reader.end();
            reader.facts()
        }
        Answer::Json(body, _) => facts_of(&body, &origin),
    };
    let Some(facts) = facts else {
        return end;
    };
    open.edit(|items| model_facts::put_response(items, operation, &facts));
    if let Some(content) = facts.content {
        open.contents(|contents| contents.take(*content));
    }
    ended(end, facts.error)
}

/// Reads an answer of the Model Context Protocol: the error that it is.
fn mcp(
    open: &mut Open,
    operation: Operation,
    answer: Answer<'_>,
    is_wanted: bool,
) -> Option<Fault> {
    let body = match answer {
        Answer::Json(body, _) => body,
        Answer::Bytes(bytes) => from_slice(bytes, &Limits::of(is_wanted))?,
        Answer::Facts(_) => return None,
    };
    let mut fault = None;
    open.edit(|items| fault = mcp_facts::put_response(items, operation, &body));
    if is_wanted && fault.is_none() {
        let result = body.get("result").unwrap_or(&body).clone();
        open.contents(|contents| contents.output = Some(result));
    }
    fault
}

/// Reads a part of a streamed answer, which `read` gives.
fn part<'a>(open: &mut Open, read: impl FnOnce(bool) -> Option<Answer<'a>>) {
    let is_wanted = open.wants_content();
    let Some(answer) = guarded(|| read(is_wanted)).flatten() else {
        return;
    };
    let bytes = answer.bytes().unwrap_or(0);
    open.contents(|contents| {
        let so_far = contents.output_bytes.unwrap_or(0);
        contents.output_bytes = Some(so_far.saturating_add(bytes));
    });
    let provider = open.said_text(names::PROVIDER);
    open.read_part(provider.as_deref(), is_wanted, |reader| match answer {
        Answer::Facts(facts) => reader.absorb(*facts),
        Answer::Bytes(bytes) => reader.bytes(bytes),
        Answer::Json(body, _) => reader.part(&body),
    });
}

/// How a call ended whose answer says `fault`: what has failed already has. Whoever leaves a stream that has
/// said its error leaves nothing that was still to come.
pub(super) fn ended(end: End, fault: Option<Fault>) -> End {
    match fault {
        Some(fault) if matches!(end.outcome, Outcome::Ok | Outcome::Abandoned) => {
            let error_type: Cow<'static, str> = fault.error_type.map_or(OTHER.into(), Into::into);
            End::failed(Failure {
                error_type: bounded(error_type.clone()),
                // There is no type of Rust's to name.
                exception_type: error_type,
                message: fault.message.unwrap_or_default(),
            })
        }
        _ => end,
    }
}
