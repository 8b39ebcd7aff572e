//! What clients that know calls of models by their host have in common: whose hosts they are, and the body of an
//! answer, with which a call ends.

mod body;
mod hosts;
mod pieces;

pub(crate) use self::body::Answered;
pub(crate) use self::hosts::Hosts;
#[cfg(feature = "tower")]
pub(crate) use self::pieces::each_piece;
