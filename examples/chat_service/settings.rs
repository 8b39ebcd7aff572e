//! What the environment says of the service.

use std::env;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) model_delay: Duration,
    pub(crate) weather_delay: Duration,
}

impl Settings {
    pub(crate) fn read() -> Result<Self, String> {
        Ok(Self {
            port: number("PORT", 8000)?,
            provider: text("LLM_PROVIDER", "openai"),
            model: text("LLM_MODEL", "gpt-4o"),
            model_delay: Duration::from_millis(number("MODEL_DELAY_MS", 20)?),
            weather_delay: Duration::from_millis(number("WEATHER_DELAY_MS", 5)?),
        })
    }
}

fn text(name: &str, default: &str) -> String {
    let said = env::var(name).ok().filter(|value| !value.is_empty());
    said.unwrap_or_else(|| default.to_owned())
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> Result<T, String> {
    match env::var(name) {
        Ok(value) => value
            .parse()
            .map_err(|_| format!("{name} is {value:?}: expected a number")),
        Err(_) => Ok(default),
    }
}
