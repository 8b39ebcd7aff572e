//! Functions that macros make, of every kind of fragment.

use genai_trace::Outcome;
use genai_trace_shapes::{calls, ends};
use genai_trace_tests::block_on;

/// The macros, and what they make.
mod made {
    use genai_trace::{genai_chat, genai_span, genai_tool};

    macro_rules! tool {
        ($vis:vis $name:ident($arg:ident: $type:ty) -> $result:ty, $title:literal, $body:block) => {
            #[genai_tool($title, fields("argument" = $arg))]
            $vis fn $name($arg: $type) -> $result $body
        };
    }
    tool!(pub(super) double(n: u32) -> u32, "double it", { n * 2 });
    tool!(pub(super) parse(text: &str) -> Result<u32, std::num::ParseIntError>, "parse it", {
        let number = text.parse()?;
        Ok(number)
    });

    macro_rules! later {
        ($vis:vis $name:ident<$life:lifetime>($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block) => {
            #[genai_span]
            $vis async fn $name<$life>($($arg: $type),*) $(-> $result)? $body
        };
    }
    later!(pub(super) wait<'a>(a: &'a str, b: &'a str) -> Result<&'a str, String> {
        genai_trace_tests::yield_once().await;
        if a.is_empty() {
            return Err(b.to_owned());
        }
        Ok(a)
    });
    later!(pub(super) nothing<'a>(_a: &'a str, _b: &'a mut &'a str) {});

    macro_rules! boxed {
        ($vis:vis $name:ident -> $output:ty, $value:expr) => {
            #[genai_span]
            $vis fn $name() -> std::pin::Pin<Box<dyn Future<Output = $output>>> {
                Box::pin(async move { $value })
            }
        };
        ($vis:vis $name:ident : $returned:ty, $value:expr) => {
            #[genai_span]
            $vis fn $name() -> $returned {
                $value
            }
        };
    }
    boxed!(pub(super) boxed -> Result<u8, String>, Err("boxed".to_owned()));
    boxed!(
        pub(super) wholly: std::pin::Pin<Box<dyn Future<Output = Result<u8, String>>>>,
        Box::pin(async { Err("wholly".to_owned()) })
    );
    boxed!(
        pub(super) opaque: impl Future<Output = Result<u8, String>>,
        async { Err("opaque".to_owned()) }
    );

    macro_rules! passed_on {
        ($item:item) => {
            #[genai_tool]
            $item
        };
    }
    passed_on! {
        /// With a comment.
        pub(super) async fn whole(n: u32) -> u32 { n }
    }

    macro_rules! method {
        ($self:ident, $name:ident, $model:expr, $body:block) => {
            #[genai_chat(model = $model)]
            pub(super) fn $name(&$self) -> u32 $body
        };
    }
    pub(super) struct Counter(pub(super) u32);
    impl Counter {
        method!(self, count, self.0.to_string(), { self.0 });
    }
}

#[test]
fn functions_that_macros_make() {
    let span = ends("execute_tool double it", Outcome::Ok, || {
        assert_eq!(made::double(2), 4);
    });
    assert_eq!(span.attributes.int("argument"), Some(2));
    ends("execute_tool parse it", Outcome::Error, || made::parse("x"));
    ends("wait", Outcome::Ok, || block_on(made::wait("a", "b")));
    ends("wait", Outcome::Error, || block_on(made::wait("", "b")));
    ends("nothing", Outcome::Ok, || {
        block_on(made::nothing("", &mut ""))
    });
    ends("execute_tool whole", Outcome::Ok, || {
        assert_eq!(block_on(made::whole(3)), 3);
    });
    ends("chat 3", Outcome::Ok, || {
        assert_eq!(made::Counter(3).count(), 3);
    });
}

#[test]
fn futures_whose_type_is_a_fragment_of_a_macro() {
    for make in [made::boxed, made::wholly] {
        let recorded = calls(|| assert!(block_on(make()).is_err()));
        assert_eq!(recorded.spans.len(), 2, "{}", recorded.tree());
        assert!(recorded.outline().contains("ERROR"), "{}", recorded.tree());
    }
    ends("opaque", Outcome::Error, || block_on(made::opaque()));
}
