//! Random spans, with metrics and events, which go where the environment says.
//!
//! `random_spans COUNT SEED [serve]`: ends so many spans, on four threads, in trees below and beside each other, of many
//! operations, with attributes of every type, events, links, errors and panics. It fails where something was lost.
//! With none it sends what an earlier run has left on disk. With `serve` it serves its metrics meanwhile, and ends
//! so many spans for each line on standard input.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use genai_trace::{Carrier, Operation, SpanBuilder, SpanContext, Telemetry, current, span};

const THREADS: u64 = 4;
const LONG: Duration = Duration::from_secs(60);
const DEEPEST: u32 = 12;
const OPERATIONS: [Operation; 14] = [
    Operation::Agent,
    Operation::RemoteAgent,
    Operation::Chat,
    Operation::TextCompletion,
    Operation::Embeddings,
    Operation::Retrieval,
    Operation::Tool,
    Operation::Workflow,
    Operation::Plan,
    Operation::SearchMemory,
    Operation::McpServer,
    Operation::Gate,
    Operation::Request,
    Operation::Step,
];
const CALLS: [Operation; 3] = [
    Operation::Chat,
    Operation::TextCompletion,
    Operation::Embeddings,
];
const MODELS: [&str; 3] = ["gpt-4o-mini", "claude-sonnet-4-5", "no-such-model"];
/// Texts that have gone wrong somewhere before.
const TEXTS: [&str; 8] = [
    "",
    "plain",
    "\"quoted\" \\ and / {braces}",
    "line\nbreak\ttab\r",
    "\u{0}\u{1}\u{1f}\u{7f}",
    "é ü ß 漢字 🦀",
    "a\u{2028}b\u{feff}",
    "-1.5e300",
];
const INTEGERS: [i64; 6] = [0, -1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1];
const FLOATS: [f64; 8] = [
    0.0,
    -0.0,
    1.0,
    0.1,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    -1e21,
];

/// Numbers that look random and are the same for a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// Whether it is one of so many.
    fn one_of(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn integer(&mut self) -> i64 {
        match self.one_of(2) {
            true => self.pick(&INTEGERS),
            false => self.next().cast_signed(),
        }
    }

    fn float(&mut self) -> f64 {
        let any = f64::from_bits(self.next());
        match any.is_finite() && self.one_of(2) {
            true => any,
            false => self.pick(&FLOATS),
        }
    }

    fn text(&mut self) -> String {
        match self.one_of(20) {
            true => "long é ".repeat(self.below(2_000)),
            false => self.pick(&TEXTS).repeat(self.below(4)),
        }
    }

    /// Sets an attribute of any type, by `set`.
    fn attribute(&mut self, set: &mut dyn FnMut(&str, &dyn genai_trace::AttributeValue)) {
        // Some keys come twice: the last one holds.
        let key = format!("app.key_{}", self.below(30));
        let many = 0..self.below(5);
        match self.below(8) {
            0 => set(&key, &self.integer()),
            1 => set(&key, &self.float()),
            2 => set(&key, &self.one_of(2)),
            3 => set(&key, &many.map(|_| self.integer()).collect::<Vec<_>>()),
            4 => set(&key, &many.map(|_| self.float()).collect::<Vec<_>>()),
            5 => set(&key, &many.map(|_| self.one_of(2)).collect::<Vec<_>>()),
            6 => set(&key, &many.map(|_| self.text()).collect::<Vec<_>>()),
            _ => set(&key, &self.text()),
        }
    }
}

/// What the threads share: spans to link to.
type Others = Mutex<Vec<SpanContext>>;

struct Thread<'a> {
    random: Random,
    left: u64,
    others: &'a Others,
}

