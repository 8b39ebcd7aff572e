//! What a function returned, on its way to the caller: where the span ends, or goes on.
//!
//! A value ends the span. A boxed future or stream takes the span along. Which of them it is, the
//! attribute sees where the type is written out; behind an alias (`type Reply<'a> = Pin<Box<dyn
//! Future<..> + 'a>>`) the compiler finds it here, since an inherent method goes before one of a trait.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use super::finish::future;
use super::open::Open;
use super::outcome::End;

/// Holds what a function returned for the methods of this module.
#[derive(Debug)]
pub struct Returned<V>(pub V);

/// A value, with which the call is over.
pub trait Leave<V> {
    /// Ends the span by what `end` reads from the value, and gives the value back.
    fn __leave<E: FnOnce(&V, &mut Open) -> End>(self, open: Option<Open>, end: E) -> V;
}

impl<V> Leave<V> for Returned<V> {
    #[inline]
    fn __leave<E: FnOnce(&V, &mut Open) -> End>(self, open: Option<Open>, end: E) -> V {
        leave(self.0, open, end)
    }
}

/// Ends the span by what `end` reads from the value, and gives the value back.
#[inline]
pub fn leave<V>(value: V, open: Option<Open>, end: impl FnOnce(&V, &mut Open) -> End) -> V {
    if let Some(mut open) = open {
        let end = end(&value, &mut open);
        open.end(end);
    }
    value
}

/// The boxed futures that an alias may stand for.
macro_rules! boxed_futures {
    ($($($bound:ident)?),*) => {$(
        impl<'a, T: 'a> Returned<Pin<Box<dyn Future<Output = T> $(+ $bound)? + 'a>>> {
            /// Takes the span along with the future.
            pub fn __leave<E>(
                self,
                open: Option<Open>,
                end: E,
            ) -> Pin<Box<dyn Future<Output = T> $(+ $bound)? + 'a>>
            where
                E: FnOnce(&T, &mut Open) -> End $(+ $bound)? + 'a,
            {
                match open {
                    None => self.0,
                    open => Box::pin(future(open, self.0, |value, open| leave(value, open, end))),
                }
            }
        }
    )*};
}

boxed_futures!(, Send);

/// Ends the span of a call that gave an error instead of the future or stream it was to make.
pub fn refused<E>(
    error: E,
    open: Option<Open>,
    end: impl FnOnce(&Result<Infallible, E>, &mut Open) -> End,
) -> E {
    match leave(Err(error), open, end) {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

/// Hands `Ok` over to `ok`, with the span; ends the span of a call that gave an error instead.
pub fn fallible<T, E, R>(
    result: Result<T, E>,
    open: Option<Open>,
    ok: impl FnOnce(T, Option<Open>) -> R,
    end: impl FnOnce(&Result<Infallible, E>, &mut Open) -> End,
) -> Result<R, E> {
    match result {
        Ok(value) => Ok(ok(value, open)),
        Err(error) => Err(refused(error, open, end)),
    }
}
