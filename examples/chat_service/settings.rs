//! What the environment says of the service.

use std::env;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) model_delay: Duration,
    pub(crate) weather_delay: Duration,
}

impl Settings {
    pub(crate) fn read() -> Result<Self, String> {
        Ok(Self {
            host: parsed("HOST", Ipv4Addr::LOCALHOST.into(), "an address")?,
            port: parsed("PORT", 8000, "a port")?,
            provider: text("LLM_PROVIDER", "openai"),
            model: text("LLM_MODEL", "gpt-4o"),
            model_delay: Duration::from_millis(parsed("MODEL_DELAY_MS", 20, "milliseconds")?),
            weather_delay: Duration::from_millis(parsed("WEATHER_DELAY_MS", 5, "milliseconds")?),
        })
    }
}

fn text(name: &str, default: &str) -> String {
    let said = env::var(name).ok().filter(|value| !value.is_empty());
    said.unwrap_or_else(|| default.to_owned())
}

fn parsed<T: FromStr>(name: &str, default: T, expected: &str) -> Result<T, String> {
    match env::var(name) {
        Ok(value) => value
            .parse()
            .map_err(|_| format!("{name} is {value:?}: expected {expected}")),
        Err(_) => Ok(default),
    }
}
