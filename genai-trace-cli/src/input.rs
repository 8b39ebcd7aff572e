//! What a command reads: files with those that were rotated away from them, patterns, standard input.

mod blocks;
mod fold;
mod progress;
mod sources;

pub(crate) use self::fold::{Reading, fold, in_order};
pub(crate) use self::sources::{Source, sources};
