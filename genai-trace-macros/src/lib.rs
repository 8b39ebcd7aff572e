//! The attributes of `genai-trace`, which re-exports them: use that crate, not this one.
//!
//! | attribute | the span | its kind |
//! |---|---|---|
//! | [`#[genai_agent("coder")]`](macro@genai_agent) | `invoke_agent coder` | INTERNAL; CLIENT with `remote` |
//! | [`#[genai_chat]`](macro@genai_chat) | `chat {model}` | CLIENT |
//! | [`#[genai_tool("read_file")]`](macro@genai_tool) | `execute_tool read_file` | INTERNAL |
//! | [`#[genai_gate("allow_command")]`](macro@genai_gate) | `gate allow_command` | INTERNAL |
//! | [`#[genai_span("agent.turn")]`](macro@genai_span) | `agent.turn` | INTERNAL |
//!
//! [`#[genai_tools]`](macro@genai_tools) goes on an `impl` block and makes a tool of every method.
//!
//! They go on functions and methods, sync and async, with any receiver, generics, lifetimes and
//! `impl Trait`. The function keeps its signature and returns what it would have returned; nothing
//! is asked of its arguments or of its result. A `Result::Err` ends the span with an error, a panic
//! is recorded and goes on, and a future that is dropped ends its span as cancelled.
//!
//! A function that returns a future (`impl Future`, a boxed one, an alias of a boxed one) begins its
//! span when it is called; the span is current whenever the future is polled, and ends with it. The
//! same goes, with the feature `stream`, for streams, also those that come in a `Result` or out of
//! an `async fn`: the span ends with the stream, and is abandoned where that is dropped before.
//!
//! [`record!`](macro@record) sets attributes of the current span from inside a body.
//!
//! What these attributes do not do: they never look at arguments or results on their own, and they
//! do not go on `const fn` or closures. A future or a stream inside a tuple, an `Option` or a type
//! of your own is a value like any other: the span ends when the function returns it.

mod args;
mod check;
mod conventions;
mod derive;
mod expand;
mod facts;
mod fallback;
mod kind;
mod mistakes;
mod off;
mod options;
mod output;
mod place;
mod record;
mod shape;
mod suggest;
mod tools;
mod trace;
mod tracked;

use proc_macro::TokenStream;

use kind::Kind;

/// Puts a span around an agent's run: `invoke_agent {name}`.
///
/// The name is the string in front, `name = value` where it is known only at run time, else the
/// function's own name. Chats and tools that the function calls become children of the span.
///
/// ```
/// use genai_trace::genai_agent;
///
/// #[genai_agent("coder", version = "1.2", model = model, fields("task.bytes" = task.len()))]
/// fn run(task: &str, model: &str) -> Result<String, std::io::Error> {
///     Ok(format!("{model} did: {task}"))
/// }
/// assert_eq!(run("nothing", "gpt-4o")?, "gpt-4o did: nothing");
///
/// // An agent that a remote service runs: a span of kind CLIENT.
/// #[genai_agent(name = agent, remote, provider = "openai")]
/// async fn delegate(agent: &str, task: String) -> String {
///     task
/// }
/// # drop(delegate("critic", String::new()));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"name"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.agent.name` |
/// | `id = value` | `&str`, `String`, `Option` of these | `gen_ai.agent.id` |
/// | `description = value` | as `id` | `gen_ai.agent.description` |
/// | `version = value` | as `id` | `gen_ai.agent.version` |
/// | `model = value` | as `id` | `gen_ai.request.model` |
/// | `remote` | flag | the kind CLIENT |
/// | `provider = value` | as `id`; only with `remote` | `gen_ai.provider.name` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_agent(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Agent, args, item)
}

