//! What the tests of genai-trace have in common: recording what a piece of code does.

pub mod conformance;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use conformance::{Finding, Namespaces};
use genai_trace::{Builder, MemoryExporter, SpanLimits, SpanRecord, Telemetry, Views};

/// What was recorded of a piece of code.
#[derive(Debug)]
pub struct Recorded {
    /// The spans, in the order in which they ended.
    pub spans: Vec<SpanRecord>,
    /// The metrics as Prometheus text.
    pub metrics: String,
}

/// Telemetry is one for a process: tests take turns.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// At most so many spans of a test are held against the conventions.
const MOST_CHECKED: usize = 2_000;

/// Records what `work` does, under all views. What it leaves is to be as the conventions have it.
pub fn recorded(work: impl FnOnce()) -> Recorded {
    recorded_with(|_| work())
}

/// Records what `work` does with its telemetry at hand, under all views.
pub fn recorded_with(work: impl FnOnce(&Telemetry)) -> Recorded {
    recorded_within(SpanLimits::default(), work)
}

/// Records what `work` does within limits, with its telemetry at hand, under all views.
pub fn recorded_within(limits: SpanLimits, work: impl FnOnce(&Telemetry)) -> Recorded {
    recorded_as(|builder| builder.limits(limits), work)
}

/// Records what `work` does with telemetry of which `say` says more, under all views.
pub fn recorded_as(
    say: impl FnOnce(Builder) -> Builder,
    work: impl FnOnce(&Telemetry),
) -> Recorded {
    let recorded = record(say, work);
    let checked = recorded.spans.len().min(MOST_CHECKED);
    let findings = conformance::check_spans(&recorded.spans[..checked], Namespaces::Any);
    let findings: Vec<String> = findings
        .iter()
        .filter(|finding| !is_of_the_test(finding))
        .map(ToString::to_string)
        .collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    recorded
}

/// Whether a finding is the doing of the test, which names no provider, or hands work on to others: they may
/// begin when it has ended, and outlive it.
fn is_of_the_test(finding: &Finding) -> bool {
    finding.rule == "parent_range" || finding.what == "no gen_ai.provider.name"
}

/// Records what `work` does, which says on purpose what the conventions do not have.
pub fn recorded_unchecked(work: impl FnOnce()) -> Recorded {
    recorded_unchecked_as(|builder| builder, |_| work())
}

/// Records what `work` does with telemetry of which `say` says more, and which spells spans as the conventions do
/// not have it.
pub fn recorded_unchecked_as(
    say: impl FnOnce(Builder) -> Builder,
    work: impl FnOnce(&Telemetry),
) -> Recorded {
    record(say, work)
}

fn record(say: impl FnOnce(Builder) -> Builder, work: impl FnOnce(&Telemetry)) -> Recorded {
    let _turn = turn();
    let memory = MemoryExporter::with_capacity(usize::MAX);
    let telemetry = Telemetry::builder()
        .memory(&memory)
        // Nothing is to be lost, whatever a test does at once.
        .buffer_bytes(256 * 1024 * 1024)
        .views(Views::ALL);
    let telemetry = say(telemetry)
        .install()
        .expect("no other telemetry is installed while this test has its turn");
    work(&telemetry);
    let report = telemetry.shutdown(Duration::from_secs(30));
    assert!(!report.has_losses(), "{report}");
    let mut spans = memory.spans();
    spans.sort_by_key(|span| span.end_unix_nano);
    Recorded {
        spans,
        metrics: telemetry.metrics_text(),
    }
}

impl Recorded {
    /// The one span called `name`.
    pub fn span(&self, name: &str) -> &SpanRecord {
        let mut found = self.spans.iter().filter(|span| span.name == name);
        match (found.next(), found.next()) {
            (Some(span), None) => span,
            (None, _) => panic!("no span {name:?} in\n{}", self.tree()),
            _ => panic!("more than one span {name:?} in\n{}", self.tree()),
        }
    }

    /// The spans as a tree.
    pub fn tree(&self) -> String {
        genai_trace::render_tree(&self.spans)
    }

    /// The tree by names alone, a level of depth for each `.`: what does not change from run to run.
    pub fn outline(&self) -> String {
        let tree = self.tree();
        let lines = tree.lines().map(|line| {
            let depth = line.chars().take_while(|c| "│├└─ ".contains(*c)).count();
            let rest: String = line.chars().skip(depth).collect();
            let words = rest.split(' ').filter(|word| !is_duration(word));
            format!(
                "{}{}",
                ".".repeat(depth / 3),
                words.collect::<Vec<_>>().join(" ")
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The value of the metric line that begins with `series`, labels included.
    pub fn metric(&self, series: &str) -> Option<f64> {
        self.metrics.lines().find_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            (name == series).then(|| value.parse().ok())?
        })
    }
}

fn is_duration(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && ["ns", "µs", "ms", "s", "m", "h"]
            .iter()
            .any(|unit| word.ends_with(unit))
}

/// Runs a future to its end on this thread, with no async runtime at all.
pub fn block_on<F: Future>(future: F) -> F::Output {
    /// The flag is this call's own: one `block_on` inside another must not take its wake-up away.
    struct Unpark(std::thread::Thread, AtomicBool);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.1.store(true, Ordering::Release);
            self.0.unpark();
        }
    }
    let unpark = Arc::new(Unpark(std::thread::current(), AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&unpark));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(value) => return value,
            Poll::Pending => {
                while !unpark.1.swap(false, Ordering::Acquire) {
                    std::thread::park();
                }
            }
        }
    }
}

/// Is pending once, and asks to be polled again.
pub async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
