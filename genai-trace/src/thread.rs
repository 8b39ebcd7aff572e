//! Threads that start in the span of whoever starts them.
//!
//! A thread starts without a span: what begins on it is a root. These functions are those of
//! [`std::thread`], with the current span carried along; calls on several threads are siblings of
//! one parent. For [`std::thread::Builder`] and pools of your own there is [`carry`].

use std::thread::{JoinHandle, Scope, ScopedJoinHandle};

use crate::carry;

/// Starts a thread in the current span; otherwise [`std::thread::spawn`].
///
/// ```
/// use genai_trace::{genai_agent, genai_tool, thread};
///
/// #[genai_tool("search")]
/// fn search(word: &str) -> usize {
///     word.len()
/// }
///
/// #[genai_agent("coder")]
/// fn run() -> usize {
///     // both are children of the agent
///     let searches = ["todo", "unsafe"].map(|word| thread::spawn(move || search(word)));
///     searches.into_iter().filter_map(|search| search.join().ok()).sum()
/// }
/// assert_eq!(run(), 10);
/// ```
///
/// # Panics
/// The operating system has no thread left, as in [`std::thread::spawn`].
pub fn spawn<F, T>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    std::thread::spawn(carry(work))
}

/// Starts a thread of `scope` in the current span; otherwise [`Scope::spawn`].
///
/// ```
/// use genai_trace::{span, thread};
///
/// let words = ["todo".to_owned(), "unsafe".to_owned()];
/// span("agent.turn").run(|| {
///     std::thread::scope(|scope| {
///         for word in &words {
///             thread::spawn_scoped(scope, move || span("search").attr("app.word", word).run(|| {}));
///         }
///     });
/// });
/// ```
///
/// # Panics
/// The operating system has no thread left, as in [`Scope::spawn`].
pub fn spawn_scoped<'scope, F, T>(
    scope: &'scope Scope<'scope, '_>,
    work: F,
) -> ScopedJoinHandle<'scope, T>
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    scope.spawn(carry(work))
}
