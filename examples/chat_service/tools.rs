//! What the agent can do besides talking.

use std::time::Duration;

use genai_trace::{GenAiError, genai_tool};

/// The cities that somebody measures, with their temperatures.
const CITIES: [(&str, f64); 3] = [("Dublin", 9.5), ("Prestatyn", 8.8), ("Lisbon", 17.0)];

#[derive(Debug, GenAiError)]
pub(crate) enum ToolError {
    UnknownCity(String),
    UnknownTool(String),
}

impl std::fmt::Display for ToolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ToolError::UnknownCity(city) => write!(f, "nobody measures in {city:?}"),
            ToolError::UnknownTool(tool) => write!(f, "there is no tool {tool:?}"),
        }
    }
}

impl std::error::Error for ToolError {}

#[genai_tool("weather", args(city), ret)]
pub(crate) async fn weather(city: &str, delay: Duration) -> Result<String, ToolError> {
    tokio::time::sleep(delay).await;
    let known = CITIES.iter().find(|(name, _)| *name == city);
    match known {
        Some((name, degrees)) => Ok(format!("{name}: {degrees} C")),
        None => Err(ToolError::UnknownCity(city.to_owned())),
    }
}

/// Days from the day of the year to that of Christmas, in a year of 365 days.
#[genai_tool("days_until_christmas", args, ret)]
pub(crate) fn days_until_christmas(day_of_year: u64) -> u64 {
    const CHRISTMAS: u64 = 359;
    (CHRISTMAS + 365 - day_of_year % 365) % 365
}
