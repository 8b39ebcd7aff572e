//! A traced agent of two steps, retrieve and generate, with traces and metrics on the console.
//!
//! ```text
//! cargo run --example retrieve_generate -- [QUESTION]
//! ```
//!
//! Beside the metrics that every program gets it has three of its own: `requests_total`,
//! `tokens_total` and `request_duration_s`. Metrics are printed every second and at the end.

use std::env;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use genai_trace::{
    Counter, Histogram, MetricError, Registry, Telemetry, genai_agent, genai_chat, genai_span,
    record,
};

const MODEL: &str = "extractive-1";

const DOCUMENTS: [&str; 4] = [
    "OpenTelemetry is a CNCF project for traces, metrics and logs.",
    "A span is one operation of a trace, with a start, an end and attributes.",
    "A histogram counts observations in buckets, so that quantiles can be estimated.",
    "A counter only goes up; its rate is what one looks at.",
];

fn main() -> ExitCode {
    let question = env::args().nth(1);
    match run(&question.unwrap_or_else(|| "What is OpenTelemetry?".into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("retrieve_generate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(question: &str) -> Result<(), Box<dyn Error>> {
    let telemetry = Telemetry::builder()
        .service_name("exercise-agent")
        .console()
        .metrics_to_console(Duration::from_secs(1))
        .install()?;
    let metrics = Metrics::new(telemetry.registry())?;

    let answer = metrics.observe(|| agent(question));
    let report = telemetry.shutdown(Duration::from_secs(5));
    let answer = answer?;
    writeln!(io::stdout(), "\n{}\n\n{report}", answer.text)?;
    Ok(())
}

/// The metrics of this program.
struct Metrics {
    requests: Counter,
    tokens: Counter,
    duration: Histogram,
}

impl Metrics {
    fn new(registry: &Registry) -> Result<Self, MetricError> {
        let labels = [("model", MODEL)];
        let seconds = [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ];
        Ok(Self {
            requests: registry
                .counter("requests_total", "Questions asked.")?
                .with(&labels)?,
            tokens: registry
                .counter("tokens_total", "Tokens used, in and out.")?
                .with(&labels)?,
            duration: registry
                .histogram(
                    "request_duration_s",
                    "Time to an answer, in seconds.",
                    &seconds,
                )?
                .with(&labels)?,
        })
    }

    /// Counts one request, however it ends.
    fn observe(
        &self,
        request: impl FnOnce() -> Result<Answer, NothingFound>,
    ) -> Result<Answer, NothingFound> {
        let start = Instant::now();
        self.requests.inc();
        let answer = request();
        if let Ok(answer) = &answer {
            self.tokens.add(answer.tokens);
        }
        self.duration.observe(start.elapsed().as_secs_f64());
        answer
    }
}

struct Answer {
    text: String,
    tokens: u64,
}

/// No document shares a word with the question.
#[derive(Debug)]
struct NothingFound;

impl fmt::Display for NothingFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no document has a word of the question")
    }
}

impl Error for NothingFound {}

#[genai_agent("rag", model = MODEL)]
fn agent(question: &str) -> Result<Answer, NothingFound> {
    let documents = retrieve(question)?;
    let answer = generate(question, &documents);
    record!(agent.output_length = answer.text.len());
    Ok(answer)
}

type Found = Result<Vec<&'static str>, NothingFound>;

/// The documents that share a word with the question, the best first.
#[genai_span(
    "retrieve",
    fields(component = "rag"),
    ret_fields(retrieval.doc_count = |found: &Found| found.as_ref().map_or(0, Vec::len))
)]
fn retrieve(question: &str) -> Found {
    // As long as a search would take.
    thread::sleep(Duration::from_millis(3));
    let asked = words(question);
    let score = |text: &str| {
        words(text)
            .iter()
            .filter(|word| asked.contains(word))
            .count()
    };
    let mut found: Vec<_> = DOCUMENTS
        .into_iter()
        .filter(|text| score(text) > 0)
        .collect();
    found.sort_by_key(|text| std::cmp::Reverse(score(text)));
    if found.is_empty() {
        Err(NothingFound)
    } else {
        Ok(found)
    }
}

/// A model that quotes the best document; a word is a token.
// `unchecked`: this provider is made up, and not among those that the conventions list.
#[genai_chat(unchecked provider = "example", model = MODEL, max_tokens = 256, temperature = 0.0)]
fn generate(question: &str, documents: &[&str]) -> Answer {
    thread::sleep(Duration::from_millis(12));
    let text = documents.first().copied().unwrap_or_default().to_owned();
    let input = words(question).len()
        + documents
            .iter()
            .map(|text| words(text).len())
            .sum::<usize>();
    let output = words(&text).len();
    record!(
        gen_ai.response.model = MODEL,
        gen_ai.response.finish_reasons = ["stop"],
        gen_ai.usage.input_tokens = input,
        gen_ai.usage.output_tokens = output,
    );
    Answer {
        text,
        tokens: (input + output) as u64,
    }
}

/// The words of a text that carry meaning, in lower case.
fn words(text: &str) -> Vec<String> {
    const COMMON: [&str; 12] = [
        "a", "an", "and", "are", "for", "in", "is", "of", "the", "to", "what", "which",
    ];
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !COMMON.contains(&word.as_str()))
        .collect()
}
