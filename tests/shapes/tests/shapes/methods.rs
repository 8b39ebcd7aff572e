//! Methods with every receiver, and `Self` wherever it may stand.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use genai_trace::{Outcome, genai_agent, genai_span, genai_tool};
use genai_trace_shapes::ends;
use genai_trace_tests::{block_on, yield_once};

#[derive(Clone, Debug, PartialEq)]
struct Agent {
    name: String,
}

impl Agent {
    const NAME: &'static str = "a";

    #[genai_span]
    fn new() -> Self {
        Self {
            name: Self::NAME.to_owned(),
        }
    }

    #[genai_span]
    fn checked(name: &str) -> Result<Self, String> {
        let make = |name: &str| Self { name: name.into() };
        let one: Self = match name {
            "" => return Err("no name".to_owned()),
            name => make(name),
        };
        Ok(one)
    }

    #[genai_agent(name = self.name)]
    fn shared(&self) -> &str {
        &self.name
    }

    #[genai_agent(name = &self.name)]
    fn exclusive(&mut self) -> &mut String {
        self.name.push('!');
        &mut self.name
    }

    #[genai_tool]
    fn value(self) -> String {
        self.name
    }

    #[genai_tool]
    fn mutable_value(mut self) -> Self {
        self.name.push('!');
        self
    }

    #[genai_tool]
    fn boxed(self: Box<Self>) -> Self {
        *self
    }

    #[genai_tool]
    fn counted(self: Rc<Self>) -> usize {
        Rc::strong_count(&self)
    }

    #[genai_tool]
    fn shared_between_threads(self: Arc<Self>) -> usize {
        Arc::strong_count(&self)
    }

    #[genai_tool]
    fn pinned(self: Pin<&mut Self>) -> &mut String {
        &mut self.get_mut().name
    }

    #[genai_tool]
    fn behind<'a>(self: &'a Arc<Self>, _other: &str) -> &'a str {
        &self.name
    }

    #[genai_tool]
    #[allow(clippy::needless_arbitrary_self_type, reason = "one of the shapes")]
    fn typed(self: &Self, other: &Self) -> bool {
        self == other
    }

    #[genai_agent(name = self.name)]
    async fn shared_later(&self) -> &str {
        yield_once().await;
        &self.name
    }

    #[genai_agent(name = self.name.clone())]
    async fn exclusive_later(&mut self) -> Result<&mut String, String> {
        yield_once().await;
        if self.name.is_empty() {
            return Err("no name".to_owned());
        }
        Ok(&mut self.name)
    }

    #[genai_tool]
    async fn mutable_value_later(mut self) -> Self {
        yield_once().await;
        self.name.push('!');
        self
    }

    #[genai_tool]
    async fn boxed_later(self: Box<Self>) -> Self {
        yield_once().await;
        *self
    }

    #[genai_tool]
    async fn counted_later(self: Rc<Self>) -> usize {
        yield_once().await;
        self.name.len()
    }

    #[genai_tool]
    async fn shared_between_threads_later(self: Arc<Self>) -> usize {
        yield_once().await;
        self.name.len()
    }

    #[genai_tool]
    async fn pinned_later(self: Pin<&mut Self>) -> usize {
        yield_once().await;
        self.name.len()
    }
}

fn agent() -> Agent {
    Agent {
        name: "a".to_owned(),
    }
}

#[test]
fn no_receiver_but_self_in_the_result() {
    ends("new", Outcome::Ok, || assert_eq!(Agent::new(), agent()));
    ends("checked", Outcome::Ok, || {
        assert_eq!(Agent::checked("a"), Ok(agent()));
    });
    ends("checked", Outcome::Error, || {
        Agent::checked("").unwrap_err()
    });
}

#[test]
fn by_reference() {
    ends("invoke_agent a", Outcome::Ok, || {
        assert_eq!(agent().shared(), "a");
    });
    ends("invoke_agent a", Outcome::Ok, || {
        let mut agent = agent();
        agent.exclusive().push('?');
        assert_eq!(agent.name, "a!?");
    });
    ends("execute_tool typed", Outcome::Ok, || {
        assert!(agent().typed(&agent()));
    });
}

#[test]
fn by_value() {
    ends("execute_tool value", Outcome::Ok, || {
        assert_eq!(agent().value(), "a");
    });
    ends("execute_tool mutable_value", Outcome::Ok, || {
        assert_eq!(agent().mutable_value().name, "a!");
    });
}

#[test]
fn through_pointers() {
    ends("execute_tool boxed", Outcome::Ok, || {
        assert_eq!(Box::new(agent()).boxed(), agent());
    });
    ends("execute_tool counted", Outcome::Ok, || {
        assert_eq!(Rc::new(agent()).counted(), 1);
    });
    ends("execute_tool shared_between_threads", Outcome::Ok, || {
        assert_eq!(Arc::new(agent()).shared_between_threads(), 1);
    });
    ends("execute_tool behind", Outcome::Ok, || {
        assert_eq!(Arc::new(agent()).behind("x"), "a");
    });
    let mut agent = agent();
    ends("execute_tool pinned", Outcome::Ok, || {
        Pin::new(&mut agent).pinned().push('!');
    });
    assert_eq!(agent.name, "a!");
}

#[test]
fn async_by_reference() {
    ends("invoke_agent a", Outcome::Ok, || {
        assert_eq!(block_on(agent().shared_later()), "a");
    });
    let mut named = agent();
    ends("invoke_agent a", Outcome::Ok, || {
        block_on(named.exclusive_later()).unwrap().clear();
    });
    ends("invoke_agent", Outcome::Error, || {
        block_on(named.exclusive_later()).unwrap_err()
    });
}

#[test]
fn async_by_value_and_through_pointers() {
    ends("execute_tool mutable_value_later", Outcome::Ok, || {
        assert_eq!(block_on(agent().mutable_value_later()).name, "a!");
    });
    ends("execute_tool boxed_later", Outcome::Ok, || {
        assert_eq!(block_on(Box::new(agent()).boxed_later()), agent());
    });
    ends("execute_tool counted_later", Outcome::Ok, || {
        assert_eq!(block_on(Rc::new(agent()).counted_later()), 1);
    });
    ends(
        "execute_tool shared_between_threads_later",
        Outcome::Ok,
        || {
            assert_eq!(
                block_on(Arc::new(agent()).shared_between_threads_later()),
                1
            )
        },
    );
    ends("execute_tool pinned_later", Outcome::Ok, || {
        assert_eq!(block_on(Pin::new(&mut agent()).pinned_later()), 1);
    });
}
