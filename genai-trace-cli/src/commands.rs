//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod cost;
pub(crate) mod diff;
pub(crate) mod facts;
pub(crate) mod init;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod ps;
pub(crate) mod query;
pub(crate) mod recover;
pub(crate) mod report;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod summary;
pub(crate) mod tail;
pub(crate) mod validate;
