//! Functions that return a future: the span begins with the call and ends with the future, however
//! the body is written.

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

use futures_core::future::BoxFuture;
use genai_trace::{Outcome, current, genai_chat, genai_span, genai_tool, record};
use genai_trace_shapes::{Begins, Exit, aborted, calls, ends, every_exit, panic_quietly, panics};
use genai_trace_tests::{block_on, yield_once};
use tokio::sync::oneshot;

/// What the functions below return in their boxes.
type Answer = Result<u8, String>;

async fn walk(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[test]
fn an_async_block() {
    #[genai_span]
    fn call(exit: Exit) -> impl Future<Output = Answer> {
        async move { walk(exit).await }
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn an_async_block_after_other_statements() {
    #[genai_tool]
    fn call(exit: Exit) -> impl Future<Output = Answer> + Send + 'static {
        let exit = Some(exit);
        let Some(exit) = exit else {
            unreachable!("it was put there");
        };
        record!(app.made = 1);
        async move {
            record!(app.polled = 1);
            match exit.step().await? {
                0 => Ok(0),
                n => Ok(n),
            }
        }
    }
    every_exit("execute_tool call", Begins::AtTheCall, call);
    let span = ends("execute_tool call", Outcome::Ok, || {
        block_on(call(Exit::Ok))
    });
    assert_eq!(span.attributes.int("app.made"), Some(1));
    assert_eq!(span.attributes.int("app.polled"), Some(1));
}

#[test]
fn the_future_of_another_function() {
    #[genai_span]
    fn call(exit: Exit) -> impl std::future::Future<Output = Answer> + Send {
        walk(exit)
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn a_future_in_a_variable_and_an_early_return() {
    #[genai_span]
    fn call(exit: Exit) -> impl Send + Future<Output = Answer> {
        let early = exit == Exit::Early;
        let future = walk(exit);
        if early {
            return future;
        }
        future
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn a_future_that_is_ready_at_once() {
    #[genai_span]
    fn call(result: Answer) -> impl Future<Output = Answer> + Unpin {
        ready(result)
    }
    ends("call", Outcome::Ok, || block_on(call(Ok(1))));
    ends("call", Outcome::Error, || {
        block_on(call(Err("failed".to_owned())))
    });
}

#[test]
fn a_box_pinned_on_the_spot() {
    #[genai_span]
    fn call(exit: Exit) -> Pin<Box<dyn Future<Output = Answer>>> {
        Box::pin(async move {
            let n = exit.step().await?;
            if n == 0 {
                return Ok(0);
            }
            Ok(n)
        })
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn statements_before_a_box_are_kept() {
    struct Thing {
        metrics: Rc<Cell<u8>>,
    }
    impl Thing {
        #[genai_tool]
        fn call(&mut self, exit: Exit) -> Pin<Box<dyn Future<Output = Answer>>> {
            let metrics = self.metrics.clone();
            metrics.set(1);
            Box::pin(async move {
                metrics.set(metrics.get() + 1);
                walk(exit).await
            })
        }
    }
    every_exit("execute_tool call", Begins::AtTheCall, |exit| {
        let metrics = Rc::new(Cell::new(0));
        let future = Thing {
            metrics: metrics.clone(),
        }
        .call(exit);
        assert_eq!(metrics.get(), 1);
        future
    });
}

#[test]
fn boxes_of_different_futures() {
    #[genai_span]
    fn call(exit: Exit) -> Pin<Box<dyn Future<Output = Answer> + Send + Sync>> {
        if exit == Exit::Early {
            return Box::pin(ready(Ok(0)));
        }
        match exit {
            Exit::Wait => Box::pin(std::future::pending()),
            Exit::Panic => Box::pin(async { panic_quietly("out of cheese") }),
            exit => Box::pin(ready(exit.step_now())),
        }
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn an_async_function_inside_that_is_boxed() {
    struct Worker(u8);
    impl Worker {
        #[genai_span]
        fn call<'a>(&'a self, exit: Exit) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
            async fn inner(worker: &Worker, exit: Exit) -> Answer {
                match exit.step().await? {
                    0 => Ok(0),
                    _ => Ok(worker.0),
                }
            }
            Box::pin(inner(self, exit))
        }
    }
    let worker = Worker(1);
    every_exit("call", Begins::AtTheCall, |exit| worker.call(exit));
}

#[test]
fn a_panic_while_the_future_is_made() {
    #[genai_span]
    fn opaque() -> impl Future<Output = ()> {
        let made = Exit::Panic.step_now();
        async move { drop(made) }
    }
    #[genai_span]
    fn boxed() -> Pin<Box<dyn Future<Output = ()>>> {
        panic_quietly("out of cheese")
    }
    for (name, panicked) in [
        ("opaque", panics_inside("opaque", || drop(opaque()))),
        ("boxed", panics_inside("boxed", || drop(boxed()))),
    ] {
        assert_eq!(panicked, "out of cheese", "{name}");
    }
}

fn panics_inside(name: &str, call: impl FnOnce()) -> String {
    ends(name, Outcome::Panicked, || assert!(panics(call))).status_message
}

#[test]
fn what_the_body_begins_is_below_its_span() {
    #[genai_span]
    fn step() {}
    #[genai_span]
    async fn wait() {
        yield_once().await;
    }
    #[genai_chat(model = "a")]
    fn call() -> BoxFuture<'static, ()> {
        step();
        Box::pin(async {
            wait().await;
            step();
        })
    }
    let recorded = calls(|| block_on(call()));
    assert_eq!(
        recorded.outline(),
        "caller\n.chat a\n..step\n..wait\n..step"
    );
}

#[test]
fn the_parent_is_the_span_of_the_call_wherever_it_is_polled() {
    #[genai_span]
    fn call() -> BoxFuture<'static, ()> {
        Box::pin(async {
            yield_once().await;
        })
    }
    #[genai_span]
    fn make() -> Vec<BoxFuture<'static, ()>> {
        vec![call()]
    }
    #[genai_span]
    fn elsewhere() {
        assert_ne!(current().span_id(), None);
    }
    let recorded = genai_trace_tests::recorded(|| {
        genai_trace::span("caller").run(|| {
            let futures = make();
            std::thread::spawn(|| {
                genai_trace::span("poller").run(|| {
                    elsewhere();
                    for future in futures {
                        block_on(future);
                    }
                });
            })
            .join()
            .unwrap();
        });
    });
    let (call, make) = (recorded.span("call"), recorded.span("make"));
    assert_eq!(call.parent_span_id, Some(make.span_id));
    assert_eq!(call.trace_id, make.trace_id);
    assert_eq!(recorded.spans.len(), 5, "{}", recorded.tree());
}

#[test]
fn a_task_that_is_aborted() {
    #[genai_tool]
    fn opaque(begun: oneshot::Sender<()>) -> impl Future<Output = ()> + Send + 'static {
        async move {
            begun.send(()).unwrap();
            std::future::pending().await
        }
    }
    #[genai_tool]
    fn boxed(begun: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            begun.send(()).unwrap();
            std::future::pending().await
        })
    }
    aborted("execute_tool opaque", opaque);
    aborted("execute_tool boxed", boxed);
}

#[test]
fn recursion_through_boxes() {
    #[genai_span]
    fn down(depth: u8) -> BoxFuture<'static, u8> {
        Box::pin(async move {
            match depth {
                0 => 0,
                depth => down(depth - 1).await + 1,
            }
        })
    }
    let recorded = calls(|| assert_eq!(block_on(down(3)), 3));
    assert_eq!(
        recorded.outline(),
        "caller\n.down\n..down\n...down\n....down"
    );
}
