//! Four processes that work on one request: a client, a server, a worker behind a queue, and a child of
//! that. Each writes its own trace file, as the environment says.
//!
//! `one_trace server` says on standard output where it listens, and ends when its input does; `one_trace
//! client ADDRESS` asks it for a job, which comes as a message of the queue; `one_trace worker` works on the
//! messages of its input, and starts `one_trace child` for each.

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::process::Command;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use genai_trace::tower::ServerLayer;
use genai_trace::{Carrier, genai_agent, genai_tool};

#[genai_agent("coder")]
fn ask(address: &str) -> Result<String, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .middleware(genai_trace::ureq::current_span)
        .build()
        .into();
    let url = format!("http://{address}/jobs/7?key=secret");
    agent.get(url).call()?.body_mut().read_to_string()
}

/// A message for the queue: what carries the span, and what is to be done.
#[genai_tool("enqueue")]
async fn enqueue(job: u32) -> String {
    let headers: Vec<(String, String)> = Carrier::current().into_iter().collect();
    serde_json::json!({ "headers": headers, "job": job }).to_string()
}

fn serve() -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route(
            "/jobs/{job}",
            get(async |Path(job): Path<u32>| enqueue(job).await),
        )
        .layer(ServerLayer::new());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        io::stdout().flush()?;
        let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
        let until = async {
            let _ = ended.await;
        };
        axum::serve(listener, app)
            .with_graceful_shutdown(until)
            .await?;
        Ok(())
    })
}

#[genai_tool("work")]
fn work(job: &serde_json::Value) -> io::Result<()> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["child", &job.to_string()]);
    child.env(
        "GENAI_TRACE_FILE",
        std::env::var("CHILD_TRACE_FILE").unwrap_or_default(),
    );
    Carrier::current().inject_env(&mut child);
    match child.status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("the child has failed")),
    }
}

fn take_messages() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let message: serde_json::Value = serde_json::from_str(&line?)?;
        let headers: Vec<(String, String)> = serde_json::from_value(message["headers"].clone())?;
        Carrier::extract(&headers).run(|| work(&message["job"]))?;
    }
    Ok(())
}

#[genai_tool("compile")]
fn compile(_job: &str) {}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let argument = arguments.get(2).map(String::as_str).unwrap_or_default();
    let _telemetry = genai_trace::init()?;
    match arguments.get(1).map(String::as_str) {
        Some("client") => println!("{}", Carrier::from_env().run(|| ask(argument))?),
        Some("server") => serve()?,
        Some("worker") => take_messages()?,
        Some("child") => Carrier::from_env().run(|| compile(argument)),
        role => {
            return Err(
                format!("role is {role:?}: expected client, server, worker or child").into(),
            );
        }
    }
    Ok(())
}
