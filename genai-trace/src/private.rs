//! What the attributes expand to. Nothing here is stable: the macro crate is pinned to this version.

pub use crate::span::callsite::{Callsite, StaticValue};
pub use crate::span::current::{Recording, record};
pub use crate::span::gate::decided;
pub use crate::span::open::{Open, begin, begin_plain};
pub use crate::span::opening::Opening;
pub use crate::span::operation::Operation;
pub use crate::span::probe::{Probe, end_if, end_with};
pub use crate::span::run::run;
pub use crate::span::traced::Traced;

/// The traits of which one fits any returned value.
pub mod probe {
    pub use crate::span::message::{RespondAny, RespondResult};
    pub use crate::span::probe::{
        ProbeAny, ProbeBoxed, ProbeDebug, ProbeDisplay, ProbeError, ProbeResult,
    };
}
