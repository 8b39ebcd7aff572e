//! Futures and streams, polled by hand on no runtime.

use std::future::{Future, IntoFuture};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::Stream;
use genai_trace::{InCurrentSpan, current, genai_tool, record, span};
use genai_trace_tests::{block_on, recorded, yield_once};

use super::{assert_children, parents};

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[genai_tool(name = name)]
async fn tool(name: &str) {
    yield_once().await;
    span(format!("{name} half")).run(|| {});
    yield_once().await;
}

/// Polls all until all are ready, one poll of each in turn.
async fn join_all<'a>(mut futures: Vec<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>) {
    std::future::poll_fn(move |cx| {
        futures.retain_mut(|future| future.as_mut().poll(cx).is_pending());
        if futures.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn futures_joined_by_hand_are_siblings_wherever_they_are_polled() {
    let recorded = recorded(|| {
        let futures = span("turn").run(|| {
            let mut futures: Vec<Pin<Box<dyn Future<Output = ()> + Send>>> = Vec::new();
            for name in ["a", "b", "c"] {
                // The tool itself begins only when it is polled.
                futures.push(Box::pin(async move { tool(name).await }.in_current_span()));
            }
            futures
        });
        std::thread::spawn(|| span("poller").run(|| block_on(join_all(futures))))
            .join()
            .unwrap();
    });
    let turn = recorded.span("turn");
    for name in ["a", "b", "c"] {
        let tool = recorded.span(&format!("execute_tool {name}"));
        assert_eq!(
            (tool.parent_span_id, tool.trace_id),
            (Some(turn.span_id), turn.trace_id)
        );
        assert_children(&recorded, &format!("{name} half"), 1, tool);
    }
    assert_eq!(parents(&recorded, "poller"), [None]);
}

#[test]
fn the_span_is_taken_at_the_call_and_not_at_the_first_poll() {
    let recorded = recorded(|| {
        let outside = async { span("root").run(|| {}) }.in_current_span();
        let inside = span("made").run(|| async { span("child").run(|| {}) }.in_current_span());
        span("polled").run(|| {
            block_on(outside);
            block_on(inside);
        });
    });
    assert_eq!(parents(&recorded, "root"), [None]);
    assert_children(&recorded, "child", 1, recorded.span("made"));
}

#[test]
fn what_a_future_records_reaches_the_owner() {
    let recorded = recorded(|| {
        let owner = span("owner").enter();
        let future = async {
            record!(app.first = 1);
            yield_once().await;
            current().set("app.second", &2);
        }
        .in_current_span();
        std::thread::scope(|scope| scope.spawn(|| block_on(future)).join().unwrap());
        drop(owner);
    });
    assert_eq!(
        serde_json::to_string(&recorded.span("owner").attributes).unwrap(),
        r#"{"app.first":1,"app.second":2}"#
    );
}

#[test]
fn a_handle_wraps_a_future() {
    let recorded = recorded(|| {
        let here = span("owner").run(current);
        assert_eq!(block_on(here.wrap(async { span("child").run(|| 3) })), 3);
    });
    assert_children(&recorded, "child", 1, recorded.span("owner"));
}

#[test]
fn what_becomes_a_future_at_await_is_wrapped_as_it_is() {
    struct Query(&'static str);
    impl IntoFuture for Query {
        type Output = usize;
        type IntoFuture = Pin<Box<dyn Future<Output = usize> + Send>>;
        fn into_future(self) -> Self::IntoFuture {
            span("prepared").run(|| {});
            Box::pin(async move { span("queried").run(|| self.0.len()) })
        }
    }
    let recorded = recorded(|| {
        let (here, query) = span("owner").run(|| (current(), Query("select").in_current_span()));
        assert_eq!(block_on(query), 6);
        assert_eq!(block_on(async { here.wrap(Query("select")).await }), 6);
    });
    let owner = recorded.span("owner");
    assert_children(&recorded, "prepared", 2, owner);
    assert_children(&recorded, "queried", 2, owner);
}

/// Leaves a span behind when it is dropped.
struct Leaves(&'static str);

impl Drop for Leaves {
    fn drop(&mut self) {
        span(self.0).run(|| {});
    }
}

#[test]
fn a_future_is_dropped_inside_its_span() {
    let recorded = recorded(|| {
        let mut waits = span("owner").run(|| {
            let leaves = Leaves("held");
            Box::pin(
                async move {
                    let _leaves = leaves;
                    std::future::pending::<()>().await;
                }
                .in_current_span(),
            )
        });
        let never = span("owner 2").run(|| {
            let leaves = Leaves("never polled");
            async move { drop(leaves) }.in_current_span()
        });
        span("elsewhere").run(|| {
            assert!(waits.as_mut().poll(&mut cx()).is_pending());
            drop(waits);
            drop(never);
        });
        assert_eq!(current().span_id(), None);
    });
    assert_children(&recorded, "held", 1, recorded.span("owner"));
    assert_children(&recorded, "never polled", 1, recorded.span("owner 2"));
}

#[test]
fn a_panic_in_a_poll_or_in_a_drop_goes_through_and_leaves_the_stack_clean() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            resume_unwind(Box::new("dropped"));
        }
    }
    let recorded = recorded(|| {
        span("outer").run(|| {
            let here = current();
            let panics =
                span("owner").run(|| async { resume_unwind(Box::new("polled")) }.in_current_span());
            let panic = catch_unwind(AssertUnwindSafe(|| {
                block_on::<_>(async {
                    let () = panics.await;
                })
            }));
            assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"polled"));
            assert_eq!(current().span_id(), here.span_id());
            let bomb = Bomb;
            let armed = span("owner").run(|| async move { drop(bomb) }.in_current_span());
            let panic = catch_unwind(AssertUnwindSafe(|| drop(armed)));
            assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"dropped"));
            assert_eq!(current().span_id(), here.span_id());
            span("after").run(|| {});
        });
    });
    assert_children(&recorded, "after", 1, recorded.span("outer"));
}

