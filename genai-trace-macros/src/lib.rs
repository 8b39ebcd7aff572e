//! The attributes of `genai-trace`, which re-exports them: use that crate, not this one.
//!
//! | attribute | the span | its kind |
//! |---|---|---|
//! | [`#[genai_agent("coder")]`](macro@genai_agent) | `invoke_agent coder` | INTERNAL; CLIENT with `remote` |
//! | [`#[genai_chat]`](macro@genai_chat) | `chat {model}` | CLIENT |
//! | [`#[genai_tool("read_file")]`](macro@genai_tool) | `execute_tool read_file` | INTERNAL |
//! | [`#[genai_embeddings]`](macro@genai_embeddings) | `embeddings {model}` | CLIENT |
//! | [`#[genai_retrieval("docs")]`](macro@genai_retrieval) | `retrieval docs` | CLIENT |
//! | [`#[genai_workflow("review")]`](macro@genai_workflow) | `invoke_workflow review` | INTERNAL |
//! | [`#[genai_plan]`](macro@genai_plan) | `plan {agent}` | INTERNAL |
//! | [`#[genai_memory("search_memory")]`](macro@genai_memory) | `search_memory` | CLIENT; INTERNAL with `in_process` |
//! | [`#[genai_create_agent("coder")]`](macro@genai_create_agent) | `create_agent coder` | CLIENT |
//! | [`#[genai_fetch_response]`](macro@genai_fetch_response) | `fetch_response` | CLIENT |
//! | [`#[genai_mcp(client)]`](macro@genai_mcp), `#[genai_mcp(server)]` | `tools/call {tool}` | CLIENT, SERVER |
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
//! What these attributes do not do: they never look at arguments on their own, nor at results but those of
//! calls of models, of which they read the facts; and they do not go on `const fn` or closures. A future or a stream inside a tuple, an `Option` or a type
//! of your own is a value like any other: the span ends when the function returns it.

mod args;
mod captured;
mod check;
mod conventions;
mod derive;
mod derive_response;
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
/// | `prompt(name = value, version = value)` | as `id`, each may be left out | `gen_ai.prompt.name`, `gen_ai.prompt.version` on the chats below; `genai_trace.prompt.*` here |
/// | `experiment(id = value, variant = value)` | as `id`, each may be left out | `experiment.id`, `experiment.variant`, here and on every span below |
/// | `user_id = value` | as `id` | `user.id`, here and on every span below |
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
/// What the response says (its id and model, tokens, why it ended) is read from what the function returns, or
/// the `Ok` of it: from a type that implements `ChatResponse`, else from its text or bytes or its serialised
/// form, where that is a provider's own JSON. Anything else tells nothing. So is each item of a stream.
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
/// | `request = value` | the body of the request: `impl ChatRequest`, its text or bytes, `impl Serialize` | what it says of the request |
/// | `response = path` | `fn(&T) -> impl Serialize`, where the function returns `T` or `Result<T, E>` | what it says of the response |
/// | `in_process` | flag: the model runs in this process | the kind INTERNAL |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
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
/// | `skill = value`, `skill_resource = value` | as `call_id` | the span's name and `gen_ai.skill.name`, `gen_ai.skill.resource.name` |
/// | `error_if = path` | `fn(&T) -> bool`, from what the function returns | the outcome |
///
/// What the function returns, or the `Ok` of it, may say itself that the tool has failed: a type that
/// implements `ToolOutcome`, or a `serde_json::Value` with `"is_error": true`.
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_tool(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Tool, args, item)
}

/// Puts a span around a call that makes embeddings: `embeddings {model}`, of kind CLIENT.
///
/// What the response says (the model, the tokens) is read from what the function returns, as
/// [`#[genai_chat]`](macro@genai_chat) does.
///
/// ```
/// use genai_trace::genai_embeddings;
/// use serde_json::{Value, json};
///
/// #[genai_embeddings(provider = "openai", model = "text-embedding-3-small", dimension_count = 256)]
/// async fn embed(texts: &[&str]) -> Result<Value, std::io::Error> {
///     Ok(json!({
///         "object": "list", "model": "text-embedding-3-small", "data": [],
///         "usage": {"prompt_tokens": 8, "total_tokens": 8},
///     }))
/// }
/// # drop(embed(&[]));
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `provider = value` | `&str`, `String`, `Option` of these | `gen_ai.provider.name` |
/// | `model = value` | `&str`, `String` | the span's name and `gen_ai.request.model` |
/// | `request = value` | as for `#[genai_chat]` | what it says of the request |
/// | `response = path` | `fn(&T) -> impl Serialize` | what it says of the response |
/// | `dimension_count = value` | integer | `gen_ai.embeddings.dimension.count` |
/// | `encoding_formats = value` | list of strings | `gen_ai.request.encoding_formats` |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_embeddings(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Embeddings, args, item)
}

