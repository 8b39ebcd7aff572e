//! For tests of annotated agents: what did it call, in which order, how did that end, how often.
//!
//! [`capture`] runs a piece of code and gives what it returned, together with its spans. Nothing has
//! to be installed, and tests may run in parallel: each capture sees its own spans and no others.
//!
//! ```
//! use genai_trace::testing::{called, capture};
//! use genai_trace::{Outcome, genai_agent, genai_chat, genai_tool, record};
//!
//! #[genai_chat(provider = "openai", model = "gpt-4o")]
//! fn chat(question: &str) -> String {
//!     record!(gen_ai.usage.input_tokens = 250, gen_ai.usage.output_tokens = 130);
//!     format!("look into {question}")
//! }
//!
//! #[genai_tool("read_file")]
//! fn read_file(path: &str) -> std::io::Result<String> {
//!     std::fs::read_to_string(path)
//! }
//!
//! #[genai_agent("coder")]
//! fn coder(task: &str) -> String {
//!     let plan = chat(task);
//!     let _ = read_file("no/such/file");
//!     chat(&plan)
//! }
//!
//! let (answer, captured) = capture(|| coder("Cargo.toml"));
//! assert_eq!(answer, "look into look into Cargo.toml");
//!
//! // the whole tree, as a pattern ...
//! captured.assert_tree(called("invoke_agent coder").children([
//!     called("chat *").attr("gen_ai.usage.input_tokens", 250),
//!     called("execute_tool read_file").outcome(Outcome::Error),
//!     called("chat *"),
//! ]));
//! // ... or as a text
//! assert_eq!(
//!     captured.outline(),
//!     "\
//! invoke_agent coder
//!   chat gpt-4o
//!   execute_tool read_file [error NotFound]
//!   chat gpt-4o
//! "
//! );
//! // limits
//! captured.assert_at_most(3, "chat *");
//! captured.assert_never("execute_tool delete_*");
//! captured.assert_tokens_at_most(1_000);
//! ```
//!
//! An assertion that fails shows the tree, and in it what was expected and what was there;
//! [`check`](Captured::check) gives the same without a panic:
//!
//! ```
//! # use genai_trace::testing::{Expectation, called, capture};
//! # use genai_trace::{Operation, span};
//! # let ((), captured) = capture(|| span("coder").operation(Operation::Agent).run(|| {
//! #     let chat = || span("gpt-4o").operation(Operation::Chat);
//! #     chat().attr("gen_ai.usage.input_tokens", &250).run(|| {});
//! #     let _ = span("read_file").operation(Operation::Tool).try_run(|| std::fs::read("no/such/file"));
//! #     chat().run(|| {});
//! # }));
//! let expected = called("invoke_agent coder").children([
//!     called("chat *").attr("gen_ai.usage.input_tokens", 300),
//!     called("execute_tool read_file"),
//!     called("execute_tool run_tests"),
//!     called("chat *"),
//! ]);
//! let mismatch = captured.check(&Expectation::tree(expected)).unwrap_err();
//! assert_eq!(
//!     mismatch.to_string(),
//!     "\
//! the spans differ from what was expected in 2 places
//!
//!   invoke_agent coder
//!   ├─ chat gpt-4o
//!   │    ✗ expected gen_ai.usage.input_tokens = 300, got 250
//!   ├─ execute_tool read_file [error NotFound]
//!   ├─ ✗ expected execute_tool run_tests
//!   └─ chat gpt-4o
//! "
//! );
//! ```
//!
//! # What is captured
//!
//! - What the thread begins inside `capture`, and inside the future of [`capture_async`] on whatever
//!   thread that is polled.
//! - What other threads and tasks begin below a captured span: with `parent = &context`, or by any
//!   other way to carry a span. Work that was sent elsewhere without one is not captured. A span
//!   belongs to the capture of its parent; one without a parent to that in which it begins.
//! - Spans of a capture are seen by nobody else. Telemetry that is installed in the process goes on
//!   beside it, and neither writes nor counts them; it may be installed, and shut down, meanwhile.
//! - A capture begins outside any span. So does a capture inside another one: it keeps its spans to
//!   itself, and the outer one sees none of them.
//! - Spans that are still open when the work returns are shown as `[open]`; what they do later is
//!   not seen. A panic goes on to the caller, and the capture is gone.
//!
//! # The same from run to run
//!
//! In what a capture gives, trace ids and span ids are 1, 2, 3 ..., in the order in which spans begin;
//! `current()` inside one tells the random ids that they have until then. The clock stands at
//! 2026-01-01T00:00:00Z, and each reading (the beginning and the end of a span, an event) advances it
//! by a millisecond; [`advance`] moves it by hand, [`Capture`] sets it otherwise. So all of a span is
//! the same from run to run, and [`Captured::jsonl`] may be compared as a text. Where threads or
//! tasks run in parallel, ids are still unique, and their order is that of the scheduler.

mod alignment;
mod capture;
mod captured;
mod children;
mod expectation;
mod fit;
mod forest;
mod group;
mod names;
mod pattern;
mod predicate;

pub use self::capture::{Capture, advance, capture, capture_async};
pub use self::captured::Captured;
pub use self::children::{Children, anything, in_any_order, in_order, including};
pub use self::expectation::{Expectation, Mismatch};
pub use self::pattern::{Pattern, called};
