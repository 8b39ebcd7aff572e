//! `#[async_trait]`, with ours on its methods, above it and below it.

use std::future::Future;
use std::pin::Pin;

use ::async_trait::async_trait;
use genai_trace::{Outcome, genai_chat, genai_span, genai_tool, genai_tools};
use genai_trace_shapes::{Begins, Exit, calls, ends, every_exit};
use genai_trace_tests::{block_on, yield_once};

type Answer = Result<u8, String>;

#[async_trait]
trait Tool: Send + Sync {
    const NAME: &'static str = "tool";

    async fn call(&self, exit: Exit) -> Answer;

    async fn change(&mut self, exit: Exit) -> Answer;

    #[genai_tool(name = Self::NAME)]
    async fn by_default(&self, exit: Exit) -> Answer
    where
        Self: Sized,
    {
        self.call(exit).await
    }

    async fn without_a_receiver(exit: Exit) -> Answer
    where
        Self: Sized,
    {
        exit.step().await
    }

    fn sync(&self) -> u8;
}

async fn walk(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

struct Plain;

#[async_trait]
impl Tool for Plain {
    async fn call(&self, exit: Exit) -> Answer {
        walk(exit).await
    }
    async fn change(&mut self, exit: Exit) -> Answer {
        walk(exit).await
    }
    fn sync(&self) -> u8 {
        1
    }
}

/// Ours is on the methods: `#[async_trait]` has boxed them already.
struct OnMethods(u8);

impl OnMethods {
    fn one(&self) -> u8 {
        self.0
    }
}

#[async_trait]
impl Tool for OnMethods {
    #[genai_tool(fields("one" = self.one(), "self" = Self::one(self), "exit" = format!("{exit:?}")))]
    async fn call(&self, exit: Exit) -> Answer {
        if exit.step().await? == 0 {
            return Ok(0);
        }
        Ok(self.0)
    }

    #[genai_tool(fields("type" = std::any::type_name::<Self>()))]
    async fn change(&mut self, exit: Exit) -> Answer {
        self.0 = exit.step().await?;
        Ok(self.0)
    }

    #[genai_span]
    async fn without_a_receiver(exit: Exit) -> Answer {
        walk(exit).await
    }

    #[genai_span]
    fn sync(&self) -> u8 {
        self.0
    }
}

#[test]
fn on_the_methods() {
    let tool = OnMethods(1);
    every_exit("execute_tool call", Begins::AtTheCall, |exit| {
        tool.call(exit)
    });
    every_exit("without_a_receiver", Begins::AtTheCall, |exit| {
        OnMethods::without_a_receiver(exit)
    });
    ends("execute_tool change", Outcome::Ok, || {
        assert_eq!(block_on(OnMethods(7).change(Exit::Ok)), Ok(1));
    });
    ends("execute_tool change", Outcome::Error, || {
        block_on(OnMethods(7).change(Exit::Error)).unwrap_err()
    });
    ends("sync", Outcome::Ok, || assert_eq!(tool.sync(), 1));
}

#[test]
fn expressions_see_self_and_the_arguments() {
    let span = ends("execute_tool call", Outcome::Ok, || {
        block_on(OnMethods(7).call(Exit::Ok))
    });
    assert_eq!(span.attributes.int("one"), Some(7));
    assert_eq!(span.attributes.int("self"), Some(7));
    assert_eq!(span.attributes.str("exit"), Some("Ok"));
    let span = ends("execute_tool change", Outcome::Ok, || {
        block_on(OnMethods(7).change(Exit::Ok))
    });
    let name = std::any::type_name::<OnMethods>();
    assert_eq!(span.attributes.str("type"), Some(name));
}

#[test]
fn behind_dyn() {
    #[async_trait]
    trait Step {
        async fn run(self: Box<Self>, log: &mut Vec<u8>, exit: Exit) -> Answer;
    }
    struct Logs;
    #[async_trait]
    impl Step for Logs {
        #[genai_tool]
        async fn run(self: Box<Self>, log: &mut Vec<u8>, mut exit: Exit) -> Answer {
            if exit == Exit::Wait {
                exit = Exit::Ok;
            }
            yield_once().await;
            log.push(exit.step().await?);
            Ok(1)
        }
    }
    let mut log = Vec::new();
    ends("execute_tool run", Outcome::Ok, || {
        let step: Box<dyn Step> = Box::new(Logs);
        block_on(step.run(&mut log, Exit::Wait))
    });
    ends("execute_tool run", Outcome::Error, || {
        let step: Box<dyn Step> = Box::new(Logs);
        block_on(step.run(&mut log, Exit::Error)).unwrap_err()
    });
    assert_eq!(log, [1]);
}

#[test]
fn on_a_default_method() {
    every_exit("execute_tool tool", Begins::AtTheCall, |exit| {
        Plain.by_default(exit)
    });
}

/// Ours is above `#[async_trait]`.
struct Above;

#[genai_tools]
#[async_trait]
impl Tool for Above {
    async fn call(&self, exit: Exit) -> Answer {
        walk(exit).await
    }
    async fn change(&mut self, exit: Exit) -> Answer {
        walk(exit).await
    }
    #[genai(skip)]
    fn sync(&self) -> u8 {
        1
    }
}

/// Ours is below `#[async_trait]`.
struct Below;

#[async_trait]
#[genai_tools]
impl Tool for Below {
    async fn call(&self, exit: Exit) -> Answer {
        walk(exit).await
    }
    #[genai_chat(model = "a")]
    async fn change(&mut self, exit: Exit) -> Answer {
        walk(exit).await
    }
    fn sync(&self) -> u8 {
        1
    }
}

#[test]
fn above_it() {
    every_exit("execute_tool call", Begins::AtTheCall, |exit| {
        Above.call(exit)
    });
    ends("execute_tool change", Outcome::Error, || {
        block_on(Above.change(Exit::Error)).unwrap_err()
    });
    let recorded = calls(|| assert_eq!(Above.sync(), 1));
    assert_eq!(recorded.outline(), "caller");
}

#[test]
fn below_it() {
    every_exit("execute_tool call", Begins::AtTheCall, |exit| {
        Below.call(exit)
    });
    ends("chat a", Outcome::Error, || {
        block_on(Below.change(Exit::Error)).unwrap_err()
    });
    ends("execute_tool sync", Outcome::Ok, || Below.sync());
}

#[test]
fn methods_that_call_each_other() {
    #[async_trait]
    trait Work {
        async fn outer(&mut self, n: usize) -> usize;
        async fn inner(&self) -> usize;
    }
    struct Worker(usize);
    #[async_trait]
    impl Work for Worker {
        #[genai_span]
        async fn outer(&mut self, n: usize) -> usize {
            let before = self.inner().await;
            self.0 = n;
            before + self.inner().await
        }
        #[genai_span]
        async fn inner(&self) -> usize {
            yield_once().await;
            self.0
        }
    }
    let recorded = calls(|| assert_eq!(block_on(Worker(2).outer(5)), 7));
    assert_eq!(recorded.outline(), "caller\n.outer\n..inner\n..inner");
}

#[test]
fn without_send_and_with_a_future_in_the_result() {
    type Later = Pin<Box<dyn Future<Output = Answer> + Send>>;
    #[async_trait(?Send)]
    trait Make {
        async fn make() -> Result<Later, String>;
    }
    struct Maker;
    #[async_trait(?Send)]
    impl Make for Maker {
        #[genai_span]
        async fn make() -> Result<Later, String> {
            let counter = std::rc::Rc::new(1);
            yield_once().await;
            let n = *counter;
            Ok(Box::pin(async move { Ok(n) }))
        }
    }
    ends("make", Outcome::Ok, || {
        assert_eq!(block_on(block_on(Maker::make()).unwrap()), Ok(1));
    });
}
