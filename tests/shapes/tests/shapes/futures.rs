//! `async fn`: the span begins with the first poll and ends with the future.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use genai_trace::{Outcome, current, genai_span, genai_tool, record};
use genai_trace_shapes::{Begins, Exit, aborted, calls, ends, every_exit, poll};
use genai_trace_tests::{block_on, yield_once};
use tokio::sync::oneshot;

#[test]
fn every_exit_of_an_async_function() {
    #[genai_span]
    async fn call(exit: Exit) -> Result<u8, String> {
        let n = exit.step().await?;
        if n == 0 {
            return Ok(0);
        }
        Ok(n)
    }
    every_exit("call", Begins::AtTheFirstPoll, call);
}

#[test]
fn every_exit_of_an_async_method_of_a_trait() {
    trait Call {
        async fn call(&self, exit: Exit) -> Result<u8, String>;
        #[genai_tool]
        async fn call_twice(&self, exit: Exit) -> Result<u8, String> {
            for _ in 0..2 {
                match exit.step().await? {
                    0 => return Ok(0),
                    _ => continue,
                }
            }
            Ok(1)
        }
    }
    struct Caller;
    impl Call for Caller {
        #[genai_tool]
        async fn call(&self, exit: Exit) -> Result<u8, String> {
            match exit.step().await? {
                0 => return Ok(0),
                n => Ok(n),
            }
        }
    }
    every_exit("execute_tool call", Begins::AtTheFirstPoll, |exit| {
        Caller.call(exit)
    });
    every_exit("execute_tool call_twice", Begins::AtTheFirstPoll, |exit| {
        Caller.call_twice(exit)
    });
}

#[test]
fn a_task_that_is_aborted() {
    #[genai_tool]
    async fn wait(begun: oneshot::Sender<()>) -> Result<(), String> {
        begun.send(()).map_err(|()| "nobody listens")?;
        std::future::pending().await
    }
    aborted("execute_tool wait", wait);
}

#[test]
fn an_async_function_without_a_result_or_anything_to_wait_for() {
    #[genai_span]
    async fn empty() {}
    #[genai_span]
    async fn commented() {
        // nothing
    }
    #[genai_span]
    async fn returns_early(early: bool) {
        if early {
            return;
        }
        yield_once().await;
    }
    ends("empty", Outcome::Ok, || block_on(empty()));
    ends("commented", Outcome::Ok, || block_on(commented()));
    ends("returns_early", Outcome::Ok, || {
        block_on(returns_early(true))
    });
    ends("returns_early", Outcome::Ok, || {
        block_on(returns_early(false))
    });
}

#[test]
fn an_async_function_that_never_returns() {
    #[genai_span]
    async fn forever() -> ! {
        loop {
            yield_once().await;
        }
    }
    ends("forever", Outcome::Cancelled, || {
        let mut future = Box::pin(forever());
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_pending());
    });
}

#[test]
fn its_span_is_current_while_it_is_polled_and_at_no_other_time() {
    #[genai_span]
    async fn outer() {
        record!(app.polls = 1);
        yield_once().await;
        inner().await;
        record!(app.polls = 2);
    }
    #[genai_span]
    async fn inner() {
        yield_once().await;
    }
    #[genai_span]
    fn between() {}
    let recorded = calls(|| {
        let caller = current().span_id();
        let mut future = Box::pin(outer());
        while poll(future.as_mut()).is_pending() {
            assert_eq!(current().span_id(), caller);
            between();
        }
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.outer\n..inner\n.between\n.between"
    );
    let outer = recorded.span("outer");
    assert_eq!(outer.attributes.int("app.polls"), Some(2));
}

#[test]
fn two_that_wait_in_turn_are_siblings() {
    #[genai_tool(name = name)]
    async fn wait(name: &str) {
        for _ in 0..3 {
            yield_once().await;
        }
        step(name).await;
    }
    #[genai_span(name = format!("step of {name}"))]
    async fn step(name: &str) {
        yield_once().await;
    }
    let recorded = calls(|| {
        block_on(async {
            tokio::join!(wait("a"), wait("b"), wait("c"));
        });
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.execute_tool a\n..step of a\n.execute_tool b\n..step of b\n.execute_tool c\n..step of c"
    );
}

#[test]
fn impl_trait_in_its_result() {
    #[genai_span]
    async fn below(n: i32) -> Result<impl Iterator<Item = i32>, String> {
        yield_once().await;
        if n < 0 {
            return Err("negative".to_owned());
        }
        Ok((0..10).filter(move |x| *x < n))
    }
    ends("below", Outcome::Ok, || {
        assert_eq!(block_on(below(3)).map(Iterator::count), Ok(3));
    });
    ends("below", Outcome::Error, || block_on(below(-1)).is_err());
}

#[test]
fn a_future_in_its_result_is_a_value_like_any_other() {
    type Later = Pin<Box<dyn Future<Output = Result<u8, String>> + Send>>;
    #[genai_span]
    async fn make() -> Result<Later, String> {
        let fails = async { Err::<u8, u8>(7) };
        let mapped = async move { fails.await.map_err(|n| n.to_string()) };
        Ok(Box::pin(mapped))
    }
    let span = ends("make", Outcome::Ok, || {
        assert_eq!(block_on(block_on(make()).unwrap()), Err("7".to_owned()));
    });
    assert_eq!(span.status_message, "");
}

#[test]
#[allow(unsafe_code, reason = "`async unsafe fn` is one of the shapes")]
fn an_unsafe_async_function() {
    /// # Safety
    ///
    /// Nothing is asked.
    #[genai_span]
    async unsafe fn read() -> u8 {
        yield_once().await;
        1
    }
    ends("read", Outcome::Ok, || {
        assert_eq!(block_on(unsafe { read() }), 1);
    });
}

#[test]
fn what_it_captures_need_not_be_send() {
    #[genai_tool]
    async fn count(counter: Rc<Cell<u8>>) -> u8 {
        counter.set(counter.get() + 1);
        yield_once().await;
        counter.get()
    }
    ends("execute_tool count", Outcome::Ok, || {
        assert_eq!(block_on(count(Rc::new(Cell::new(1)))), 2);
    });
}

#[test]
fn a_recursive_async_function() {
    #[genai_span]
    async fn down(depth: u8) -> u8 {
        if depth == 0 {
            return 0;
        }
        yield_once().await;
        Box::pin(down(depth - 1)).await + 1
    }
    let recorded = calls(|| assert_eq!(block_on(down(3)), 3));
    assert_eq!(
        recorded.outline(),
        "caller\n.down\n..down\n...down\n....down"
    );
}
