#![deny(warnings)]
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use genai_trace::{genai_agent, genai_span, genai_tool};

#[derive(Debug, PartialEq)]
struct Agent {
    name: String,
}

impl Agent {
    #[genai_agent("new")]
    fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    #[genai_agent(name = self.name)]
    fn shared(&self) -> &str {
        &self.name
    }

    #[genai_agent(name = &self.name)]
    fn exclusive(&mut self) -> &mut String {
        &mut self.name
    }

    #[genai_agent(name = self.name.clone())]
    async fn exclusive_later(&mut self) -> &mut String {
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
    async fn mutable_value_later(mut self) -> Self {
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
    async fn shared_between_threads(self: Arc<Self>) -> usize {
        self.name.len()
    }

    #[genai_tool]
    fn pinned(self: Pin<&mut Self>) -> usize {
        self.name.len()
    }

    #[genai_tool]
    fn behind<'a>(self: &'a Arc<Self>, _other: &str) -> &'a str {
        &self.name
    }
}

trait Tool {
    fn name(&self) -> String;

    #[genai_tool(name = self.name())]
    fn call(&self) -> usize {
        self.name().len()
    }

    async fn call_later(&self) -> usize;
}

impl Tool for Agent {
    #[genai_span]
    fn name(&self) -> String {
        self.name.clone()
    }

    #[genai_span]
    async fn call_later(&self) -> usize {
        Tool::call(self)
    }
}

fn main() {
    let mut agent = Agent::new("a");
    assert_eq!(agent.shared(), "a");
    agent.exclusive().push('b');
    drop(agent.exclusive_later());
    drop(agent.call_later());
    assert_eq!(agent.call(), 2);
    assert_eq!(Pin::new(&mut agent).pinned(), 2);
    let agent = Box::new(agent.mutable_value()).boxed();
    assert_eq!(agent.value(), "ab!");
    assert_eq!(Rc::new(Agent::new("r")).counted(), 1);
    let shared = Arc::new(Agent::new("s"));
    assert_eq!(shared.behind(""), "s");
    drop(shared.shared_between_threads());
    drop(Agent::new("m").mutable_value_later());
}
