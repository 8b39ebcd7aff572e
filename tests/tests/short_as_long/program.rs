//! A program of spans: what it can do, and how it does that.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Waker};
use std::thread;

use genai_trace::testing::capture;
use genai_trace::{
    AttributeValue, Entered, OpenSpan, Operation, SpanRef, ValueWriter, carry, current,
    genai_agent, genai_chat, genai_span, genai_tool, record, span,
};
use genai_trace_tests::yield_once;
use proptest::sample::Index;

pub type Steps = Vec<Step>;

/// What a program does.
#[derive(Clone, Debug)]
pub enum Step {
    Call(Kind, Exit, Steps),
    /// A call whose attribute takes these steps while it is written.
    CallWith(Steps, Steps),
    /// Makes the future of an async call that waits between these steps.
    Make(Exit, Vec<Steps>),
    Poll(Index),
    PollElsewhere(Index),
    Drop(Index),
    /// Enters a span by hand, to be left by any later step of the thread.
    Enter(Operation),
    Leave(Index),
    /// Opens a span that is on no stack.
    Open,
    RunOpen(Index, Steps),
    End(Index),
    Record,
    /// Keeps the handle of the current span.
    Keep,
    SetThrough(Index),
    RunThrough(Index, Steps),
    OnAThread(Steps),
    CarriedToAThread(Steps),
    Captured(Steps),
    SampledOut(Steps),
    /// Looks which spans are open.
    Look,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Tool,
    /// A tool of which nothing is said while the program runs.
    BareTool,
    Step,
    Agent,
    Chat,
}

#[derive(Clone, Copy, Debug)]
pub enum Exit {
    Return,
    Fail,
    Panic,
}

/// A program that runs.
pub struct Program {
    /// Every span is asked for as soon as it has begun.
    asks: bool,
    last: AtomicI64,
    futures: Mutex<Vec<Waiting>>,
    open: Mutex<Vec<OpenSpan>>,
    handles: Mutex<Vec<SpanRef>>,
    /// What the program saw of itself.
    seen: Mutex<Vec<String>>,
    /// Who has the telemetry at hand.
    looks: Mutex<mpsc::Sender<mpsc::Sender<String>>>,
}

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;
pub type Running<'a> = &'a Arc<Program>;

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug)]
struct Failed;

struct Thrown;

#[genai_tool("tool", fields("app.n" = n))]
fn tool(n: i64, program: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
    program.body(exit, steps)
}

#[genai_tool("bare")]
fn bare_tool(program: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
    program.body(exit, steps)
}

#[genai_span("step", fields("app.n" = n, "app.text" = "hello"))]
fn step(n: i64, program: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
    program.body(exit, steps)
}

#[genai_agent("coder", fields("app.n" = n))]
fn agent(n: i64, program: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
    program.body(exit, steps)
}

#[genai_chat(model = "m", fields("app.n" = n))]
fn chat(n: i64, program: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
    program.body(exit, steps)
}

#[genai_tool("busy", fields("app.n" = n, "app.late" = late))]
fn busy_tool(n: i64, late: Late<'_>, steps: &[Step]) -> Result<(), Failed> {
    late.0.body(Exit::Return, steps)
}

#[genai_tool("waiting", fields("app.n" = n))]
async fn waiting_tool(
    n: i64,
    program: Arc<Program>,
    exit: Exit,
    pieces: Vec<Steps>,
) -> Result<(), Failed> {
    for steps in pieces {
        program.ask();
        program.take(&steps);
        yield_once().await;
    }
    program.body(exit, &[])
}

/// A value that takes steps of the program while it is written.
struct Late<'a>(Running<'a>, &'a [Step]);

impl AttributeValue for Late<'_> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        self.0.take(self.1);
        writer.str("late");
    }
}

impl Program {
    pub fn new(asks: bool, looks: mpsc::Sender<mpsc::Sender<String>>) -> Arc<Self> {
        Arc::new(Self {
            asks,
            last: AtomicI64::new(0),
            futures: Mutex::default(),
            open: Mutex::default(),
            handles: Mutex::default(),
            seen: Mutex::default(),
            looks: Mutex::new(looks),
        })
    }

    /// Ends all that the steps have left open; what the program saw of itself.
    pub fn end(&self) -> Vec<String> {
        drop(all_of(&self.futures));
        drop(all_of(&self.open));
        ENTERED.take();
        all_of(&self.seen)
    }

    /// Puts the span that has just begun on the long way, where all are to take it.
    fn ask(&self) {
        if self.asks {
            let _ = current();
        }
    }

    fn number(&self) -> i64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    fn body(self: Running<'_>, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
        self.ask();
        self.take(steps);
        match exit {
            Exit::Return => Ok(()),
            Exit::Fail => Err(Failed),
            Exit::Panic => resume_unwind(Box::new(Thrown)),
        }
    }

