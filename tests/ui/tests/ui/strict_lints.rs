//! Annotated functions under the lints that generated code most often trips over: that this
//! compiles, and that clippy is silent, is the test.
#![deny(warnings, unused, missing_debug_implementations, unreachable_pub)]
#![deny(
    let_underscore_drop,
    unused_qualifications,
    unused_results,
    elided_lifetimes_in_paths
)]
#![deny(
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    closure_returning_async_block,
    explicit_outlives_requirements,
    impl_trait_redundant_captures,
    keyword_idents,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_abi,
    missing_copy_implementations,
    missing_docs,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unsafe_code,
    unsafe_op_in_unsafe_fn,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    variant_size_differences
)]
// Every lint that clippy has, so that none of a user's can be missing.
#![deny(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::restriction
)]
#![allow(
    dead_code,
    reason = "nothing calls these functions: they are only compiled"
)]
#![allow(
    clippy::needless_return,
    clippy::semicolon_inside_block,
    reason = "the contrary of another lint of the list"
)]
#![allow(
    clippy::blanket_clippy_restriction_lints,
    clippy::arbitrary_source_item_ordering,
    clippy::single_call_fn,
    clippy::std_instead_of_alloc,
    reason = "of what is written here by hand, and of all these lints at once"
)]

use core::fmt::Display;
use core::future::ready;
use core::panic::Location;
use core::pin::Pin;
use core::result::Result as Answer;
use std::borrow::Cow;
use std::io::{Error, Result};

use futures::stream::{BoxStream, Stream, once};
use genai_trace::{
    GateDecision, GenAiError, genai_agent, genai_chat, genai_gate, genai_span, genai_tool,
    genai_tools, record,
};

/// A tool with every reading of its result.
#[genai_tool(
    "read_file",
    call_id = path,
    description = "Reads a file",
    err = kind_of,
    error_if = is_blank,
    fields("path.length" = path.len(), app.r#type = 1, "app.ratio" = -0.5),
    ret_fields("text.length" = length)
)]
fn read_file(path: &str) -> Result<String> {
    if path.is_empty() {
        return Err(Error::other("no path"));
    }
    return Ok(path.to_owned());
}

/// An error whose variants are its kinds.
#[derive(Debug, GenAiError)]
enum ApiError<E> {
    /// Known by its name.
    Overloaded,
    /// Known by another.
    #[genai(error_type = "rate_limited")]
    TooManyRequests {
        /// In seconds.
        retry_after: u64,
    },
    /// Known by what is inside.
    #[genai(transparent)]
    Network(Error),
    /// Known by what is inside, of which nothing is known.
    #[genai(transparent)]
    Other {
        /// It says its kind, or its type does.
        inner: E,
    },
    /// Known as long as there are some.
    #[deprecated = "the service says it no more"]
    Old,
}

/// An error around another.
#[derive(Debug, GenAiError)]
#[genai(transparent)]
struct Wrapped(Error);

/// A call with a kind of error.
#[genai_tool]
fn ask<E>(error: ApiError<E>) -> Answer<(), ApiError<E>> {
    return Err(error);
}

/// Gives `error.type`.
fn kind_of(error: &Error) -> Cow<'static, str> {
    return format!("{:?}", error.kind()).into();
}

/// Calls an empty text an error.
fn is_blank(result: &Result<String>) -> bool {
    return result.as_ref().is_ok_and(String::is_empty);
}

/// A fact of the result.
fn length(result: &Result<String>) -> Option<usize> {
    return result.as_ref().ok().map(String::len);
}

/// A chat whose future has something to wait for.
#[genai_chat(
    provider = "openai",
    model = model,
    max_tokens = 100,
    temperature = 1,
    prompt(name = "answer", version = "1"),
    conversation_id = model
)]
async fn chat(model: &str) -> String {
    record!("app.model" = model, gen_ai.usage.input_tokens = 12);
    ready(()).await;
    return model.to_owned();
}

/// A chat whose answer comes in pieces.
#[genai_chat(model = model, stream, ret_fields("chunk.length" = String::len))]
async fn chat_in_pieces(model: &str) -> Result<BoxStream<'_, String>> {
    let text = chat(model).await;
    return Ok(Box::pin(once(ready(text))));
}

/// The same without a box.
#[genai_span]
fn pieces(model: &str) -> impl Stream<Item = Result<String>> + use<> {
    let text = model.to_owned();
    return once(ready(Ok(text)));
}

/// A future without an `async fn`.
#[genai_tool(err = kind_of)]
fn later(path: &str) -> impl Future<Output = Result<String>> + Send {
    return ready(Ok(path.to_owned()));
}

/// A boxed one.
#[genai_tool]
fn later_in_a_box<'path>(path: &'path str) -> Pin<Box<dyn Future<Output = usize> + Send + 'path>> {
    let length = path.len();
    return Box::pin(ready(length));
}

/// A body that asks who called.
#[track_caller]
#[genai_span]
fn called_at(known: Option<u32>) -> Option<u32> {
    let line = known?;
    if line == 0 {
        return None;
    }
    return Some(Location::caller().line());
}

/// Tools of one type.
struct Registry(usize);

#[genai_tools(tool_type = "extension")]
impl Registry {
    /// A tool.
    fn read(&self, path: &str) -> Result<String> {
        return read_file(path).map(|text| return text.repeat(self.0));
    }

    /// No tool.
    #[genai(skip)]
    const fn count(&self) -> usize {
        return self.0;
    }
}

/// An agent without a result.
#[genai_agent("coder", remote, root)]
async fn run(model: &str) {
    drop(chat(model).await);
}

/// A gate.
#[genai_gate("allow_command")]
fn allow(command: &str) -> GateDecision {
    if command == "rm" {
        return GateDecision::Deny("it deletes".to_owned());
    }
    return GateDecision::Allow;
}

/// A step that returns what the compiler knows and nobody else.
#[genai_span]
fn count(up_to: u8) -> impl Iterator<Item = impl Display> {
    return (0..up_to).map(u32::from);
}

/// A step that returns what it is given.
#[genai_span(ret_fields("empty" = Option::is_none))]
fn first<T>(list: &mut [T]) -> Option<&mut T> {
    return list.first_mut();
}

/// A step without anything.
#[genai_span]
fn step() {}

/// A step that never ends.
#[genai_span]
async fn forever() -> ! {
    loop {
        ready(()).await;
    }
}

/// The compiler still says that nothing calls this.
#[expect(
    dead_code,
    reason = "a lint on an annotated function must not go silent"
)]
#[genai_tool]
fn never_called() {}

/// The same of a future.
#[expect(
    dead_code,
    reason = "a lint on an annotated function must not go silent"
)]
#[genai_tool]
async fn never_called_either() {}