/// Puts a span around a call of a model: `chat {model}`, of kind CLIENT.
///
/// It goes on the function that makes the call, whatever client that uses. The model is what
/// `model` says, else what `request` says.
///
/// ```
/// use genai_trace::{genai_chat, record};
///
/// #[genai_chat(provider = "openai", model = model, max_tokens = 256, temperature = 0.2)]
/// async fn chat(model: &str, question: &str) -> Result<String, std::io::Error> {
///     record!(gen_ai.usage.input_tokens = question.len() / 4, gen_ai.usage.output_tokens = 1);
///     Ok("42".to_owned())
/// }
/// # drop(chat("gpt-4o", "what is six times seven?"));
///
/// #[genai_chat(
///     provider = "anthropic",
///     model = "claude-opus-4",
///     operation = "text_completion",
///     prompt(name = "summary", version = "3"),
///     stop_sequences = ["\n\n"],
/// )]
/// fn complete(text: &str) -> String {
///     text.to_uppercase()
/// }
/// assert_eq!(complete("yes"), "YES");
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `provider = value` | `&str`, `String`, `Option` of these | `gen_ai.provider.name` |
/// | `model = value` | `&str`, `String` | the span's name and `gen_ai.request.model` |
/// | `operation = "chat"` | `"chat"` (default), `"text_completion"`, `"generate_content"` | `gen_ai.operation.name`, first word of the span's name |
/// | `request = value` | `impl Serialize`: the body of the request | what it says of the request |
/// | `response = path` | `fn(&T) -> impl Serialize`, where the function returns `T` or `Result<T, E>` | what it says of the response |
/// | `stream` | flag, on a function that returns a stream | `gen_ai.request.stream` |
/// | `prompt(name = value, version = value)` | as `provider`, each may be left out | `gen_ai.prompt.name`, `gen_ai.prompt.version` |
/// | `max_tokens = value` | integer | `gen_ai.request.max_tokens` |
/// | `temperature = value` | number | `gen_ai.request.temperature` |
/// | `top_p = value` | number | `gen_ai.request.top_p` |
/// | `top_k = value` | integer | `gen_ai.request.top_k` |
/// | `frequency_penalty = value` | number | `gen_ai.request.frequency_penalty` |
/// | `presence_penalty = value` | number | `gen_ai.request.presence_penalty` |
/// | `seed = value` | integer | `gen_ai.request.seed` |
/// | `choice_count = value` | integer | `gen_ai.request.choice.count` |
/// | `stop_sequences = value` | list of strings | `gen_ai.request.stop_sequences` |
/// | `reasoning_level = value` | as `provider` | `gen_ai.request.reasoning.level` |
/// | `output_type = value` | `"text"`, `"json"`, `"image"`, `"speech"` | `gen_ai.output.type` |
/// | `previous_response_id = value` | as `provider` | `gen_ai.request.previous_response.id` |
/// | `server_address = value` | as `provider` | `server.address` |
/// | `server_port = value` | integer | `server.port` |
///
/// Each value may be an `Option`, where `None` sets nothing.
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_chat(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Chat, args, item)
}

/// Puts a span around a tool: `execute_tool {name}`.
///
/// The name is the string in front, `name = value` where it is known only at run time (in the
/// function that dispatches to many tools), else the function's own name.
///
/// ```
/// use genai_trace::genai_tool;
///
/// #[genai_tool("word_count", call_id = id, ret_fields("words" = |count| *count))]
/// fn word_count(id: &str, text: &str) -> usize {
///     text.split_whitespace().count()
/// }
/// assert_eq!(word_count("call_1", "one two"), 2);
///
/// // A tool that reports its failure as data: `error_if` makes it an error of the span.
/// struct Output {
///     text: String,
///     exit_code: i32,
/// }
///
/// fn failed(output: &Output) -> bool {
///     output.exit_code != 0
/// }
///
/// #[genai_tool(name = tool, error_if = failed)]
/// fn dispatch(tool: &str) -> Output {
///     Output { text: tool.to_owned(), exit_code: 1 }
/// }
/// assert_eq!(dispatch("run_command").text, "run_command");
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"name"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.tool.name` |
/// | `call_id = value` | `&str`, `String`, `Option` of these | `gen_ai.tool.call.id` |
/// | `description = value` | as `call_id` | `gen_ai.tool.description` |
/// | `tool_type = value` | as `call_id`; `"function"` by default | `gen_ai.tool.type` |
/// | `error_if = path` | `fn(&T) -> bool`, from what the function returns | the outcome |
///
/// What the function returns, or the `Ok` of it, may say itself that the tool has failed: a type that
/// implements `ToolOutcome`, or a `serde_json::Value` with `"is_error": true`.
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_tool(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Tool, args, item)
}

/// Makes a tool of every method of an `impl` block: `#[genai_tool]` on each.
///
/// A method is what takes `self`; functions without it, such as constructors, are left alone. So is
/// a method with `#[genai(skip)]`, and one that has an attribute of `genai_trace` already. What
/// else a method's tool is to be told stands in `#[genai(..)]`, in the words of
/// [`#[genai_tool]`](macro@genai_tool).
///
/// ```
/// use genai_trace::genai_tools;
///
/// struct Files;
///
/// #[genai_tools]
/// impl Files {
///     fn new() -> Self {
///         Files
///     }
///
///     fn read(&self, path: &str) -> std::io::Result<String> {
///         std::fs::read_to_string(path)
///     }
///
///     #[genai("list_files", call_id = id)]
///     fn list(&self, id: &str) -> Vec<String> {
///         Vec::new()
///     }
///
///     #[genai(skip)]
///     fn count(&self) -> usize {
///         0
///     }
/// }
/// assert_eq!(Files::new().list("call_1").len(), Files.count());
/// ```
///
/// It may stand above or below `#[async_trait]`.
///
/// # Options
///
/// Those of `#[genai_tool]` that may be the same for every tool: `tool_type`, `error_if`, `err`,
/// `fields`, `ret_fields`, `parent`, `links`, `root`, `sample`, `conversation_id` and `crate`. Expressions
/// see
/// `self` and the arguments of each method.
#[proc_macro_attribute]
pub fn genai_tools(args: TokenStream, item: TokenStream) -> TokenStream {
    off::block_unless_off(item.into(), |item| tools::tools(args.into(), item)).into()
}

