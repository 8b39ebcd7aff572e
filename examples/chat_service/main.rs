//! A chat over HTTP whose every answer says what it waited for.
//!
//! `POST /api/chat` answers with the spans of the request, `GET /metrics` has its counters for Prometheus, and `GET /` is
//! a page that draws the spans as a waterfall. The model is a stand-in inside the process: no key, no network.
//!
//! ```sh
//! cargo run --example chat_service --features service
//! curl -s localhost:8000/api/chat -H 'content-type: application/json' \
//!   -d '{"message": "What is the weather in Dublin and how many days until Christmas?"}'
//! ```
//!
//! `LLM_MODEL` is the model (`gpt-4o`), `LLM_PROVIDER` its provider (`openai`), `HOST` and `PORT` where it listens
//! (127.0.0.1 and 8000; 0 for a port that is free). Where spans go says `OTEL_TRACES_EXPORTER`: `jsonl`, `sqlite` or
//! `otlp`; see `telemetry.rs`. `GENAI_TRACE_VIEWS` and `GENAI_TRACE_PRICES` hold too. `MODEL_DELAY_MS` and
//! `WEATHER_DELAY_MS` make something slow, to be found in the waterfall.

mod agent;
mod model;
mod panel;
mod service;
mod settings;
mod telemetry;
mod tools;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use self::panel::Panel;
use self::service::Service;
use self::settings::Settings;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read()?;
    let panel = Panel::default();
    let telemetry = telemetry::set_up(&panel)?;
    let listener = tokio::net::TcpListener::bind((settings.host, settings.port)).await?;
    println!("http://{}", listener.local_addr()?);
    let service = Service {
        settings,
        panel,
        metrics: telemetry.metrics_page(),
    };
    axum::serve(listener, service::router(Arc::new(service)))
        .with_graceful_shutdown(async {
            // Where it cannot be listened for, the process is ended by it at once.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)));
    Ok(())
}
