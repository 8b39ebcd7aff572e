//! What is found out about returned values.

use std::io;
use std::sync::Arc;

use super::*;

#[derive(Debug)]
struct Outer(io::Error);

impl Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outer")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

struct Bare;

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file")
}

macro_rules! failure {
    ($value:expr) => {{
        let value = $value;
        let end = (&&&&&&&&&&&Probe(&value)).__end();
        end.failure.map(|f| {
            (
                f.error_type.into_owned(),
                f.exception_type.into_owned(),
                f.message,
            )
        })
    }};
}

fn said(error: &str, exception: &str, message: &str) -> Option<(String, String, String)> {
    Some((error.to_owned(), exception.to_owned(), message.to_owned()))
}

#[test]
fn an_io_error_is_named_by_its_kind() {
    let result: io::Result<()> = Err(not_found());
    assert_eq!(
        failure!(result),
        said("NotFound", "std::io::Error", "no such file")
    );
}

#[test]
fn an_error_tells_its_causes() {
    let result: Result<(), Outer> = Err(Outer(not_found()));
    let exception = "genai_trace::span::probe::tests::Outer";
    assert_eq!(
        failure!(result),
        said("Outer", exception, "outer: no such file")
    );
}

#[test]
fn a_boxed_error_is_looked_into() {
    let result: Result<(), Box<dyn Error>> = Err(Box::new(not_found()));
    assert_eq!(
        failure!(result),
        said("NotFound", "std::io::Error", "no such file")
    );
    let result: Result<(), Box<dyn Error + Send + Sync>> = Err("told as a text".into());
    assert_eq!(
        failure!(result),
        said("_OTHER", "dyn std::error::Error", "told as a text")
    );
}

#[test]
fn a_text_or_a_bare_type_will_do_for_an_error() {
    let result: Result<(), String> = Err("told".to_owned());
    assert_eq!(
        failure!(result),
        said("String", "alloc::string::String", "told")
    );
    let result: Result<(), Bare> = Err(Bare);
    assert_eq!(
        failure!(result),
        said("Bare", "genai_trace::span::probe::tests::Bare", "")
    );
}

#[test]
fn pointers_around_an_error_do_not_hide_its_name() {
    let result: Result<(), Box<Outer>> = Err(Box::new(Outer(not_found())));
    assert_eq!(failure!(result).unwrap().0, "Outer");
    let result: Result<(), Arc<io::Error>> = Err(Arc::new(not_found()));
    assert_eq!(failure!(result).unwrap().0, "NotFound");
    let result: Result<(), Box<io::Error>> = Err(Box::new(not_found()));
    assert_eq!(failure!(result).unwrap().0, "NotFound");
    let result: Result<(), &str> = Err("told");
    assert_eq!(failure!(result).unwrap().0, "str");
}

#[test]
fn a_message_that_cannot_be_shown_makes_no_panic() {
    struct Fails;
    impl Display for Fails {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half")?;
            Err(std::fmt::Error)
        }
    }
    struct Panics;
    impl Display for Panics {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::panic::resume_unwind(Box::new(1))
        }
    }
    let message = |end: Option<(String, String, String)>| end.unwrap().2;
    assert_eq!(
        message(failure!(Err::<(), _>(Fails))),
        "half(the message cannot be shown)"
    );
    assert_eq!(
        message(failure!(Err::<(), _>(Panics))),
        "(the message cannot be shown)"
    );
}

#[test]
fn what_is_no_error_is_well() {
    assert_eq!(failure!(Ok::<(), io::Error>(())), None);
    assert_eq!(failure!(Some(3)), None);
    assert_eq!(failure!(Bare), None);
}
