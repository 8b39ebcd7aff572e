//! Tasks of tokio that run in the span of whoever spawns them. Feature `tokio`.
//!
//! A task starts without a span: what begins in it is a root, or a child of whatever the thread is
//! in that happens to poll it. These functions are those of [`tokio::task`], with the current span
//! carried along; the span is taken where the task is spawned. Tasks are siblings of one parent.
//!
//! Whatever else spawns takes the future or the closure with its span inside:
//!
//! ```
//! use genai_trace::{InCurrentSpan, carry, span};
//! use tokio::task::{JoinSet, LocalSet};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let mut set = JoinSet::new();
//! let local = LocalSet::new();
//! let handle = tokio::runtime::Handle::current();
//! span("agent.turn").run(|| {
//!     set.spawn(async { 1 }.in_current_span());
//!     set.spawn_blocking(carry(|| 2));
//!     local.spawn_local(async { 3 }.in_current_span());
//!     handle.spawn(async { 4 }.in_current_span());
//! });
//! # local.await;
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

use std::future::Future;

use tokio::task::JoinHandle;

use crate::{InCurrentSpan, carry};

/// Spawns a task in the current span; otherwise [`tokio::spawn`].
///
/// A task that is aborted is dropped in the span as well.
///
/// ```
/// use genai_trace::{genai_agent, genai_tool, task};
///
/// #[genai_tool("search")]
/// async fn search(word: &'static str) -> usize {
///     word.len()
/// }
///
/// #[genai_agent("coder")]
/// async fn run() -> Result<usize, tokio::task::JoinError> {
///     // both are children of the agent
///     let (todo, unsafe_) = (task::spawn(search("todo")), task::spawn(async { search("unsafe").await }));
///     Ok(todo.await? + unsafe_.await?)
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # assert_eq!(runtime.block_on(run())?, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// There is no runtime, as in [`tokio::spawn`].
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::task::spawn(future.in_current_span())
}

/// Runs a closure that blocks in the current span; otherwise [`tokio::task::spawn_blocking`].
///
/// ```
/// use genai_trace::{span, task};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// span("agent.turn").wrap(async {
///     let read = task::spawn_blocking(|| span("read").run(|| std::fs::read_to_string("Cargo.toml")));
///     read.await
/// }).await
/// # })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// There is no runtime, as in [`tokio::task::spawn_blocking`].
#[track_caller]
pub fn spawn_blocking<F, T>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(carry(work))
}

/// Spawns a task that stays on this thread in the current span; otherwise
/// [`tokio::task::spawn_local`].
///
/// ```
/// use std::rc::Rc;
///
/// use genai_trace::{span, task};
/// use tokio::task::LocalSet;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let words = Rc::new(["todo", "unsafe"]);
/// let found = runtime.block_on(LocalSet::new().run_until(async {
///     span("agent.turn").run(|| task::spawn_local(async move { words.len() })).await
/// }))?;
/// assert_eq!(found, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// There is no [`LocalSet`](tokio::task::LocalSet), as in [`tokio::task::spawn_local`].
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    tokio::task::spawn_local(future.in_current_span())
}
