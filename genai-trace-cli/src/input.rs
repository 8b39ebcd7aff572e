//! What a command reads: files with those that were rotated away from them, patterns, standard input.

mod blocks;
mod fold;
mod ordered;
mod progress;
mod sources;

pub(crate) use self::fold::{Reading, fold};
pub(crate) use self::ordered::{Place, in_order};
pub(crate) use self::sources::{Source, sources};
