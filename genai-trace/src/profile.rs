//! How what is recorded is spelt on its way out: the conventions have changed, and who reads traces has not
//! always changed with them; backends have names of their own.

#[cfg(feature = "profiles")]
mod backend;
#[cfg(feature = "profiles")]
mod datadog;
mod derived;
#[cfg(feature = "profiles")]
mod flat_messages;
mod gen_ai_1_36;
mod gen_ai_1_41;
#[cfg(feature = "profiles")]
mod langfuse;
#[cfg(feature = "profiles")]
mod langsmith;
mod message;
mod message_events;
#[cfg(feature = "profiles")]
mod mlflow;
#[cfg(feature = "profiles")]
mod openinference;
mod profiled;
mod role;
mod seed_000;
mod seed_001;
mod seed_002;
mod seed_003;
mod seed_004;
mod shape;
mod table;

use std::fmt;
use std::str::FromStr;

pub(crate) use self::profiled::Profiled;
pub(crate) use self::shape::Shape;
use self::table::Table;
use crate::record::SpanRecord;

/// How what is recorded is spelt on its way to an exporter.
///
/// Spans are recorded once, as the newest conventions have it; a profile is a table that is applied to what goes
/// to one exporter ([`Builder::profile`](crate::Builder::profile)). What it has no name for stays as it is, so that
/// nothing is lost; what it has spelt already it leaves alone, so that it may be applied again.
///
/// The profiles of backends need the feature `profiles`.
///
/// ```
/// use genai_trace::Profile;
///
/// assert_eq!("seed_002".parse(), Ok(Profile::Seed002));
/// let unknown = "zipkin".parse::<Profile>().unwrap_err().to_string();
/// assert!(unknown.starts_with("unknown profile \"zipkin\": expected latest, gen_ai_1_41, gen_ai_1_36, "));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// The newest conventions.
    #[default]
    Latest,
    /// Those of version 1.41: `gen_ai.usage.cache_creation.input_tokens`, and `gen_ai.request.top_k` as a float.
    GenAi1_41,
    /// Those of version 1.36, the last with `gen_ai.system`: messages are events of the span
    /// (`gen_ai.system.message`, `gen_ai.user.message`, `gen_ai.assistant.message`, `gen_ai.tool.message`,
    /// `gen_ai.choice`) and no attributes.
    GenAi1_36,
    /// OpenInference, as [Phoenix](https://arize.com/docs/phoenix) shows it best: `openinference.span.kind`,
    /// `llm.*`, `input.value`, `output.value`.
    #[cfg(feature = "profiles")]
    OpenInference,
    /// [Langfuse](https://langfuse.com): `langfuse.observation.*` beside what it reads of the conventions.
    #[cfg(feature = "profiles")]
    Langfuse,
    /// [MLflow](https://mlflow.org): `mlflow.spanType` where the conventions have no word that it knows, and
    /// `session.id`.
    #[cfg(feature = "profiles")]
    Mlflow,
    /// Datadog's LLM Observability, which reads the conventions in their versions.
    #[cfg(feature = "profiles")]
    Datadog,
    /// [LangSmith](https://docs.langchain.com/langsmith): `langsmith.*`, `gen_ai.prompt.0.role` and its like.
    #[cfg(feature = "profiles")]
    LangSmith,
    /// `gen_ai.chat`, `gen_ai.tool.execution` and `gen_ai.system`, in lines with the ten keys from `trace_id` to
    /// `events`. What a line has no key for is among its attributes, behind `genai_trace.record.`.
    Seed000,
    /// `agent.run`, `gen_ai.completion` and `tool.execute.{name}`, with `tool.*` and an event for each message.
    Seed001,
    /// `agent_workflow`, `llm_call` and `retrieval`, with `llm.*`, in lines with `name`, `trace_id`, `span_id`,
    /// `start_time`, `end_time`, `attributes` and `status`. What a line has no key for is among its attributes,
    /// behind `genai_trace.record.`.
    Seed002,
    /// `agent.run` and `tool.{name}`, with `llm.*`, `prompt.*` and `latency_ms`, in lines as OpenTelemetry's
    /// exporter to the console in Python prints them.
    Seed003,
    /// `agent.run`, `llm.completion` and `tool.{name}`, with `tool.*` and the conventions' attributes.
    Seed004,
}

impl Profile {
    /// Every profile of this build, in the order in which they are listed.
    #[rustfmt::skip]
    pub const ALL: &[Self] = &[
        Self::Latest, Self::GenAi1_41, Self::GenAi1_36,
        #[cfg(feature = "profiles")] Self::OpenInference,
        #[cfg(feature = "profiles")] Self::Langfuse,
        #[cfg(feature = "profiles")] Self::Mlflow,
        #[cfg(feature = "profiles")] Self::Datadog,
        #[cfg(feature = "profiles")] Self::LangSmith,
        Self::Seed000, Self::Seed001, Self::Seed002, Self::Seed003, Self::Seed004,
    ];