/// Puts a span around a gate, which allows a step, denies it or asks: `gate {name}`.
///
/// The name is the string in front, `name = value` where it is known only at run time, else the
/// function's own name. The function returns a `GateDecision`, a `bool` or a type that implements
/// `GateOutcome`, or a `Result` of one of these. A denial is a decision, not an error.
///
/// ```
/// use genai_trace::{GateDecision, genai_gate};
///
/// #[genai_gate("allow_command", fields("command.name" = command))]
/// fn allow_command(command: &str) -> GateDecision {
///     match command {
///         "ls" | "cat" => GateDecision::Allow,
///         "rm" => GateDecision::Deny("it deletes".to_owned()),
///         _ => GateDecision::Ask("never seen before".to_owned()),
///     }
/// }
/// assert!(matches!(allow_command("rm"), GateDecision::Deny(_)));
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"name"`, or `name = value` | string literal; `&str`, `String` | the span's name |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_gate(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Gate, args, item)
}

/// Puts a span around any other step, under the name it is given.
///
/// The name is the string in front, `name = value` where it is known only at run time, else the
/// function's own name.
///
/// ```
/// use genai_trace::genai_span;
///
/// #[genai_span("agent.turn", fields(agent.turn = turn, "app.mode" = "fast"))]
/// fn turn(turn: u32) -> u32 {
///     turn + 1
/// }
/// assert_eq!(turn(1), 2);
///
/// struct Index(Vec<String>);
///
/// impl Index {
///     #[genai_span(fields("index.size" = self.0.len()))]
///     fn first(&mut self) -> Option<&mut String> {
///         self.0.first_mut()
///     }
/// }
/// assert_eq!(Index(Vec::new()).first(), None);
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"name"`, or `name = value` | string literal; `&str`, `String` | the span's name |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_span(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Span, args, item)
}

/// Sets attributes of the current span.
///
/// A key is a string or words with dots; a value is anything that is an `AttributeValue`, where
/// `None` sets nothing. Without a current span nothing happens, and the values are not evaluated.
/// `crate = path` in front says where `genai_trace` is found, if under another name.
///
/// A key under `gen_ai.` must be a name of the OpenTelemetry GenAI conventions, and a literal must
/// be a value that they allow there; `unchecked` in front of a key is the way out.
///
/// ```
/// use genai_trace::{genai_span, record};
///
/// #[genai_span]
/// fn step(tokens: u64, finish: Option<&str>) {
///     record!(gen_ai.usage.input_tokens = tokens, "app.finish" = finish, app.turn = 3);
///     record!(unchecked gen_ai.new.name = "not in the conventions yet");
/// }
/// step(12, None);
/// ```
#[proc_macro]
pub fn record(facts: TokenStream) -> TokenStream {
    record::record(facts.into()).into()
}

/// Makes an error's variants the kinds of error that spans and metrics tell apart: `error.type`.
///
/// The trait `GenAiError` says what becomes of it; `#[genai(..)]` on the type or on a variant says
/// what the name does not.
///
/// ```
/// use genai_trace::{GenAiError, genai_chat};
///
/// #[derive(Debug, GenAiError)]
/// enum ChatError {
///     /// `error.type` is `Overloaded`.
///     Overloaded,
///     /// `error.type` is `rate_limited`.
///     #[genai(error_type = "rate_limited")]
///     TooManyRequests { retry_after: u64 },
///     /// `error.type` is the kind of the error inside, `ConnectionRefused` perhaps.
///     #[genai(transparent)]
///     Network(std::io::Error),
/// }
///
/// #[genai_chat(provider = "openai", model = "gpt-4o")]
/// fn chat() -> Result<String, ChatError> {
///     Err(ChatError::TooManyRequests { retry_after: 3 })
/// }
/// assert_eq!(chat().unwrap_err().error_type(), "rate_limited");
/// ```
///
/// # Options
///
/// | `#[genai(..)]` | on | the kind of error |
/// |---|---|---|
/// | `error_type = "text"` | a variant, a struct | the text, of 64 bytes at most |
/// | `error_type = "text"` | an enum | the text, for each variant that says nothing itself |
/// | `transparent` | a variant or a struct with one field | that of the field |
/// | `crate = path` | the type | as it is; the path is where `genai_trace` is found |
///
/// Nothing is asked of the field's type. It says its kind itself where it is a `GenAiError` or
/// one of the types that `genai_trace` knows; `anyhow::Error`, `Box<dyn Error>` and the like are
/// looked into; of anything else the kind is the name of its type.
#[proc_macro_derive(GenAiError, attributes(genai))]
pub fn genai_error(item: TokenStream) -> TokenStream {
    derive::derive(item.into()).into()
}

fn attribute(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    off::unless_off(item.into(), |item| trace::trace(kind, args.into(), item)).into()
}