#[test]
fn a_wrapped_future_may_be_the_body_of_a_span_by_hand() {
    let recorded = recorded(|| {
        let here = span("owner").run(current);
        block_on(span("waits").wrap(async {
            here.wrap(async {
                yield_once().await;
                span("child").run(|| {});
            })
            .await;
            record!(app.own = 1);
            span("own").run(|| {});
        }));
    });
    let waits = recorded.span("waits");
    assert_children(&recorded, "child", 1, recorded.span("owner"));
    assert_children(&recorded, "own", 1, waits);
    assert_eq!(waits.attributes.len(), 1);
}

/// Two items with a pause between, each with a span.
struct Words(u8);

impl Stream for Words {
    type Item = u8;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        self.0 += 1;
        match self.0 {
            1 | 3 => {
                record!(app.last = i64::from(self.0));
                Poll::Ready(Some(span("item").run(|| self.0)))
            }
            2 => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (2, Some(2))
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        span("dropped").run(|| {});
    }
}

#[test]
fn a_stream_is_in_its_span_at_each_poll_and_when_it_is_dropped() {
    let recorded = recorded(|| {
        let owner = span("owner").enter();
        let (words, more) = (Words(0).in_current_span(), current().wrap_stream(Words(0)));
        assert_eq!(words.size_hint(), (2, Some(2)));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                span("consumer").run(|| {
                    let mut words = pin!(words);
                    let items: Vec<_> =
                        std::iter::from_fn(|| match words.as_mut().poll_next(&mut cx()) {
                            Poll::Ready(item) => item.map(Some),
                            Poll::Pending => Some(None),
                        })
                        .collect();
                    assert_eq!(items, [Some(1), None, Some(3)]);
                    let mut more = Box::pin(more);
                    assert!(more.as_mut().poll_next(&mut cx()).is_ready());
                });
            });
        });
        drop(owner);
    });
    let owner = recorded.span("owner");
    assert_children(&recorded, "item", 3, owner);
    assert_children(&recorded, "dropped", 2, owner);
    assert_eq!(owner.attributes.int("app.last"), Some(1));
    assert_eq!(recorded.span("consumer").attributes.len(), 0);
}

#[test]
fn wrappers_are_as_send_as_what_they_wrap() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    fn generic<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        future.in_current_span()
    }
    fn boxed<'a>() -> Pin<Box<dyn Future<Output = i32> + Send + 'a>> {
        Box::pin(async { 3 })
    }
    // Its drop begins a span, which is nothing to another test.
    recorded(|| drop(is_send(Words(0).in_current_span())));
    assert_eq!(block_on(is_send(generic(boxed().in_current_span()))), 3);
    let local = std::rc::Rc::new(4);
    assert_eq!(block_on(async move { *local }.in_current_span()), 4);
}