/// Puts a span around a search for context: `retrieval {data source}`, of kind CLIENT.
///
/// The string in front, or `name = value`, is the data source; it may be left out.
///
/// ```
/// use genai_trace::genai_retrieval;
///
/// #[genai_retrieval("handbook", top_k = 3, ret_fields("retrieval.doc_count" = |docs| docs.len()))]
/// fn retrieve(question: &str) -> Vec<String> {
///     vec![question.to_owned()]
/// }
/// assert_eq!(retrieve("who?").len(), 1);
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"source"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.data_source.id` |
/// | `provider = value` | `&str`, `String`, `Option` of these | `gen_ai.provider.name` |
/// | `model = value` | as `provider` | `gen_ai.request.model` |
/// | `top_k = value` | integer | `gen_ai.retrieval.top_k` |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_retrieval(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Retrieval, args, item)
}

/// Puts a span around a process of several agents or calls: `invoke_workflow {name}`.
///
/// The name is the string in front, `name = value` where it is known only at run time, else the function's
/// own name.
///
/// ```
/// use genai_trace::genai_workflow;
///
/// #[genai_workflow("review", conversation_id = thread)]
/// fn review(thread: &str) -> usize {
///     thread.len()
/// }
/// assert_eq!(review("conv_1"), 6);
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"name"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.workflow.name` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_workflow(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Workflow, args, item)
}

/// Puts a span around the phase in which an agent plans: `plan {agent}`.
///
/// The agent is the one that the function runs in, unless a string in front, or `name = value`, says another.
/// The call of the model that makes the plan becomes a child of the span.
///
/// ```
/// use genai_trace::{genai_agent, genai_plan};
///
/// #[genai_plan]
/// fn plan(task: &str) -> Vec<String> {
///     vec![format!("do {task}")]
/// }
///
/// #[genai_agent("coder")]
/// fn run(task: &str) -> usize {
///     plan(task).len() // the span is called `plan coder`
/// }
/// assert_eq!(run("nothing"), 1);
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"agent"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.agent.name` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_plan(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Plan, args, item)
}

/// Puts a span around an operation on memories: `search_memory`, of kind CLIENT.
///
/// What the memory does is said in front: `"search_memory"`, `"create_memory"`, `"update_memory"`,
/// `"upsert_memory"`, `"delete_memory"`, `"create_memory_store"` or `"delete_memory_store"`.
///
/// ```
/// use genai_trace::genai_memory;
///
/// #[genai_memory(
///     "search_memory",
///     in_process,
///     store_id = "preferences",
///     ret_fields(gen_ai.memory.record.count = |found| found.len()),
/// )]
/// fn search(question: &str) -> Vec<String> {
///     vec![question.to_owned()]
/// }
/// assert_eq!(search("tea?").len(), 1);
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"search_memory"` and so on | string literal, in front | the span's name and `gen_ai.operation.name` |
/// | `in_process` | flag: the memory is in this process | the kind INTERNAL |
/// | `provider = value` | `&str`, `String`, `Option` of these | `gen_ai.provider.name` |
/// | `store_id = value` | as `provider` | `gen_ai.memory.store.id` |
/// | `record_id = value` | as `provider` | `gen_ai.memory.record.id` |
/// | `record_count = value` | integer | `gen_ai.memory.record.count` |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_memory(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Memory, args, item)
}

/// Puts a span around the making of an agent at a remote service: `create_agent {agent}`, of kind CLIENT.
///
/// ```
/// use genai_trace::genai_create_agent;
///
/// #[genai_create_agent("tutor", provider = "openai", model = "gpt-4o", version = "3")]
/// fn create() -> Result<String, std::io::Error> {
///     Ok("asst_1".to_owned())
/// }
/// assert_eq!(create()?, "asst_1");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `"agent"`, or `name = value` | string literal; `&str`, `String` | the span's name and `gen_ai.agent.name` |
/// | `id = value` | `&str`, `String`, `Option` of these | `gen_ai.agent.id` |
/// | `description = value` | as `id` | `gen_ai.agent.description` |
/// | `version = value` | as `id` | `gen_ai.agent.version` |
/// | `model = value` | as `id` | `gen_ai.request.model` |
/// | `provider = value` | as `id` | `gen_ai.provider.name` |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_create_agent(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::CreateAgent, args, item)
}

/// Puts a span around the fetching of a response that was generated before: `fetch_response`, of kind CLIENT.
///
/// Nothing is generated by it, and so it has no tokens; why the response ended and where it stands
/// (`gen_ai.response.status`) are read from what the function returns.
///
/// ```
/// use genai_trace::genai_fetch_response;
/// use serde_json::{Value, json};
///
/// #[genai_fetch_response(provider = "openai", response_id = id)]
/// fn poll(id: &str) -> Value {
///     json!({"id": id, "object": "response", "status": "in_progress", "model": "gpt-5", "output": []})
/// }
/// assert_eq!(poll("resp_1")["status"], "in_progress");
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `response_id = value` | `&str`, `String`, `Option` of these | `gen_ai.response.id` |
/// | `provider = value` | as `response_id` | `gen_ai.provider.name` |
/// | `stream_cursor = value` | as `response_id` | `gen_ai.request.stream_cursor` |
/// | `response = path` | `fn(&T) -> impl Serialize` | what it says of the response |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_fetch_response(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::FetchResponse, args, item)
}

