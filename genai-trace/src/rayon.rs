//! Jobs of rayon that run in the span of whoever submits them. Feature `rayon`.
//!
//! A worker that waits for a job runs others meanwhile, inside whatever span it is in. These
//! functions are those of [`rayon`], with the current span carried along: a job is in the
//! span that was current where it was submitted, whoever steals it, and jobs are siblings of one
//! parent. A job that was submitted without them may find itself in the span of a thief.
//!
//! Whatever else takes a closure takes it with its span inside: `pool.install(carry(work))`,
//! `rayon::spawn_fifo(carry(work))`. A closure that is called more than once takes a handle along:
//!
//! ```
//! use ::rayon::prelude::*;
//! use genai_trace::{current, span};
//!
//! span("agent.turn").run(|| {
//!     let here = current();
//!     let long: Vec<_> = ["todo", "unsafe"]
//!         .par_iter()
//!         .filter(|word| here.run(|| span("measure").run(|| word.len() > 4)))
//!         .collect();
//!     assert_eq!(long, [&"unsafe"]);
//! });
//! ```

use ::rayon::iter::{Map, ParallelIterator};

use crate::{carry, current};

/// Runs both closures in the current span, possibly at the same time; otherwise [`rayon::join`].
///
/// ```
/// use genai_trace::{rayon, span};
///
/// let found = span("agent.turn").run(|| {
///     // both are children of the turn
///     rayon::join(|| span("search").run(|| 4), || span("search").run(|| 6))
/// });
/// assert_eq!(found, (4, 6));
/// ```
pub fn join<A, B, RA, RB>(a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    ::rayon::join(carry(a), carry(b))
}

/// Runs a job in the current span, on the global pool; otherwise [`rayon::spawn`].
///
/// ```
/// use genai_trace::{rayon, span};
///
/// span("agent.turn").run(|| rayon::spawn(|| span("index").run(|| { /* a child of the turn */ })));
/// ```
pub fn spawn(work: impl FnOnce() + Send + 'static) {
    ::rayon::spawn(carry(work));
}

/// Makes a scope for jobs that borrow, in the current span; otherwise [`rayon::scope`].
///
/// ```
/// use genai_trace::{rayon, span};
///
/// let words = ["todo".to_owned(), "unsafe".to_owned()];
/// span("agent.turn").run(|| {
///     rayon::scope(|scope| {
///         for word in &words {
///             scope.spawn(move |_| span("search").attr("app.word", word).run(|| {}));
///         }
///     });
/// });
/// ```
pub fn scope<'scope, R: Send>(work: impl FnOnce(&Scope<'_, 'scope>) -> R + Send) -> R {
    let here = current();
    ::rayon::scope(|scope| here.run(|| work(&Scope(scope))))
}

/// A scope in which jobs run in the span that was current where they were spawned.
#[derive(Debug)]
pub struct Scope<'a, 'scope>(&'a ::rayon::Scope<'scope>);

impl<'scope> Scope<'_, 'scope> {
    /// Runs a job in the current span before the scope ends; otherwise
    /// [`rayon::Scope::spawn`].
    pub fn spawn(&self, work: impl FnOnce(&Scope<'_, 'scope>) + Send + 'scope) {
        let here = current();
        self.0.spawn(move |scope| here.run(|| work(&Scope(scope))));
    }
}

/// Parallel iterators whose closures run in the current span.
///
/// The span goes with the closure, not with the iterator: the items of a `flat_map` or of a
/// parallel iterator within another are stolen on their own.
///
/// ```
/// use ::rayon::prelude::*;
/// use genai_trace::{genai_agent, genai_tool, rayon::ParallelIteratorExt};
///
/// #[genai_tool("search")]
/// fn search(word: &str) -> usize {
///     word.len()
/// }
///
/// #[genai_agent("coder")]
/// fn run(words: &[&str]) -> usize {
///     words.par_iter().map_in_current_span(|word| search(word)).sum()
/// }
/// assert_eq!(run(&["todo", "unsafe"]), 10);
/// ```
pub trait ParallelIteratorExt: ParallelIterator {
    /// Applies `work` to each item in the span that is current now; otherwise [`ParallelIterator::map`].
    fn map_in_current_span<F, R>(self, work: F) -> Map<Self, impl Fn(Self::Item) -> R + Sync + Send>
    where
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        let here = current();
        self.map(move |item| here.run(|| work(item)))
    }

    /// Calls `work` with each item in the span that is current now; otherwise
    /// [`ParallelIterator::for_each`].
    fn for_each_in_current_span<F>(self, work: F)
    where
        F: Fn(Self::Item) + Sync + Send,
    {
        let here = current();
        self.for_each(move |item| here.run(|| work(item)));
    }
}

impl<I: ParallelIterator> ParallelIteratorExt for I {}
