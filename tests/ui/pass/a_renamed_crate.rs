#![deny(warnings)]

mod telemetry {
    pub mod inner {
        pub use genai_trace::*;
    }
}

// Nothing may be looked for under the usual name.
#[allow(dead_code)]
mod genai_trace_elsewhere {
    use crate::telemetry::inner::{genai_agent, genai_tool, record};

    mod genai_trace {}

    #[genai_tool(crate = crate::telemetry::inner, fields("size" = size), ret_fields("n" = |n| *n))]
    pub fn read_file(size: usize) -> usize {
        record!(crate = crate::telemetry::inner, app.size = size);
        size
    }

    #[genai_agent("coder", crate = super::telemetry::inner)]
    pub async fn run() -> Result<(), String> {
        Ok(())
    }
}

// A crate of its own attributes passes on where it found them.
#[macro_export]
macro_rules! traced {
    ($item:item) => {
        #[$crate::telemetry::inner::genai_span(crate = $crate::telemetry::inner)]
        $item
    };
}

traced! {
    fn wrapped() -> u32 {
        1
    }
}

fn main() {
    assert_eq!(genai_trace_elsewhere::read_file(1), 1);
    drop(genai_trace_elsewhere::run());
    assert_eq!(wrapped(), 1);
}
