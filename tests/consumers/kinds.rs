//! Functions of all kinds under the attributes, for the crates beside this file to include. What the
//! attributes use, the bodies use as well: so nothing is unused where the feature `off` takes the
//! attributes away.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use genai_trace::{
    GateDecision, genai_agent, genai_chat, genai_gate, genai_span, genai_tool, record,
};

#[derive(Debug, PartialEq)]
pub enum Failure {
    Missing(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Missing(what) => write!(f, "no {what}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A tool that may fail.
#[genai_tool("read_file", call_id = id, fields("file.path" = path))]
pub fn read_file(id: &str, path: &str) -> Result<String, Failure> {
    if path.is_empty() {
        return Err(Failure::Missing(format!("path in {id}")));
    }
    Ok(path.to_uppercase())
}

#[genai_chat(provider = "openai", model = model, max_tokens = 100)]
pub async fn chat(model: &str, question: &str) -> Result<String, Failure> {
    turn_to_others().await;
    let tokens = question.len();
    record!(gen_ai.usage.input_tokens = tokens, "app.attempt" = 1);
    Ok(format!("{model}: {question}"))
}

#[genai_gate("allow_command")]
pub fn allow(command: &str) -> GateDecision {
    match command {
        "rm" => GateDecision::Deny("it deletes".to_owned()),
        _ => GateDecision::Allow,
    }
}

#[genai_span("first", fields("list.length" = list.len()))]
pub fn first<T>(list: &mut [T]) -> Option<&mut T> {
    list.first_mut()
}

#[genai_span]
pub fn squares<const N: usize>(up_to: [u32; N]) -> impl Iterator<Item = u32> {
    up_to.into_iter().map(|n| n * n)
}

#[genai_span]
pub fn r#try(mut text: String, (left, right): (u8, u8)) -> String {
    text.push_str(&format!(" {left} {right}"));
    text
}

#[genai_span]
pub unsafe fn trusted(number: u32) -> u32 {
    number + 1
}

#[derive(Debug, Default)]
pub struct Registry {
    calls: u32,
}

pub trait Tool {
    fn run(&mut self, argument: &str) -> usize;

    #[genai_span("tool.describe")]
    fn describe(&self) -> &'static str {
        "a tool"
    }
}

impl Tool for Registry {
    #[genai_tool("count")]
    fn run(&mut self, argument: &str) -> usize {
        self.calls += 1;
        argument.len()
    }
}

impl Registry {
    #[genai_tool(name = name)]
    pub async fn call(&mut self, name: &str) -> usize {
        turn_to_others().await;
        self.run(name)
    }

    #[genai_span("registry.shared")]
    pub fn shared(self: Rc<Self>) -> u32 {
        self.calls
    }

    #[genai_span("registry.boxed")]
    pub fn boxed(self: Box<Self>) -> u32 {
        self.calls
    }

    #[genai_span("registry.pinned")]
    pub async fn pinned(self: Pin<&mut Self>) -> u32 {
        self.calls
    }
}

/// The agent, which calls all of them.
#[genai_agent("coder", version = "1")]
pub async fn agent(task: &str) -> Result<usize, Failure> {
    assert_eq!(read_file("call_1", "a")?, "A");
    assert_eq!(
        read_file("call_2", ""),
        Err(Failure::Missing("path in call_2".to_owned()))
    );
    assert_eq!(chat("gpt-4o", task).await?, format!("gpt-4o: {task}"));
    assert_eq!(allow("ls"), GateDecision::Allow);
    let mut list = [1, 2];
    if let Some(number) = first(&mut list) {
        *number += 10;
    }
    assert_eq!(list, [11, 2]);
    assert_eq!(squares([1, 2, 3]).sum::<u32>(), 14);
    assert_eq!(r#try("try".to_owned(), (1, 2)), "try 1 2");
    // SAFETY: it is only called so.
    assert_eq!(unsafe { trusted(1) }, 2);
    let mut registry = Registry::default();
    assert_eq!(registry.call("dispatch").await, 8);
    assert_eq!(registry.describe(), "a tool");
    assert_eq!(pin!(Registry { calls: 3 }).as_mut().pinned().await, 3);
    assert_eq!(Rc::new(Registry::default()).shared(), 0);
    Ok(Box::new(registry).boxed() as usize)
}

/// The spans of one run of the agent.
#[allow(dead_code)] // Where nothing is recorded there are none.
pub const SPANS: &[&str] = &[
    "gate allow_command",
    "chat gpt-4o",
    "execute_tool count",
    "execute_tool dispatch",
    "execute_tool read_file",
    "execute_tool read_file",
    "first",
    "invoke_agent coder",
    "registry.boxed",
    "registry.pinned",
    "registry.shared",
    "squares",
    "tool.describe",
    "trusted",
    "try",
];

/// Is pending once.
async fn turn_to_others() {
    let mut turned = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut turned, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future to its end, with nothing but the standard library.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut cx = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}
