//! The errors of optional dependencies.

#[cfg(all(feature = "tokio", feature = "reqwest"))]
mod requests;
#[cfg(feature = "tokio")]
mod tasks;