    /// The profile's word, in `GENAI_TRACE_PROFILE` for one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::GenAi1_41 => "gen_ai_1_41",
            Self::GenAi1_36 => "gen_ai_1_36",
            #[cfg(feature = "profiles")]
            Self::OpenInference => "openinference",
            #[cfg(feature = "profiles")]
            Self::Langfuse => "langfuse",
            #[cfg(feature = "profiles")]
            Self::Mlflow => "mlflow",
            #[cfg(feature = "profiles")]
            Self::Datadog => "datadog",
            #[cfg(feature = "profiles")]
            Self::LangSmith => "langsmith",
            Self::Seed000 => "seed_000",
            Self::Seed001 => "seed_001",
            Self::Seed002 => "seed_002",
            Self::Seed003 => "seed_003",
            Self::Seed004 => "seed_004",
        }
    }

    /// Spells a span that was recorded as this profile has it.
    pub fn apply(self, span: &mut SpanRecord) {
        if let Some(table) = self.table() {
            table.apply(span);
        }
    }

    fn table(self) -> Option<&'static Table> {
        Some(match self {
            Self::Latest => return None,
            Self::GenAi1_41 => &gen_ai_1_41::TABLE,
            Self::GenAi1_36 => &gen_ai_1_36::TABLE,
            #[cfg(feature = "profiles")]
            Self::OpenInference => &openinference::TABLE,
            #[cfg(feature = "profiles")]
            Self::Langfuse => &langfuse::TABLE,
            #[cfg(feature = "profiles")]
            Self::Mlflow => &mlflow::TABLE,
            #[cfg(feature = "profiles")]
            Self::Datadog => &datadog::TABLE,
            #[cfg(feature = "profiles")]
            Self::LangSmith => &langsmith::TABLE,
            Self::Seed000 => &seed_000::TABLE,
            Self::Seed001 => &seed_001::TABLE,
            Self::Seed002 => &seed_002::TABLE,
            Self::Seed003 => &seed_003::TABLE,
            Self::Seed004 => &seed_004::TABLE,
        })
    }

    /// The address of the conventions by which spans are spelt; empty for what has none.
    #[cfg(any(feature = "otlp", feature = "opentelemetry-sdk"))]
    pub(crate) const fn schema_url(self) -> &'static str {
        match self {
            Self::Latest => genai_trace_semconv::SCHEMA_URL,
            Self::GenAi1_41 => "https://opentelemetry.io/schemas/1.41.0",
            Self::GenAi1_36 => "https://opentelemetry.io/schemas/1.36.0",
            _ => "",
        }
    }

    /// What lines of JSON look like.
    pub(crate) const fn shape(self) -> Shape {
        match self {
            Self::Seed000 => Shape::Seed000,
            Self::Seed002 => Shape::Seed002,
            Self::Seed003 => Shape::Seed003,
            _ => Shape::Record,
        }
    }

    /// The words that are understood.
    pub(crate) fn expected() -> String {
        let words: Vec<_> = Self::ALL.iter().map(|profile| profile.as_str()).collect();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        let hint = match cfg!(feature = "profiles") {
            true => "",
            false => " (and those of backends, with the feature `profiles`)",
        };
        format!("{} or {last}{hint}", others.join(", "))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(word: &str) -> Result<Self, UnknownProfile> {
        let mut all = Self::ALL.iter().copied();
        all.find(|profile| profile.as_str() == word)
            .ok_or_else(|| UnknownProfile(word.to_owned()))
    }
}

/// No profile has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProfile(String);

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = Profile::expected();
        write!(f, "unknown profile {:?}: expected {expected}", self.0)
    }
}

impl std::error::Error for UnknownProfile {}

#[cfg(test)]
#[cfg(feature = "otlp")]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_spelt_as_the_conventions_has_their_address() {
        for profile in Profile::ALL {
            let url = profile.schema_url();
            let expected = match profile {
                Profile::Latest => "https://opentelemetry.io/schemas/gen-ai-dev/",
                Profile::GenAi1_41 => "https://opentelemetry.io/schemas/1.41.0",
                Profile::GenAi1_36 => "https://opentelemetry.io/schemas/1.36.0",
                _ => "",
            };
            assert!(url.starts_with(expected), "{profile}: {url}");
            assert_eq!(url.is_empty(), expected.is_empty(), "{profile}: {url}");
        }
    }
}