/// Puts a span around a call of the Model Context Protocol: `{method} {tool or prompt}`, of kind CLIENT or
/// SERVER.
///
/// `client` stands where the function sends the call, `server` where it handles one. What is called is said by
/// `method` and `tool` or `prompt`, or read from the JSON-RPC request (`request = value`). A JSON-RPC error in
/// what the function returns, or a result with `isError`, is an error of the span; on a server those codes are
/// none with which it refuses what cannot be served.
///
/// ```
/// use genai_trace::genai_mcp;
/// use serde_json::{Value, json};
///
/// #[genai_mcp(client, request = request, transport = "pipe")]
/// fn send(request: &Value) -> Value {
///     json!({"jsonrpc": "2.0", "id": request["id"], "result": {"content": []}})
/// }
/// send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read_file"}}));
///
/// #[genai_mcp(server, method = "prompts/get", prompt = name)]
/// fn prompt(name: &str) -> Result<String, std::io::Error> {
///     Ok(format!("you are {name}"))
/// }
/// assert_eq!(prompt("coder")?, "you are coder");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Options
///
/// | option | type | sets |
/// |---|---|---|
/// | `client`, `server` | flag, one of them | the side, and the kind |
/// | `method = value` | `&str`, `String` | the span's name and `mcp.method.name` |
/// | `tool = value` | `&str`, `String`, `Option` of these | the span's name and `gen_ai.tool.name` |
/// | `prompt = value` | as `tool` | the span's name and `gen_ai.prompt.name` |
/// | `resource_uri = value` | as `tool` | `mcp.resource.uri` |
/// | `session_id = value` | as `tool` | `mcp.session.id` |
/// | `protocol_version = value` | as `tool` | `mcp.protocol.version` |
/// | `request_id = value` | `impl Display` | `jsonrpc.request.id` |
/// | `transport = value` | `"pipe"`, `"tcp"`, `"quic"`, `"unix"`, `"udp"` | `network.transport` |
/// | `request = value` | the JSON-RPC request: `impl Serialize`, or its text | all of these that it says |
/// | `response = path` | `fn(&T) -> impl Serialize` | the JSON-RPC response, or its result |
/// | `url = value` | `impl Display` | `server.address`, `server.port` |
/// | `server_address = value`, `server_port = value` | `&str`; integer | `server.address`, `server.port` |
/// | `client_address = value`, `client_port = value` | `&str`; integer | `client.address`, `client.port` |
#[doc = include_str!("every_attribute.md")]
#[proc_macro_attribute]
pub fn genai_mcp(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Mcp, args, item)
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

/// Says what a response of one's own tells of its call, by its fields: the trait `ChatResponse`.
///
/// `#[genai(..)]` on a field says what it is; fields without it are passed over.
///
/// ```
/// use genai_trace::{ChatResponse, genai_chat};
///
/// #[derive(ChatResponse)]
/// struct Reply {
///     #[genai(text)]
///     answer: String,
///     #[genai(model)]
///     answered_by: Option<String>,
///     #[genai(finish_reason)]
///     why: &'static str,
///     #[genai(inside)]
///     billed: Billed,
/// }
///
/// #[derive(ChatResponse)]
/// struct Billed {
///     #[genai(input_tokens)]
///     prompt: u32,
///     #[genai(output_tokens)]
///     completion: Option<u64>,
/// }
///
/// #[genai_chat(provider = "openai", model = "gpt-4o")]
/// fn chat() -> Reply {
///     let billed = Billed { prompt: 250, completion: Some(130) };
///     Reply { answer: "yes".to_owned(), answered_by: None, why: "stop", billed }
/// }
/// assert_eq!(chat().chat_facts().usage.input, Some(250));
/// ```
///
/// # Options
///
/// | `#[genai(..)]` on a field | its type | says |
/// |---|---|---|
/// | `id`, `model`, `status`, `service_tier` | a text, or an `Option` of one | what it is called |
/// | `finish_reason`, `finish_reasons` | a text; a list of texts | why the model stopped |
/// | `text` | a text | what the model said, kept only where content is |
/// | `error_type` | an `Option` of a text | that it is an error, and of what kind |
/// | `input_tokens`, `output_tokens` | an integer, or an `Option` of one | all tokens, cached ones and reasoning included |
/// | `cache_read_tokens`, `cache_write_tokens`, `reasoning_tokens` | as these | parts of them |
/// | `inside` | a type that implements `ChatResponse` | all that it says |
///
/// `#[genai(crate = path)]` on the type says where `genai_trace` is found.
#[proc_macro_derive(ChatResponse, attributes(genai))]
pub fn chat_response(item: TokenStream) -> TokenStream {
    derive_response::derive(item.into()).into()
}

fn attribute(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    off::unless_off(item.into(), |item| trace::trace(kind, args.into(), item)).into()
}
