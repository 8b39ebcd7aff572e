//! Functions that return a future: however its type is written, and wherever the function stands.

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::future::{BoxFuture, LocalBoxFuture};
use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::{Begins, Exit, ends, every_exit};
use genai_trace_tests::{block_on, yield_once};

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
fn aliases_of_boxes() {
    type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;
    type Twice = Boxed<u8>;
    #[genai_span]
    fn standard(exit: Exit) -> BoxFuture<'static, Answer> {
        Box::pin(walk(exit))
    }
    #[genai_span]
    fn local(exit: Exit) -> LocalBoxFuture<'static, Answer> {
        Box::pin(walk(exit))
    }
    #[genai_span]
    fn own(exit: Exit) -> Boxed<u8> {
        let exit = exit;
        Box::pin(walk(exit))
    }
    #[genai_span]
    fn twice(exit: Exit) -> Twice {
        Box::pin(walk(exit))
    }
    #[genai_span]
    fn by_path(exit: Exit) -> futures_core::future::BoxFuture<'static, Answer> {
        Box::pin(walk(exit))
    }
    every_exit("standard", Begins::AtTheCall, standard);
    every_exit("local", Begins::AtTheCall, local);
    every_exit("own", Begins::AtTheCall, own);
    every_exit("twice", Begins::AtTheCall, twice);
    every_exit("by_path", Begins::AtTheCall, by_path);
}

#[test]
fn an_alias_that_is_called_a_result() {
    type HandlerResult = Pin<Box<dyn Future<Output = Answer> + Send>>;
    #[genai_span]
    fn call(exit: Exit) -> HandlerResult {
        Box::pin(walk(exit))
    }
    every_exit("call", Begins::AtTheCall, call);
}

#[test]
fn futures_of_a_type_of_their_own_are_values_like_any_other() {
    struct Own(u8);
    impl Future for Own {
        type Output = u8;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
            Poll::Ready(self.0)
        }
    }
    #[genai_span]
    fn own() -> Own {
        Own(1)
    }
    #[genai_span]
    fn of_the_standard_library() -> std::future::Ready<u8> {
        ready(1)
    }
    #[genai_span]
    fn parameter<Future>(future: Future) -> Future {
        future
    }
    #[genai_span]
    fn optional(n: u8) -> Option<BoxFuture<'static, u8>> {
        (n > 0).then(|| Box::pin(ready(n)) as _)
    }
    ends("own", Outcome::Ok, || block_on(own()));
    ends("of_the_standard_library", Outcome::Ok, || {
        block_on(of_the_standard_library())
    });
    ends("parameter", Outcome::Ok, || block_on(parameter(ready(1))));
    ends("optional", Outcome::Ok, || optional(1).map(block_on));
}

#[test]
fn a_boxed_future_or_an_error() {
    #[genai_span]
    fn call(n: u8) -> Result<Pin<Box<dyn Future<Output = Answer> + Send>>, String> {
        if n == 0 {
            return Err("at once".to_owned());
        }
        Ok(Box::pin(async move {
            yield_once().await;
            n.checked_sub(2).ok_or_else(|| "later".to_owned())
        }))
    }
    let at_once = ends("call", Outcome::Error, || call(0).is_err());
    assert_eq!(at_once.status_message, "at once");
    let later = ends("call", Outcome::Error, || block_on(call(1).unwrap()));
    assert_eq!(later.status_message, "later");
    ends("call", Outcome::Ok, || block_on(call(2).unwrap()));
    ends("call", Outcome::NeverPolled, || drop(call(2).unwrap()));
}

#[test]
fn lifetimes_of_every_kind() {
    struct List(Vec<u8>);
    impl List {
        #[genai_span]
        fn named<'s, 'x: 's>(
            &'s mut self,
            more: &'x [u8],
        ) -> impl Future<Output = &'s mut Vec<u8>> + use<'s, 'x> {
            async move {
                self.0.extend(more);
                &mut self.0
            }
        }
        #[genai_span]
        fn elided(&self) -> impl Future<Output = ()> + '_ {
            async move {
                let _list = &self.0;
            }
        }
        #[genai_span]
        fn without_an_output(&self) -> impl Future {
            async move { self.0.len() }
        }
        #[genai_span]
        fn lent(&self) -> Pin<Box<dyn Future<Output = &[u8]> + Send + '_>> {
            Box::pin(async move { &self.0[..] })
        }
        #[genai_span]
        fn nested(&self) -> LocalBoxFuture<'_, Box<dyn Iterator<Item = u8> + '_>> {
            Box::pin(async move { Box::new(self.0.iter().copied()) as _ })
        }
    }
    let mut list = List(vec![1]);
    ends("named", Outcome::Ok, || block_on(list.named(&[2])).push(3));
    ends("elided", Outcome::Ok, || block_on(list.elided()));
    ends("without_an_output", Outcome::Ok, || {
        block_on(list.without_an_output());
    });
    ends("lent", Outcome::Ok, || {
        assert_eq!(block_on(list.lent()), [1, 2, 3]);
    });
    ends("nested", Outcome::Ok, || {
        assert_eq!(block_on(list.nested()).count(), 3);
    });
}

#[test]
fn boxes_of_other_kinds() {
    #[genai_span]
    fn unpinned(exit: Exit) -> Box<dyn Future<Output = Answer> + Unpin> {
        Box::new(Box::pin(walk(exit)))
    }
    #[genai_span]
    fn opaque(exit: Exit) -> Pin<Box<impl Future<Output = Answer>>> {
        Box::pin(walk(exit))
    }
    every_exit("unpinned", Begins::AtTheCall, unpinned);
    every_exit("opaque", Begins::AtTheCall, opaque);
}

