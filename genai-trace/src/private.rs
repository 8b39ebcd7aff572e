//! What the attributes expand to. Nothing here is stable: the macro crate is pinned to this version.

// By these names whatever the user calls `Some` or `Ok`.
pub use core::future::IntoFuture;
pub use core::option::Option::{None, Some};
pub use core::result::Result::{Err, Ok};

pub use crate::provider::fields::FactsOfFields;
pub use crate::provider::{ChatFacts, ChatResponse};
pub use crate::span::callsite::{Callsite, StaticValue};
pub use crate::span::captured::Shown;
pub use crate::span::current::{Recording, record};
pub use crate::span::finish::{Finish, future, future_of};
pub use crate::span::gate::decided;
pub use crate::span::genai_error::{ErrorType, GenAiError};
pub use crate::span::open::{Open, begin, begin_plain};
pub use crate::span::opening::Opening;
pub use crate::span::operation::Operation;
pub use crate::span::probe::{Probe, end_with};
pub use crate::span::returned::{Returned, fallible, leave, refused};
pub use crate::span::run::run;
#[cfg(feature = "stream")]
pub use crate::span::streamed::{Streamed, expect_stream, stream, stream_of};
pub use crate::span::traced::Traced;
pub use crate::span::tracked::{Question, Resume, Tracked};

/// The traits of which one fits any returned value; without names, so that a glob import of them
/// hides nothing of the user's.
pub mod probe {
    pub use crate::span::answer::{
        AnswerAny as _, AnswerAnyBy as _, AnswerBytes as _, AnswerResultBy as _,
        AnswerResultBytes as _, AnswerResultSaying as _, AnswerResultSerialized as _,
        AnswerSaying as _, AnswerSerialized as _,
    };
    pub use crate::span::asked::{AskAny as _, AskBytes as _, AskSaying as _, AskSerialized as _};
    pub use crate::span::captured::{
        ReturnedAny as _, ReturnedDebug as _, ReturnedResultDebug as _,
        ReturnedResultSerialized as _, ReturnedSerialized as _, ShowAny as _, ShowDebug as _,
        ShowSerialized as _,
    };
    pub use crate::span::probe::{
        KindAny as _, KindErased as _, KindErasedTwice as _, KindError as _, KindGenAi as _,
    };
    pub use crate::span::probe::{
        ProbeAny as _, ProbeDebug as _, ProbeDisplay as _, ProbeErased as _, ProbeErasedTwice as _,
        ProbeError as _, ProbeGenAi as _, ProbeGenAiDebug as _, ProbeGenAiDisplay as _,
        ProbeGenAiError as _, ProbeResult as _,
    };
    pub use crate::span::returned::Leave as _;
    pub use crate::span::tool_outcome::{ToolAny as _, ToolResult as _, ToolValue as _};
}
