//! A span as commands see it, whoever has written it.

mod brief;
pub(crate) mod content;
mod facts;
mod foreign;
mod kind;
mod modern;
mod spelling;

pub(crate) use self::brief::Brief;
pub(crate) use self::content::Message;
pub(crate) use self::facts::Facts;
pub(crate) use self::foreign::records;
pub(crate) use self::kind::Kind;
pub(crate) use self::modern::modernize;
