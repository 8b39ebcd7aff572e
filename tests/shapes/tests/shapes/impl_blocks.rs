//! `#[genai_tools]`: every method of an `impl` block is a tool.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use genai_trace::{Outcome, genai_chat, genai_span, genai_tool, genai_tools};
use genai_trace_shapes::{Begins, Exit, calls, ends, every_exit};
use genai_trace_tests::block_on;

struct Registry {
    root: String,
}

#[genai_tools]
impl Registry {
    /// No receiver, no tool.
    fn new() -> Self {
        Self {
            root: Self::ROOT.to_owned(),
        }
    }

    const ROOT: &'static str = "/";

    /// A tool.
    fn list(&self) -> Result<Vec<String>, String> {
        Ok(vec![self.helper("a"), self.helper("b")])
    }

    fn change(&mut self, root: &str) -> Result<(), String> {
        if root.is_empty() {
            return Err("no root".to_owned());
        }
        root.clone_into(&mut self.root);
        Ok(())
    }

    #[must_use]
    pub(crate) fn close(self: Box<Self>) -> String {
        self.root
    }

    async fn read(&self, exit: Exit) -> Result<u8, String> {
        match exit.step().await? {
            0 => return Ok(0),
            n => Ok(n),
        }
    }

    fn boxed(self: Arc<Self>, exit: Exit) -> BoxFuture<'static, Result<u8, String>> {
        Box::pin(async move {
            let _root = &self.root;
            exit.step().await
        })
    }

    #[genai(skip)]
    fn helper(&self, name: &str) -> String {
        format!("{}{name}", self.root)
    }

    #[genai_chat(model = "gpt-4o")]
    fn ask(&self) -> String {
        self.root.clone()
    }

    #[genai_tool("renamed")]
    fn own_name(&self) {}

    #[genai_span]
    fn step(&self) {}
}

fn registry() -> Registry {
    Registry::new()
}

#[test]
fn methods_are_tools_named_after_themselves() {
    ends("execute_tool list", Outcome::Ok, || {
        assert_eq!(
            registry().list(),
            Ok(vec!["/a".to_owned(), "/b".to_owned()])
        );
    });
    let mut changed = registry();
    ends("execute_tool change", Outcome::Ok, || changed.change("x"));
    assert_eq!(changed.root, "x");
    ends("execute_tool change", Outcome::Error, || changed.change(""));
    ends("execute_tool close", Outcome::Ok, || {
        assert_eq!(Box::new(registry()).close(), "/");
    });
}

#[test]
fn async_methods_and_those_that_return_futures() {
    let one = registry();
    every_exit("execute_tool read", Begins::AtTheFirstPoll, |exit| {
        one.read(exit)
    });
    every_exit("execute_tool boxed", Begins::AtTheCall, |exit| {
        Arc::new(registry()).boxed(exit)
    });
}

#[test]
fn what_is_no_method_or_is_skipped_leaves_nothing() {
    let recorded = calls(|| {
        assert_eq!(Registry::new().helper("a"), "/a");
    });
    assert_eq!(recorded.outline(), "caller");
}

#[test]
fn a_method_keeps_the_attribute_that_it_has() {
    ends("chat gpt-4o", Outcome::Ok, || registry().ask());
    ends("execute_tool renamed", Outcome::Ok, || {
        registry().own_name()
    });
    ends("step", Outcome::Ok, || registry().step());
}

#[test]
fn an_impl_of_a_trait_and_a_generic_one() {
    trait Call {
        type Input;
        fn call(&self, input: Self::Input) -> Result<usize, String>;
        fn make() -> Self;
        async fn later(&self) -> u8;
    }
    struct Of<T, const N: usize>(T);
    #[genai_tools]
    impl<T, const N: usize> Call for Of<T, N>
    where
        T: Default + AsRef<str>,
    {
        type Input = T;

        fn call(&self, input: T) -> Result<usize, String> {
            match input.as_ref() {
                "" => Err("no input".to_owned()),
                input => Ok(input.len() + self.0.as_ref().len() + N),
            }
        }

        fn make() -> Self {
            Self(T::default())
        }

        async fn later(&self) -> u8 {
            1
        }
    }
    ends("execute_tool call", Outcome::Ok, || {
        assert_eq!(Of::<_, 7>("a").call("bc"), Ok(10));
    });
    ends("execute_tool call", Outcome::Error, || {
        Of::<String, 7>::make().call(String::new())
    });
    ends("execute_tool later", Outcome::Ok, || {
        block_on(Of::<_, 7>("a").later())
    });
}

/// Methods that a macro makes.
macro_rules! registry {
    ($name:ident { $($method:ident => $value:expr),* $(,)? }) => {
        struct $name;
        #[genai_tools]
        impl $name {
            $(fn $method(&self) -> u8 { $value })*
        }
    };
}
registry!(Made { one => 1, two => 2 });

#[test]
fn an_impl_that_a_macro_makes() {
    ends("execute_tool one", Outcome::Ok, || {
        assert_eq!(Made.one(), 1)
    });
    ends("execute_tool two", Outcome::Ok, || {
        assert_eq!(Made.two(), 2)
    });
}
