//! An agent whose libraries say by `tracing` what they do: `rig`, `reqwest-tracing`, `sqlx`.

use genai_trace::bridge::tracing::layer;
use genai_trace::{Builder, InitError, Telemetry, genai_agent, genai_tool};
use reqwest_middleware::ClientWithMiddleware;
use rig::agent::AgentBuilder;
use rig::completion::PromptError;
use rig::driver::DynModel;
use rig::operation::Completion;
use rig::tool::PortableTool;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Both ways: what libraries say goes into the traces, and they see our spans.
pub fn start(builder: Builder) -> Result<Telemetry, InitError> {
    // What they say at DEBUG, statements of `sqlx` are; log lines as ever.
    let traces = layer().with_filter(LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer().with_filter(LevelFilter::INFO);
    tracing_subscriber::registry()
        .with(traces)
        .with(lines)
        .init();
    builder.tracing_spans(true).install()
}

/// Asks an agent of rig's, which says itself when it calls the model and its tools.
#[genai_agent("meteorologist", model = model.id().unwrap_or_default())]
pub async fn ask(
    model: DynModel<Completion>,
    weather: Weather,
    question: &str,
) -> Result<String, PromptError> {
    let agent = AgentBuilder::new(model).tool(weather).default_max_turns(8);
    let response = agent.build().prompt(question).await?;
    Ok(response.output())
}

/// A tool that asks a service and notes what it said.
#[derive(Clone, Debug)]
pub struct Weather {
    /// With the middleware of `reqwest-tracing`.
    pub client: ClientWithMiddleware,
    /// Where the service is.
    pub url: String,
    /// Where its answers are noted.
    pub notes: SqlitePool,
}

/// What the tool is asked.
#[derive(Debug, Deserialize)]
pub struct Place {
    city: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoWeather {
    /// The service did not answer.
    Service(reqwest_middleware::Error),
    /// The answer could not be noted.
    Notes(sqlx::Error),
}

impl std::fmt::Display for NoWeather {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Notes(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoWeather {}

impl PortableTool for Weather {
    const NAME: &'static str = "weather";
    type Args = Place;
    type Output = String;
    type Error = NoWeather;

    fn description(&self) -> String {
        "The weather in a city.".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
    }

    /// Rig says when it runs the tool; what the attribute knows goes to the same span.
    #[genai_tool("weather")]
    async fn call(&self, place: Place) -> Result<String, NoWeather> {
        let response = self.client.get(&self.url).send().await;
        let response = response.map_err(NoWeather::Service)?.text().await;
        let said = response.map_err(|error| NoWeather::Service(error.into()))?;
        let note = sqlx::query("INSERT INTO notes (city, weather) VALUES (?, ?)");
        let note = note.bind(&place.city).bind(&said);
        note.execute(&self.notes).await.map_err(NoWeather::Notes)?;
        Ok(said)
    }
}
