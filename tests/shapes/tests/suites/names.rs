//! What a span is called.

use genai_trace::{Outcome, genai_agent, genai_span, genai_tool};
use genai_trace_shapes::{calls, ends};
use genai_trace_tests::block_on;

#[test]
fn without_a_name_it_is_that_of_the_function() {
    #[genai_span]
    fn default_name() {}
    #[genai_span()]
    async fn default_name_later() {}
    ends("default_name", Outcome::Ok, default_name);
    ends("default_name_later", Outcome::Ok, || {
        block_on(default_name_later())
    });
}

#[test]
fn a_name_in_front() {
    #[genai_span("my name")]
    fn step() {}
    #[genai_tool("my_tool")]
    async fn tool() {}
    ends("my name", Outcome::Ok, step);
    ends("execute_tool my_tool", Outcome::Ok, || block_on(tool()));
}

#[test]
fn a_name_from_a_constant_and_from_an_expression() {
    const NAME: &str = "constant";
    struct Names;
    impl Names {
        const OF_A_TYPE: &'static str = "of_a_type";
    }
    const fn computed() -> &'static str {
        "computed"
    }
    #[genai_span(name = NAME)]
    fn constant() {}
    #[genai_agent(name = Names::OF_A_TYPE)]
    fn associated() {}
    #[genai_tool(name = computed())]
    fn function() {}
    #[genai_span(name = format!("{name}-{n}"))]
    async fn formatted(name: &str, n: u8) {}
    ends("constant", Outcome::Ok, constant);
    ends("invoke_agent of_a_type", Outcome::Ok, associated);
    ends("execute_tool computed", Outcome::Ok, function);
    ends("a-1", Outcome::Ok, || block_on(formatted("a", 1)));
}

#[test]
fn an_argument_called_name_is_not_the_name() {
    #[genai_span]
    fn step(name: &str, target: &str) -> usize {
        name.len() + target.len()
    }
    ends("step", Outcome::Ok, || assert_eq!(step("a", "b"), 2));
}

#[test]
fn a_module_named_like_the_crate_is_the_users_own() {
    mod genai_trace {
        pub(super) fn of_the_user() -> &'static str {
            "own"
        }
    }
    #[genai_span(fields("own" = genai_trace::of_the_user()))]
    fn step() -> &'static str {
        genai_trace::of_the_user()
    }
    let span = ends("step", Outcome::Ok, || assert_eq!(step(), "own"));
    assert_eq!(span.attributes.str("own"), Some("own"));
}

#[test]
fn through_a_re_export_and_another_name() {
    mod telemetry {
        pub(super) mod prelude {
            pub(crate) use ::genai_trace as traces;
            pub(crate) use ::genai_trace::genai_tool as traced;
        }
    }
    use telemetry::prelude::{traced, traces};
    #[traced(crate = traces)]
    fn plain() {}
    #[traces::genai_span(crate = traces, fields("a" = 1))]
    async fn later() -> Result<(), String> {
        Err("failed".to_owned())
    }
    #[traced(crate = traces)]
    fn returned() -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        Box::pin(async { Err("failed".to_owned()) })
    }
    ends("execute_tool plain", Outcome::Ok, plain);
    ends("later", Outcome::Error, || block_on(later()));
    ends("execute_tool returned", Outcome::Error, || {
        block_on(returned())
    });
}

#[test]
fn a_function_that_is_called_twice_has_two_spans() {
    #[genai_span]
    fn step(n: u8) -> u8 {
        n
    }
    let recorded = calls(|| assert_eq!(step(1) + step(2), 3));
    assert_eq!(recorded.outline(), "caller\n.step\n.step");
}
