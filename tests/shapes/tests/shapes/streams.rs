//! Functions that return a stream: the span lives until the stream ends, fails or is dropped.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::rc::Rc;

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_core::stream::{BoxStream, LocalBoxStream};
use futures_util::stream::{self, StreamExt};
use genai_trace::{Outcome, genai_chat, genai_span, genai_tool, record};
use genai_trace_shapes::{
    Exit, all, calls, ends, every_exit_of_a_stream, next, panic_quietly, panics, take,
};
use genai_trace_tests::{block_on, yield_once};

/// What a model says, bit by bit.
type Chunk = Result<u8, String>;

/// Two chunks, and then what `exit` says.
fn chunks(exit: Exit) -> impl Stream<Item = Chunk> + Send + 'static {
    stream::unfold(0, move |n| async move {
        yield_once().await;
        let chunk = match (n, exit) {
            (0 | 1, _) => Ok(n + 1),
            (2, Exit::Error) => Err("failed".to_owned()),
            (2, Exit::Panic) => panic_quietly("out of cheese"),
            (2, Exit::Wait) => std::future::pending().await,
            (3, Exit::Error) => Ok(n),
            _ => return None,
        };
        Some((chunk, n + 1))
    })
}

#[test]
fn an_opaque_stream() {
    #[genai_span]
    fn call(exit: Exit) -> impl Stream<Item = Chunk> {
        chunks(exit)
    }
    every_exit_of_a_stream("call", call);
}

#[test]
fn an_opaque_stream_with_bounds_after_other_statements() {
    #[genai_tool]
    fn call<'a>(exit: &'a Exit) -> impl futures_core::Stream<Item = Chunk> + Send + use<'a> {
        let early = *exit == Exit::Early;
        let chunks = chunks(*exit).map(|chunk| chunk);
        if early {
            return chunks;
        }
        chunks
    }
    every_exit_of_a_stream("execute_tool call", |exit| call(Box::leak(Box::new(exit))));
}

#[test]
fn boxed_streams_and_their_aliases() {
    type Chunks = Pin<Box<dyn Stream<Item = Chunk> + Send>>;
    #[genai_span]
    fn pinned(exit: Exit) -> Pin<Box<dyn Stream<Item = Chunk> + Send + 'static>> {
        Box::pin(chunks(exit))
    }
    #[genai_span]
    fn standard(exit: Exit) -> BoxStream<'static, Chunk> {
        chunks(exit).boxed()
    }
    #[genai_span]
    fn local(exit: Exit) -> LocalBoxStream<'static, Chunk> {
        match exit {
            Exit::Early => Box::pin(stream::empty()),
            exit => Box::pin(chunks(exit)),
        }
    }
    #[genai_span]
    fn own(exit: Exit) -> Chunks {
        Box::pin(chunks(exit))
    }
    every_exit_of_a_stream("pinned", pinned);
    every_exit_of_a_stream("standard", standard);
    every_exit_of_a_stream("local", local);
    every_exit_of_a_stream("own", own);
}

#[test]
fn a_stream_inside_a_result() {
    #[genai_span]
    fn opaque(exit: Exit) -> Result<impl Stream<Item = Chunk>, String> {
        if exit == Exit::Early {
            return Err("refused".to_owned());
        }
        Ok(chunks(exit))
    }
    #[genai_span]
    fn boxed(exit: Exit) -> Result<BoxStream<'static, Chunk>, String> {
        let _ = match exit {
            Exit::Early => Err("refused".to_owned()),
            exit => Ok(exit),
        }?;
        Ok(chunks(exit).boxed())
    }
    every_exit_of_a_stream("opaque", |exit| opaque(exit).unwrap());
    every_exit_of_a_stream("boxed", |exit| boxed(exit).unwrap());
    for (name, refused) in [
        (
            "opaque",
            ends("opaque", Outcome::Error, || opaque(Exit::Early).is_err()),
        ),
        (
            "boxed",
            ends("boxed", Outcome::Error, || boxed(Exit::Early).is_err()),
        ),
    ] {
        assert_eq!(refused.status_message, "refused", "{name}");
    }
}

