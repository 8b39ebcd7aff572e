//! A body that stays where it is, for `#[track_caller]`: inside a closure
//! [`Location::caller`](std::panic::Location::caller) would tell where the closure was called.
//!
//! Such a body runs under a guard. What leaves it by `return` or `?` is led to its end by the
//! attribute; a panic, and a `return` hidden in a macro, is seen by the guard alone.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::task::Poll;

use super::open::Open;
use super::outcome::{End, Outcome};

/// The span of a body that is running.
#[derive(Debug)]
pub struct Tracked {
    open: Option<Open>,
    /// How the span ends where the body was left unseen.
    unseen: Outcome,
    /// The thread was unwinding when the body began, so that a panic is none of its own.
    unwinding: bool,
}

impl Tracked {
    /// Guards `open`. A body that is left unseen has failed if it returns a `Result`: what macros
    /// hide is `?` and `bail!` far more often than `return Ok(..)`.
    pub fn new(open: Option<Open>, returns_result: bool) -> Self {
        Self {
            open,
            unseen: if returns_result {
                Outcome::Error
            } else {
                Outcome::Ok
            },
            unwinding: std::thread::panicking(),
        }
    }

    /// The span, of a body that came to its end.
    pub fn done(mut self) -> Option<Open> {
        self.open.take()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() && !self.unwinding {
            Outcome::Panicked
        } else {
            self.unseen
        };
        if let Some(open) = self.open.take() {
            open.end(End::of(outcome));
        }
    }
}

/// What the operator `?` takes; the standard library's own trait is not stable.
#[diagnostic::on_unimplemented(
    message = "`?` on `{Self}` cannot be followed in a function with `#[track_caller]`",
    label = "expected a `Result`, an `Option` or one of these in a `Poll`"
)]
pub trait Question {
    /// What it goes on with.
    type Output;
    /// What it leaves the function with.
    type Residual;
    /// Whether it goes on.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// What a function returns that `?` has left.
#[diagnostic::on_unimplemented(
    message = "`?` cannot turn `{R}` into `{Self}`, which the function returns"
)]
pub trait Resume<R> {
    /// What is returned.
    fn resume(residual: R) -> Self;
}

impl<T, E> Question for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T> Question for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        self.map_or(ControlFlow::Break(None), ControlFlow::Continue)
    }
}

impl<T, E> Question for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Poll::Ready(Ok(value)) => ControlFlow::Continue(Poll::Ready(value)),
            Poll::Ready(Err(error)) => ControlFlow::Break(Err(error)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E> Question for Poll<Option<Result<T, E>>> {
    type Output = Poll<Option<T>>;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, Poll<Option<T>>> {
        match self {
            Poll::Ready(Some(Ok(value))) => ControlFlow::Continue(Poll::Ready(Some(value))),
            Poll::Ready(Some(Err(error))) => ControlFlow::Break(Err(error)),
            Poll::Ready(None) => ControlFlow::Continue(Poll::Ready(None)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<B, C> Question for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;

    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            ControlFlow::Continue(value) => ControlFlow::Continue(value),
            ControlFlow::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<T, E, F: From<E>> Resume<Result<Infallible, E>> for Result<T, F> {
    fn resume(residual: Result<Infallible, E>) -> Self {
        match residual {
            Ok(never) => match never {},
            Err(error) => Err(F::from(error)),
        }
    }
}

impl<T> Resume<Option<Infallible>> for Option<T> {
    fn resume(_: Option<Infallible>) -> Self {
        None
    }
}

impl<T, E, F: From<E>> Resume<Result<Infallible, E>> for Poll<Result<T, F>> {
    fn resume(residual: Result<Infallible, E>) -> Self {
        Poll::Ready(Result::resume(residual))
    }
}

impl<T, E, F: From<E>> Resume<Result<Infallible, E>> for Poll<Option<Result<T, F>>> {
    fn resume(residual: Result<Infallible, E>) -> Self {
        Poll::Ready(Some(Result::resume(residual)))
    }
}

impl<B, C> Resume<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    fn resume(residual: ControlFlow<B, Infallible>) -> Self {
        match residual {
            ControlFlow::Continue(never) => match never {},
            ControlFlow::Break(value) => ControlFlow::Break(value),
        }
    }
}
