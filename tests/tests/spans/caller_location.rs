//! `#[track_caller]`: the body still sees who called, and every way out is still seen.

use std::io;
use std::panic::Location;

use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_tests::{recorded, turn};

#[genai_span]
#[track_caller]
fn line() -> u32 {
    Location::caller().line()
}

struct Registry<T>(Vec<T>);

impl<T: Clone> Registry<T> {
    #[track_caller]
    #[genai_tool]
    fn get(&self, index: usize) -> Result<T, io::Error> {
        if index == 100 {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let found = self.0.get(index).cloned();
        for _ in 0..1 {
            let shown = vec![found.clone().ok_or(io::ErrorKind::NotFound)?];
            drop(shown);
        }
        let twice = |place: usize| -> Option<(&T, &T)> {
            let found = self.0.get(place)?;
            Some((found, found))
        };
        Ok(twice(index).ok_or(io::ErrorKind::Other)?.0.clone())
    }

    #[track_caller]
    #[genai_tool]
    fn expect(&self, index: usize) -> &T {
        self.0.get(index).expect("an index inside")
    }
}

macro_rules! bail {
    ($($message:tt)*) => { return Err(format!($($message)*)) };
}

#[genai_span]
#[track_caller]
fn hidden_return(fails: bool) -> Result<u8, String> {
    if fails {
        bail!("no");
    }
    Ok(1)
}

#[genai_span]
#[track_caller]
fn optional(text: &str) -> Option<u8> {
    let first = text.chars().next()?;
    u8::try_from(first).ok()
}

#[test]
fn the_body_sees_who_called() {
    recorded(|| assert_eq!(line(), line!()));
    let _nothing_is_installed = turn();
    assert_eq!(line(), line!());
}

#[test]
fn a_panic_points_at_the_caller() {
    let recorded = recorded(|| {
        let place = std::sync::Mutex::new(None);
        let earlier = std::panic::take_hook();
        let place = std::sync::Arc::new(place);
        let seen = std::sync::Arc::clone(&place);
        std::panic::set_hook(Box::new(move |info| {
            *seen.lock().expect("no panic while it is held") = info.location().map(Location::line);
        }));
        let registry = Registry(vec![1]);
        let line = line!() + 1;
        let caught = std::panic::catch_unwind(|| *registry.expect(7));
        std::panic::set_hook(earlier);
        assert!(caught.is_err());
        assert_eq!(
            *place.lock().expect("no panic while it was held"),
            Some(line)
        );
    });
    let span = recorded.span("execute_tool expect");
    assert_eq!(span.outcome(), Outcome::Panicked);
}

#[test]
fn question_marks_and_early_returns_are_seen() {
    let recorded = recorded(|| {
        let registry = Registry(vec!["a"]);
        assert!(registry.get(0).is_ok());
        assert!(registry.get(1).is_err());
        assert!(registry.get(100).is_err());
        assert!(hidden_return(true).is_err());
        assert!(hidden_return(false).is_ok());
        assert_eq!(optional("a"), Some(b'a'));
        assert_eq!(optional(""), None);
    });
    let ends: Vec<_> = recorded
        .spans
        .iter()
        .map(|span| {
            (
                span.outcome(),
                span.attributes.str("error.type").unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(
        ends,
        [
            (Outcome::Ok, ""),
            (Outcome::Error, "NotFound"),
            (Outcome::Error, "InvalidInput"),
            (Outcome::Error, "_OTHER"),
            (Outcome::Ok, ""),
            (Outcome::Ok, ""),
            (Outcome::Ok, ""),
        ]
    );
}