#[test]
fn a_stream_from_an_async_function() {
    #[genai_span]
    async fn opaque(exit: Exit) -> impl Stream<Item = Chunk> {
        yield_once().await;
        chunks(exit)
    }
    #[genai_span]
    async fn boxed(exit: Exit) -> BoxStream<'static, Chunk> {
        yield_once().await;
        chunks(exit).boxed()
    }
    #[genai_span]
    async fn checked(exit: Exit) -> Result<impl Stream<Item = Chunk>, String> {
        yield_once().await;
        if exit == Exit::Early {
            return Err("refused".to_owned());
        }
        Ok(chunks(exit))
    }
    #[genai_span]
    async fn checked_box(exit: Exit) -> Result<BoxStream<'static, Chunk>, String> {
        yield_once().await;
        if exit == Exit::Early {
            return Err("refused".to_owned());
        }
        Ok(chunks(exit).boxed())
    }
    every_exit_of_a_stream("opaque", |exit| block_on(opaque(exit)));
    every_exit_of_a_stream("boxed", |exit| block_on(boxed(exit)));
    every_exit_of_a_stream("checked", |exit| block_on(checked(exit)).unwrap());
    every_exit_of_a_stream("checked_box", |exit| block_on(checked_box(exit)).unwrap());
    ends("checked", Outcome::Error, || {
        assert!(block_on(checked(Exit::Early)).is_err());
    });
    ends("checked_box", Outcome::Error, || {
        assert!(block_on(checked_box(Exit::Early)).is_err());
    });
}

#[test]
fn a_stream_from_a_returned_future() {
    #[genai_span]
    fn opaque(exit: Exit) -> impl Future<Output = Result<impl Stream<Item = Chunk>, String>> {
        async move {
            yield_once().await;
            Ok(chunks(exit))
        }
    }
    #[genai_span]
    fn boxed(exit: Exit) -> BoxFuture<'static, Result<BoxStream<'static, Chunk>, String>> {
        Box::pin(async move {
            exit.step().await?;
            Ok(chunks(exit).boxed())
        })
    }
    every_exit_of_a_stream("opaque", |exit| block_on(opaque(exit)).unwrap());
    ends("boxed", Outcome::Ok, || {
        all(block_on(boxed(Exit::Ok)).unwrap())
    });
    ends("boxed", Outcome::Abandoned, || {
        take(block_on(boxed(Exit::Ok)).unwrap(), 1);
    });
    ends("boxed", Outcome::Error, || {
        block_on(boxed(Exit::Error)).is_err()
    });
    ends("boxed", Outcome::NeverPolled, || drop(boxed(Exit::Ok)));
}

#[test]
fn an_async_function_that_never_comes_to_its_stream() {
    #[genai_span]
    async fn call() -> BoxStream<'static, Chunk> {
        std::future::pending().await
    }
    ends("call", Outcome::Cancelled, || {
        genai_trace_shapes::drop_while_it_waits(call());
    });
}

#[test]
fn items_that_are_no_results() {
    #[genai_span]
    fn words(text: &str) -> impl Stream<Item = &str> {
        stream::iter(text.split(' '))
    }
    let span = ends("words", Outcome::Ok, || {
        assert_eq!(all(words("a b c")), ["a", "b", "c"]);
    });
    assert_eq!(span.attributes.int("genai_trace.stream.chunks"), Some(3));
    ends("words", Outcome::Abandoned, || take(words("a b c"), 2));
}

#[test]
fn a_trait_of_the_users_own_that_is_called_stream() {
    mod net {
        pub(super) trait Stream {
            fn peer(&self) -> usize;
        }
        impl Stream for usize {
            fn peer(&self) -> usize {
                *self
            }
        }
    }
    #[genai_span]
    fn boxed(peer: usize) -> Result<Box<dyn net::Stream>, String> {
        if peer == 0 {
            return Err("refused".to_owned());
        }
        Ok(Box::new(peer))
    }
    #[genai_span]
    fn opaque(peer: usize) -> impl net::Stream {
        peer
    }
    use net::Stream;
    ends("boxed", Outcome::Ok, || {
        assert_eq!(boxed(7).unwrap().peer(), 7)
    });
    ends("boxed", Outcome::Error, || boxed(0).is_err());
    ends("opaque", Outcome::Ok, || assert_eq!(opaque(7).peer(), 7));
}

#[test]
fn an_empty_stream() {
    #[genai_span]
    fn nothing() -> BoxStream<'static, Chunk> {
        stream::empty().boxed()
    }
    ends("nothing", Outcome::Ok, || assert_eq!(all(nothing()), []));
}

