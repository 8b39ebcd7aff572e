//! How a program says what it wants: in code, in the environment.

mod builder;
mod env;
mod error;

pub use self::builder::Builder;
#[cfg(feature = "serve")]
pub(crate) use self::env::metrics_place;
pub use self::error::InitError;
