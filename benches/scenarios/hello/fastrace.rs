//! The smallest program with one span of fastrace's, written to the file that the environment names.
//!
//! It prints how many nanoseconds passed in `main` until the span had ended.

#[path = "../../src/contenders/fastrace_hand.rs"]
mod fastrace_hand;
#[path = "../../src/contenders/line.rs"]
mod line;

use std::fs::File;
use std::io;
use std::time::Instant;

use fastrace::Span;
use fastrace::collector::SpanContext;

fn main() -> io::Result<()> {
    let begin = Instant::now();
    let file = std::env::var("GENAI_TRACE_FILE").map_err(io::Error::other)?;
    fastrace_hand::install(File::create(file)?);
    {
        let _root = Span::root("execute_tool greet", SpanContext::random());
        println!("hello");
    }
    let took = begin.elapsed().as_nanos();
    fastrace::flush();
    println!("{took}");
    Ok(())
}
