//! `genai-trace convert`

mod chrome;
mod dataset;
mod lanes;
mod openinference;
mod otlp;

use std::collections::HashSet;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use genai_trace::{Profile, SpanRecord};

use self::chrome::Chrome;
use self::dataset::DataSet;
use self::otlp::Otlp;
use super::query::spans_where;
use crate::output::{into_file, is_another};
use crate::reading::Input;
use crate::span::modernize;

/// Writes spans in the shape that another program reads, and other programs' spans in ours.
///
/// What is read may be in any shape that the other commands read: lines of genai-trace, OTLP in JSON, what OpenTelemetry
/// prints in Python.
///
/// With --profile the attributes of jsonl and otlp are spelt as a backend wants them: openinference for Phoenix, say, or
/// latest for today's conventions, whatever they were spelt in before: older conventions, OpenInference with its messages,
/// what tutorials call things. What the conventions have no name for stays as it is: a chain's `input.value`, a request in
/// the form of its provider, documents one by one.
///
/// Of what comes in as OTLP some has no place in a record and is lost: attributes and the schema URL of a scope, the schema
/// URL of a resource, dropped counts of resources, events and links, flags of links, and of a span's flags all above the
/// lowest eight bits. Bytes become the text of their base 64; an object, and a list of several types, the text of their
/// JSON.
///
/// Exits with 0, and with 2 where there is nothing to read or the output cannot be written.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The shape that is written
    #[arg(long, value_enum)]
    to: Shape,
    /// How attributes are spelt: latest, openinference, langfuse, gen_ai_1_36, ..; as they are unless said
    #[arg(long, value_name = "NAME")]
    profile: Option<Profile>,
    /// Only spans of which this holds, in SQL as `query` has it: model = 'gpt-4o' AND status = 'ERROR'
    #[arg(long = "where", value_name = "SQL")]
    condition: Option<String>,
    /// Only traces whose ids begin so
    #[arg(long, value_name = "ID")]
    trace: Option<String>,
    /// The file that is written, at once when it is whole; standard output unless said
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The shape that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A line a span, as genai-trace writes them
    Jsonl,
    /// OTLP in JSON, a request a line, as Collectors and backends take it
    Otlp,
    /// The trace events that <https://ui.perfetto.dev> and chrome://tracing show: a trace is a process there
    Chrome,
    /// A line a row of a data set for evaluations: input, output, what somebody thought of it; of whole runs unless
    /// --where says of what
    Dataset,
}

/// Writes spans in a shape.
trait Writer {
    fn span(&mut self, span: SpanRecord, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what is left.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// Lines as genai-trace writes them.
struct Lines;

impl Writer for Lines {
    fn span(&mut self, span: SpanRecord, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &span)?;
        out.write_all(b"\n")
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    if arguments.profile.is_some() && !matches!(arguments.to, Shape::Jsonl | Shape::Otlp) {
        return Err("--profile spells attributes of jsonl and otlp, of no other shape".to_owned());
    }
    match &arguments.output {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            let written = write(arguments, &mut out);
            match written.and_then(|()| out.flush().map_err(Failure::Output)) {
                // A reader that has gone away is no fault of ours.
                Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {}
                Err(failure) => return Err(failure.of("standard output")),
                Ok(()) => {}
            }
        }
        Some(path) => {
            is_another(path, &arguments.input.sources()?)?;
            let of = |failure: Failure| failure.of(&format!("{path:?}"));
            into_file(path, |out| write(arguments, out)).map_err(of)?;
        }
    }
    Ok(String::new())
}

enum Failure {
    Input(String),
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl Failure {
    fn of(self, output: &str) -> String {
        match self {
            Failure::Input(error) => error,
            Failure::Output(error) => format!("cannot write {output}: {error}"),
        }
    }
}

fn write(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let mut writer: Box<dyn Writer> = match arguments.to {
        Shape::Jsonl => Box::new(Lines),
        Shape::Otlp => Box::new(Otlp::default()),
        Shape::Chrome => Box::new(Chrome::default()),
        Shape::Dataset => Box::new(DataSet::new(
            arguments.input.scores().map_err(Failure::Input)?,
            arguments.input.content().map_err(Failure::Input)?,
        )),
    };
    let chosen = chosen(arguments).map_err(Failure::Input)?;
    let wanted = arguments.trace.as_ref().map(|id| id.to_ascii_lowercase());
    let mut failed = None;
    let read = arguments.input.in_order(&mut |mut span| {
        let trace_id = span.trace_id.to_string();
        let is_wanted = wanted
            .as_ref()
            .is_none_or(|wanted| trace_id.starts_with(wanted));
        let is_chosen = match &chosen {
            Some(chosen) => chosen.contains(&(trace_id, span.span_id.to_string())),
            None => arguments.to != Shape::Dataset || span.parent_span_id.is_none(),
        };
        if !(is_wanted && is_chosen) {
            return true;
        }
        if let Some(profile) = arguments.profile {
            openinference::modernize(&mut span);
            modernize(&mut span);
            profile.apply(&mut span);
        }
        failed = writer.span(span, out).err();
        failed.is_none()
    });
    match failed {
        Some(error) => return Err(Failure::Output(error)),
        None => read.map_err(Failure::Input)?,
    };
    writer.end(out).map_err(Failure::Output)
}

/// The spans that are asked for, where that is said.
fn chosen(arguments: &Arguments) -> Result<Option<HashSet<(String, String)>>, String> {
    let Some(condition) = &arguments.condition else {
        return Ok(None);
    };
    let sources = arguments.input.sources()?;
    if let Some(once) = sources.iter().find(|source| source.is_read_once()) {
        return Err(format!(
            "with --where files are read twice, which {once} cannot be"
        ));
    }
    spans_where(&arguments.input, condition).map(Some)
}