impl Thread<'_> {
    fn other(&mut self) -> Option<SpanContext> {
        let others = self.others.lock().ok()?;
        let index = self.random.below(others.len());
        others.get(index).cloned()
    }

    fn builder(&mut self, operation: Operation) -> SpanBuilder {
        let name = match self.random.one_of(10) {
            true => self.random.text(),
            false => format!("name_{}", self.random.below(50)),
        };
        let mut builder = span(name).operation(operation);
        for _ in 0..self.random.below(6) {
            let mut kept = Some(builder);
            self.random.attribute(&mut |key, value| {
                kept = kept.take().map(|builder| builder.attr(key, value));
            });
            builder = kept.unwrap_or_else(|| span("none"));
        }
        for _ in 0..self.random.below(4) {
            if let Some(other) = self.other() {
                builder = builder.link(&other);
            }
        }
        match self.random.below(20) {
            0 => builder.root(),
            1 => builder.parent(&far_away(&mut self.random)),
            2 => match self.other() {
                Some(other) => builder.root().regenerates([other]),
                None => builder,
            },
            3 => builder.conversation_id("conversation"),
            _ => builder,
        }
    }

    /// A span, and what is below it.
    fn grow(&mut self, depth: u32) {
        self.left = self.left.saturating_sub(1);
        let operation = self.random.pick(&OPERATIONS);
        // A call of a model below one would be the same call: no span of its own.
        let depth = match CALLS.contains(&operation) {
            true => DEEPEST,
            false => depth,
        };
        let builder = self.builder(operation);
        let _ = builder.try_run(|| self.body(depth));
    }

    fn body(&mut self, depth: u32) -> Result<(), String> {
        let here = current();
        if let (true, Some(cx), Ok(mut others)) =
            (self.random.one_of(5), here.context(), self.others.lock())
        {
            others.push(cx);
        }
        for _ in 0..self.random.below(4) {
            self.random
                .attribute(&mut |key, value| here.set(key, value));
        }
        if self.random.one_of(3) {
            here.set("gen_ai.request.model", self.random.pick(&MODELS));
            here.set("gen_ai.usage.input_tokens", &self.random.below(5_000));
            here.set("gen_ai.usage.output_tokens", &self.random.below(500));
            here.set(
                "gen_ai.response.finish_reasons",
                ["stop", "length"].as_slice(),
            );
        }
        for _ in 0..self.random.below(3) {
            let name = format!("event_{}", self.random.below(9));
            here.event(&name, |event| {
                for _ in 0..self.random.below(4) {
                    self.random.attribute(&mut |key, value| {
                        event.set(key, value);
                    });
                }
            });
        }
        while self.left > 0 && depth < DEEPEST && !self.random.one_of(3) {
            self.grow(depth + 1);
        }
        match self.random.below(20) {
            0 => std::panic::panic_any(self.random.text()),
            1..4 => Err(self.random.text()),
            _ => Ok(()),
        }
    }
}

/// A span of another process, which says more than where it is.
fn far_away(random: &mut Random) -> Carrier {
    let traceparent = format!(
        "00-{:016x}{:016x}-{:016x}-01",
        random.next(),
        random.next() | 1,
        random.next() | 1
    );
    let headers = [
        ("traceparent".to_owned(), traceparent),
        ("tracestate".to_owned(), "vendor=value,other=1".to_owned()),
    ];
    Carrier::extract(
        &headers
            .into_iter()
            .collect::<std::collections::HashMap<_, _>>(),
    )
}

/// Counts by metrics of its own what the threads do.
fn count(telemetry: &Telemetry, random: &mut Random) -> Result<(), Box<dyn Error>> {
    let registry = telemetry.registry();
    let trees = registry.counter("trees_total", "Trees that have grown.")?;
    let kind = random.pick(&["oak", "beech", "é \"quoted\""]);
    trees.with(&[("kind", kind)])?.inc();
    registry
        .gauge("height_meters", "How high the last one is.")?
        .with(&[])?
        .set(random.float());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let spans: u64 = args.next().unwrap_or_default().parse()?;
    let seed: u64 = args.next().unwrap_or_default().parse()?;
    // Panics are part of it.
    std::panic::set_hook(Box::new(|_| {}));
    let telemetry = genai_trace::init()?;
    if args.next().as_deref() == Some("serve") {
        let _server = telemetry.serve()?;
        for (number, _) in (0..).zip(std::io::stdin().lines()) {
            grow(&telemetry, spans, seed.wrapping_add(number));
        }
    } else {
        grow(&telemetry, spans, seed);
    }
    if spans == 0 {
        // A backend that is not well is asked again after a while.
        std::thread::sleep(Duration::from_secs(2));
    }
    let report = telemetry.shutdown(LONG);
    println!("{report}");
    match report.has_losses() {
        true => Err(report.to_string().into()),
        false => Ok(()),
    }
}

/// Ends so many spans.
fn grow(telemetry: &Telemetry, spans: u64, seed: u64) {
    let others = Others::default();
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let others = &others;
            scope.spawn(move || {
                let rest = if number == 0 { spans % THREADS } else { 0 };
                let mut thread = Thread {
                    random: Random(seed.wrapping_mul(THREADS).wrapping_add(number)),
                    left: spans / THREADS + rest,
                    others,
                };
                while thread.left > 0 {
                    let _ = catch_unwind(AssertUnwindSafe(|| thread.grow(0)));
                    let _ = count(telemetry, &mut thread.random);
                    // No faster than they are written: what would be dropped is not what is looked at.
                    if thread.random.one_of(20) {
                        let _ = telemetry.flush(LONG);
                    }
                }
            });
        }
    });
}
