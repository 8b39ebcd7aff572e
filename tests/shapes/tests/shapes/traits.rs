//! Methods of traits: default ones, those of an `impl`, behind `dyn`, and async.

use std::fmt::Debug;

use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::{calls, drop_while_it_waits, ends};
use genai_trace_tests::{block_on, yield_once};

trait Tool: Debug {
    type Error: Debug;
    const NAME: &'static str;

    fn name(&self) -> String;

    #[genai_tool(name = self.name())]
    fn call(&self, input: &str) -> Result<usize, Self::Error> {
        if input.is_empty() {
            return Err(self.no_input());
        }
        Ok(input.len())
    }

    fn no_input(&self) -> Self::Error;

    #[genai_span]
    fn make() -> Self
    where
        Self: Sized + Default,
    {
        Self::default()
    }

    #[genai_tool(name = Self::NAME)]
    async fn call_later(&self, input: &str) -> Result<usize, Self::Error> {
        yield_once().await;
        self.check_later(input).await?;
        Ok(input.len())
    }

    async fn check_later(&self, input: &str) -> Result<(), Self::Error>;

    #[genai_span]
    async fn wait_later() {
        std::future::pending::<()>().await;
    }
}

#[derive(Debug, Default, PartialEq)]
struct Count;

impl Tool for Count {
    type Error = String;
    const NAME: &'static str = "count";

    #[genai_span]
    fn name(&self) -> String {
        Self::NAME.to_owned()
    }

    fn no_input(&self) -> String {
        "no input".to_owned()
    }

    #[genai_span]
    async fn check_later(&self, input: &str) -> Result<(), Self::Error> {
        yield_once().await;
        if input.is_empty() {
            return Err(self.no_input());
        }
        Ok(())
    }
}

#[test]
fn a_default_method() {
    #[derive(Debug, Default)]
    struct Silent;
    impl Tool for Silent {
        type Error = ();
        const NAME: &'static str = "silent";
        fn name(&self) -> String {
            "silent".to_owned()
        }
        fn no_input(&self) {}
        async fn check_later(&self, _input: &str) -> Result<(), ()> {
            Ok(())
        }
    }
    ends("execute_tool silent", Outcome::Ok, || Silent.call("ab"));
    ends("execute_tool silent", Outcome::Error, || Silent.call(""));
    ends("make", Outcome::Ok, Silent::make);
}

#[test]
fn a_method_of_an_impl() {
    ends("name", Outcome::Ok, || assert_eq!(Count.name(), "count"));
}

#[test]
fn a_method_behind_dyn() {
    trait Step {
        #[genai_span]
        fn run(&mut self) -> Result<u8, String> {
            Err("nothing to run".to_owned())
        }
    }
    struct Idle;
    impl Step for Idle {}
    struct Busy(u8);
    impl Step for Busy {
        #[genai_span("busy")]
        fn run(&mut self) -> Result<u8, String> {
            self.0 += 1;
            Ok(self.0)
        }
    }
    let mut steps: [Box<dyn Step>; 2] = [Box::new(Idle), Box::new(Busy(0))];
    let recorded = calls(|| {
        for step in &mut steps {
            let _ = step.run();
        }
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.run ERROR String: nothing to run\n.busy"
    );
}

#[test]
fn an_async_method_that_calls_another() {
    // The default method knows of its error only that it is `Debug`.
    let recorded = calls(|| {
        assert_eq!(block_on(Count.call_later("ab")), Ok(2));
        assert!(block_on(Count.call_later("")).is_err());
        drop_while_it_waits(Count::wait_later());
        drop(Count::wait_later());
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.execute_tool count\n..check_later\n\
         .execute_tool count ERROR String: \"no input\"\n..check_later ERROR String: no input\n\
         .wait_later cancelled"
    );
}

#[test]
fn a_generic_trait() {
    trait Convert<T> {
        fn convert(self) -> Result<T, Box<dyn std::error::Error>>;
    }
    impl<T> Convert<Vec<T>> for &str
    where
        T: std::str::FromStr<Err: std::error::Error + 'static>,
    {
        #[genai_span]
        fn convert(self) -> Result<Vec<T>, Box<dyn std::error::Error>> {
            Ok(self.split(',').map(T::from_str).collect::<Result<_, _>>()?)
        }
    }
    ends("convert", Outcome::Ok, || {
        let numbers: Vec<u8> = "1,2".convert().unwrap();
        assert_eq!(numbers, [1, 2]);
    });
    let span = ends("convert", Outcome::Error, || {
        Convert::<Vec<u8>>::convert("x").unwrap_err()
    });
    assert_eq!(span.attributes.str("error.type"), Some("ParseIntError"));
}

#[test]
fn a_method_of_a_generic_type() {
    struct Wrapper<'a, T: ?Sized, const N: usize>(&'a T);
    impl<'a, T: AsRef<str> + ?Sized, const N: usize> Wrapper<'a, T, N> {
        #[genai_span(fields("n" = N))]
        fn cut<U: From<&'a str>>(&self) -> Option<U> {
            self.0.as_ref().get(..N).map(U::from)
        }
    }
    let span = ends("cut", Outcome::Ok, || {
        assert_eq!(Wrapper::<str, 1>("ab").cut(), Some("a".to_owned()));
    });
    assert_eq!(span.attributes.int("n"), Some(1));
}
