//! What happens to spans between their end and the exporters: which are kept, and who gets them.
//!
//! Everything here is pure: no file, no thread, and the time comes in as a parameter.

pub(crate) mod probability;
pub(crate) mod sampler;