#[test]
fn methods_that_return_futures() {
    struct Worker {
        name: String,
    }
    impl Worker {
        #[genai_tool(name = self.name)]
        fn opaque<'a>(&'a self, exit: Exit) -> impl Future<Output = Answer> + use<'a> {
            async move {
                let n = walk(exit).await?;
                assert_eq!(self.name, "worker");
                Ok(n)
            }
        }
        #[genai_tool(name = &self.name)]
        fn boxed(&mut self, exit: Exit) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
            self.name.truncate(6);
            Box::pin(async move {
                let n = walk(exit).await?;
                self.name.push('!');
                Ok(n)
            })
        }
        #[genai_tool]
        fn shared(self: Arc<Self>, exit: Exit) -> BoxFuture<'static, Answer> {
            Box::pin(async move {
                let _name = &self.name;
                walk(exit).await
            })
        }
    }
    let worker = || Worker {
        name: "worker".to_owned(),
    };
    let one = worker();
    every_exit("execute_tool worker", Begins::AtTheCall, |exit| {
        one.opaque(exit)
    });
    ends("execute_tool worker", Outcome::Ok, || {
        block_on(worker().boxed(Exit::Ok))
    });
    ends("execute_tool worker", Outcome::Error, || {
        block_on(worker().boxed(Exit::Error))
    });
    every_exit("execute_tool shared", Begins::AtTheCall, |exit| {
        Arc::new(worker()).shared(exit)
    });
}

#[test]
fn methods_of_traits_that_return_futures() {
    trait Call {
        fn call(&self, exit: Exit) -> impl Future<Output = Answer> + Send;
        #[genai_span]
        fn call_by_default(&self, exit: Exit) -> impl Future<Output = Answer>
        where
            Self: Sync,
        {
            async move { self.call(exit).await }
        }
        #[genai_span]
        fn boxed(&self, exit: Exit) -> BoxFuture<'_, Answer> {
            Box::pin(walk(exit))
        }
    }
    struct Plain;
    impl Call for Plain {
        fn call(&self, exit: Exit) -> impl Future<Output = Answer> + Send {
            walk(exit)
        }
    }
    struct Traced;
    impl Call for Traced {
        #[genai_span]
        fn call(&self, exit: Exit) -> impl Future<Output = Answer> + Send {
            walk(exit)
        }
    }
    every_exit("call", Begins::AtTheCall, |exit| Traced.call(exit));
    every_exit("call_by_default", Begins::AtTheCall, |exit| {
        Plain.call_by_default(exit)
    });
    every_exit("boxed", Begins::AtTheCall, |exit| Plain.boxed(exit));
}

#[test]
fn generic_functions_that_return_futures() {
    #[genai_span]
    fn call<'a, T, E, F, const N: usize>(
        list: &'a [T; N],
        with: impl Fn(&'a T) -> F + Send + 'a,
    ) -> impl Future<Output = Result<usize, E>> + Send + 'a
    where
        T: Sync,
        F: Future<Output = Result<(), E>> + Send + 'a,
        E: Send + 'a,
    {
        async move {
            for item in list {
                with(item).await?;
            }
            Ok(N)
        }
    }
    #[genai_span]
    fn boxed<T: Send + 'static>(value: T) -> BoxFuture<'static, Option<T>> {
        Box::pin(async move {
            yield_once().await;
            Some(value)
        })
    }
    ends("call", Outcome::Ok, || {
        let done = block_on(call(&[1, 2], |_| ready(Ok::<_, String>(()))));
        assert_eq!(done, Ok(2));
    });
    ends("call", Outcome::Error, || {
        block_on(call(&[1, 2], |n| ready(Err(*n)))).unwrap_err()
    });
    ends("boxed", Outcome::Ok, || {
        assert_eq!(block_on(boxed(1)), Some(1));
    });
}

#[test]
fn futures_that_are_not_send() {
    #[genai_span]
    fn opaque(counter: Rc<Cell<u8>>) -> impl Future<Output = u8> {
        async move {
            yield_once().await;
            counter.get()
        }
    }
    #[genai_span]
    fn boxed(counter: Rc<Cell<u8>>) -> LocalBoxFuture<'static, u8> {
        Box::pin(async move {
            yield_once().await;
            counter.get()
        })
    }
    let counter = Rc::new(Cell::new(7));
    ends("opaque", Outcome::Ok, || {
        assert_eq!(block_on(opaque(counter.clone())), 7);
    });
    ends("boxed", Outcome::Ok, || {
        assert_eq!(block_on(boxed(counter.clone())), 7);
    });
}

#[test]
fn a_future_beside_other_values_is_a_value_like_any_other() {
    #[genai_span]
    fn pair() -> (u8, impl Future<Output = Answer>) {
        (1, async { Err("later".to_owned()) })
    }
    ends("pair", Outcome::Ok, || {
        let (n, future) = pair();
        assert_eq!((n, block_on(future)), (1, Err("later".to_owned())));
    });
}

#[test]
fn an_async_function_that_returns_an_opaque_future() {
    #[genai_span]
    async fn twice(n: u8) -> impl Future<Output = u8> {
        yield_once().await;
        async move { n * 2 }
    }
    ends("twice", Outcome::Ok, || {
        assert_eq!(block_on(async { twice(2).await.await }), 4);
    });
}
