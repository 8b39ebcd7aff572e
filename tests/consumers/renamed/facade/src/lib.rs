//! A company's own crate, which passes genai-trace on.
#![deny(warnings)]

pub use genai_trace as trace;

/// The same with names of its own beside it.
pub mod observability {
    pub use genai_trace::*;
}

/// A tool that a macro writes, for a crate that knows only this one.
#[macro_export]
macro_rules! tool {
    ($name:ident, $value:expr) => {
        #[$crate::trace::genai_tool(crate = $crate::trace, fields("tool.value" = $value))]
        fn $name() -> i32 {
            $crate::trace::record!(crate = $crate::trace, "tool.recorded" = $value);
            $value
        }
    };
}
