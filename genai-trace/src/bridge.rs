//! Other libraries' traces and ours as one.

#[cfg(feature = "tracing")]
pub mod tracing;