    pub fn take(self: Running<'_>, steps: &[Step]) {
        for step in steps {
            let taken = catch_unwind(AssertUnwindSafe(|| self.take_one(step)));
            if let Err(thrown) = taken {
                assert!(thrown.is::<Thrown>(), "a panic that no call threw");
            }
            self.ask();
        }
    }

    fn take_one(self: Running<'_>, step: &Step) {
        match step {
            Step::Call(kind, exit, steps) => drop(self.call(*kind, *exit, steps)),
            Step::CallWith(late, steps) => {
                drop(busy_tool(self.number(), Late(self, late), steps));
            }
            Step::Make(exit, pieces) => {
                let (n, exit, pieces) = (self.number(), *exit, pieces.clone());
                let program = Arc::clone(self);
                let made = async move { drop(waiting_tool(n, program, exit, pieces).await) };
                self.futures.lock().unwrap().push(Box::pin(made));
            }
            Step::Poll(index) => self.poll(index),
            Step::PollElsewhere(index) => self.on_a_thread(|| self.poll(index)),
            Step::Drop(index) => drop(taken_from(&self.futures, index)),
            Step::Enter(operation) => {
                let entered = span("entered").operation(*operation);
                let entered = entered.attr("app.n", &self.number()).enter();
                ENTERED.with_borrow_mut(|spans| spans.push(entered));
            }
            Step::Leave(index) => {
                let entered = ENTERED.with_borrow_mut(|spans| match spans.is_empty() {
                    true => None,
                    false => Some(spans.swap_remove(index.index(spans.len()))),
                });
                drop(entered);
            }
            Step::Open => {
                let open = span("open").operation(Operation::Tool);
                let open = open.attr("app.n", &self.number()).start();
                self.open.lock().unwrap().push(open);
            }
            Step::RunOpen(index, steps) => {
                if let Some(mut open) = taken_from(&self.open, index) {
                    open.run(|| self.take(steps));
                    self.open.lock().unwrap().push(open);
                }
            }
            Step::End(index) => drop(taken_from(&self.open, index)),
            Step::Record => record!("app.recorded" = self.number()),
            Step::Keep => self.handles.lock().unwrap().push(current()),
            Step::SetThrough(index) => {
                if let Some(handle) = self.handle(index) {
                    handle.set("app.set", &self.number());
                }
            }
            Step::RunThrough(index, steps) => {
                if let Some(handle) = self.handle(index) {
                    handle.run(|| self.take(steps));
                }
            }
            Step::OnAThread(steps) => self.on_a_thread(|| self.take(steps)),
            Step::CarriedToAThread(steps) => self.on_a_thread(carry(|| self.take(steps))),
            Step::Captured(steps) => {
                let n = self.number();
                let (_, captured) = capture(|| tool(n, self, Exit::Return, steps));
                self.see(captured.outline_with(["app.n"]));
            }
            Step::SampledOut(steps) => {
                let out = span("sampled").root().sample(0.0);
                out.run(|| self.take(steps));
            }
            Step::Look => {
                let (answer, answered) = mpsc::channel();
                self.looks.lock().unwrap().send(answer).unwrap();
                self.see(answered.recv().unwrap());
            }
        }
    }

    fn call(self: Running<'_>, kind: Kind, exit: Exit, steps: &[Step]) -> Result<(), Failed> {
        match kind {
            Kind::Tool => tool(self.number(), self, exit, steps),
            Kind::BareTool => bare_tool(self, exit, steps),
            Kind::Step => self::step(self.number(), self, exit, steps),
            Kind::Agent => agent(self.number(), self, exit, steps),
            Kind::Chat => chat(self.number(), self, exit, steps),
        }
    }

    fn poll(&self, index: &Index) {
        if let Some(mut future) = taken_from(&self.futures, index) {
            let mut cx = Context::from_waker(Waker::noop());
            if future.as_mut().poll(&mut cx).is_pending() {
                self.futures.lock().unwrap().push(future);
            }
        }
    }

    fn handle(&self, index: &Index) -> Option<SpanRef> {
        let handles = self.handles.lock().unwrap();
        handles.get(index.index(handles.len().max(1))).cloned()
    }

    /// Works on a thread of its own, which leaves all spans that it has entered.
    fn on_a_thread(&self, work: impl FnOnce() + Send) {
        let work = || {
            work();
            ENTERED.take();
        };
        let done = thread::scope(|scope| scope.spawn(work).join());
        if let Err(thrown) = done {
            resume_unwind(thrown);
        }
    }

    fn see(&self, seen: String) {
        self.seen.lock().unwrap().push(seen);
    }
}

fn taken_from<T>(all: &Mutex<Vec<T>>, index: &Index) -> Option<T> {
    let mut all = all.lock().unwrap();
    match all.is_empty() {
        true => None,
        false => {
            let index = index.index(all.len());
            Some(all.swap_remove(index))
        }
    }
}

fn all_of<T>(all: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut *all.lock().unwrap())
}