#[test]
fn a_stream_that_nobody_polls_leaves_one_span() {
    #[genai_span]
    fn call(exit: Exit) -> impl Stream<Item = Chunk> {
        chunks(exit)
    }
    let span = genai_trace_shapes::one_span("call", || drop(call(Exit::Ok)));
    let outcome = genai_trace_shapes::outcome(&span);
    assert!(
        matches!(outcome, Outcome::Abandoned | Outcome::NeverPolled),
        "{outcome:?}"
    );
}

#[test]
fn a_panic_while_the_stream_is_made() {
    #[genai_span]
    fn opaque() -> impl Stream<Item = Chunk> {
        let first = Exit::Panic.step_now();
        stream::iter([first])
    }
    #[genai_span]
    fn boxed() -> BoxStream<'static, Chunk> {
        panic_quietly("out of cheese")
    }
    ends("opaque", Outcome::Panicked, || {
        assert!(panics(|| drop(opaque())));
    });
    ends("boxed", Outcome::Panicked, || {
        assert!(panics(|| drop(boxed())));
    });
}

#[test]
fn the_span_is_current_while_the_stream_is_polled_and_at_no_other_time() {
    #[genai_tool]
    fn step() {}
    #[genai_span]
    fn between() {}
    #[genai_chat(model = "a")]
    fn call() -> BoxStream<'static, u8> {
        step();
        stream::iter([1, 2])
            .then(|n| async move {
                step();
                record!(app.last = n);
                n
            })
            .boxed()
    }
    let recorded = calls(|| {
        let mut stream = pin!(call());
        while block_on(next(stream.as_mut())).is_some() {
            between();
        }
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.chat a\n..execute_tool step\n..execute_tool step\n..execute_tool step\n.between\n.between"
    );
    let chat = recorded.span("chat a");
    assert_eq!(chat.attributes.int("app.last"), Some(2));
}

#[test]
fn a_chat_knows_when_its_first_chunk_came() {
    #[genai_chat(model = "a", stream)]
    fn chat(exit: Exit) -> impl Stream<Item = Chunk> {
        chunks(exit)
    }
    let span = ends("chat a", Outcome::Ok, || all(chat(Exit::Ok)));
    let keys = span.attributes.iter().map(|(key, _)| key);
    let times = keys.filter(|key| *key == "gen_ai.response.time_to_first_chunk");
    assert_eq!(times.count(), 1, "{span:?}");
}

#[test]
fn a_first_error_is_the_one_that_is_told() {
    #[genai_span]
    fn call() -> impl Stream<Item = Chunk> {
        stream::iter([
            Ok(1),
            Err("first".to_owned()),
            Err("second".to_owned()),
            Ok(2),
        ])
    }
    let span = ends("call", Outcome::Error, || assert_eq!(all(call()).len(), 4));
    assert_eq!(span.status_message, "first");
}

#[test]
fn methods_that_return_streams() {
    trait Model {
        #[genai_span]
        fn by_default(&self, exit: Exit) -> BoxStream<'_, Chunk> {
            chunks(exit).boxed()
        }
        fn call(&mut self, exit: Exit) -> impl Stream<Item = Chunk> + Send;
    }
    struct Fake(u8);
    impl Model for Fake {
        #[genai_span]
        fn call(&mut self, exit: Exit) -> impl Stream<Item = Chunk> + Send {
            self.0 += 1;
            chunks(exit)
        }
    }
    let model = Fake(0);
    every_exit_of_a_stream("by_default", |exit| model.by_default(exit));
    ends("call", Outcome::Ok, || all(Fake(1).call(Exit::Ok)));
    ends("call", Outcome::Abandoned, || {
        take(Fake(1).call(Exit::Ok), 1);
    });
}

#[test]
fn streams_that_are_not_send() {
    #[genai_span]
    fn call(counter: Rc<Cell<u8>>) -> impl Stream<Item = u8> {
        stream::iter(0..3).map(move |n| {
            counter.set(n);
            n
        })
    }
    let counter = Rc::new(Cell::new(0));
    ends("call", Outcome::Ok, || all(call(counter.clone())));
    assert_eq!(counter.get(), 2);
}

#[test]
fn two_streams_that_are_read_in_turn_are_siblings() {
    #[genai_tool(name = name)]
    fn read(name: &'static str) -> impl Stream<Item = u8> {
        stream::iter(0..3).map(|n| {
            step();
            n
        })
    }
    #[genai_span]
    fn step() {}
    let recorded = calls(|| {
        let both = read("a").zip(read("b"));
        assert_eq!(all(both).len(), 3);
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.execute_tool a\n..step\n..step\n..step\n.execute_tool b\n..step\n..step\n..step"
    );
}
