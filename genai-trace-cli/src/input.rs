//! What a command reads: files with those that were rotated away from them, patterns, standard input; and files as they
//! grow.

mod at;
mod blocks;
mod fold;
mod follow;
mod held;
mod last;
mod ordered;
mod progress;
mod scratch;
mod sources;
mod store;
mod turns;

pub(crate) use self::at::read_at;
pub(crate) use self::blocks::lines;
pub(crate) use self::fold::{Reading, fold, fold_in_turn, not_counted};
pub(crate) use self::follow::{Follower, Identity, Step, identity};
pub(crate) use self::held::is_compressed;
pub(crate) use self::last::Last;
pub(crate) use self::ordered::{Place, in_order};
pub(crate) use self::scratch::Scratch;
pub(crate) use self::sources::{Source, is_of_store, sources};
pub(crate) use self::store::{StoreFollower, StoreStep, event_in};
pub(crate) use self::turns::Turns;
