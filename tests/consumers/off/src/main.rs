//! A crate with the feature `off`: all attributes are there, and nothing is recorded.
#![deny(warnings)]

#[path = "../../kinds.rs"]
mod kinds;

use std::cell::Cell;
use std::panic::Location;
use std::time::Duration;

use genai_trace::{
    AttributeValue, MemoryExporter, Telemetry, ValueWriter, current, genai_tool, record, span,
};
use tokens::tokens;

mod annotated {
    use super::*;

    #[genai_tool("compare", fields("a" = a), nobody_looks = = at_this)]
    #[tokens(TOKENS)]
    /// Docs.
    #[inline]
    #[must_use]
    pub(super) fn compare<'a, T: ?Sized>(
        a: &'a str,
        (b, mut c): (u8, u8),
        _: &T,
    ) -> Option<&'a str> {
        #![allow(clippy::all)]
        let d = 0x1f_u8 + b'a' - b;
        c += 1;
        a.get(usize::from(c)..usize::from(d))
    }
}

mod plain {
    use super::*;

    #[tokens(TOKENS)]
    /// Docs.
    #[inline]
    #[must_use]
    pub(super) fn compare<'a, T: ?Sized>(
        a: &'a str,
        (b, mut c): (u8, u8),
        _: &T,
    ) -> Option<&'a str> {
        #![allow(clippy::all)]
        let d = 0x1f_u8 + b'a' - b;
        c += 1;
        a.get(usize::from(c)..usize::from(d))
    }
}

/// What stands in `record!` is used, and not evaluated.
#[genai_tool]
fn step(asked: &Cell<u32>) -> u32 {
    let only_recorded = 1;
    let evaluated = || {
        asked.set(asked.get() + 1);
        2
    };
    record!("app.only" = only_recorded, app.more = evaluated());
    asked.get()
}

/// An attribute leaves even a `const fn` as it is.
#[genai_tool]
const fn constant() -> u8 {
    7
}

#[track_caller]
#[genai_tool]
fn line() -> u32 {
    Location::caller().line()
}

/// A value whose writing would be seen.
struct Loud<'a>(&'a Cell<u32>);

impl AttributeValue for Loud<'_> {
    fn write(&self, _: &mut ValueWriter<'_>) {
        self.0.set(self.0.get() + 1);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(annotated::TOKENS, plain::TOKENS);
    assert_eq!(
        annotated::compare("abc", (120, 0), ""),
        plain::compare("abc", (120, 0), "")
    );

    let telemetry = genai_trace::init()?;
    let memory = MemoryExporter::new();
    let second = Telemetry::builder().memory(&memory).install()?;
    assert_eq!(kinds::block_on(kinds::agent("why?"))?, 1);
    let asked = Cell::new(0);
    assert_eq!(step(&asked), 0);
    assert_eq!([constant(); constant() as usize].len(), 7);
    assert_eq!(line(), line!());
    span("by hand").attr("app.loud", &Loud(&asked)).run(|| {
        current().set("app.loud", &Loud(&asked));
        assert!(current().context().is_none() && !current().is_recording());
    });
    assert_eq!(asked.get(), 0);
    assert_eq!(telemetry.flush(Duration::ZERO).ended, 0);
    assert!(!second.metrics_text().contains("tools_called_total{"));
    let calls = second.registry().counter("app_calls_total", "Calls.")?;
    calls.with(&[])?.inc();
    assert!(
        second.metrics_text().contains("app_calls_total 1"),
        "these are the user's own"
    );
    drop((telemetry, second));
    assert!(memory.spans().is_empty());
    assert!(
        !std::path::Path::new("traces.jsonl").exists(),
        "a file was made"
    );
    Ok(())
}
