//! trace-weft with its file alone, without its database, and prometheus-client.
//!
//! It traces async functions only: each run of the agent is one `block_on` of tokio's runtime for
//! the current thread. The span's builder is used, since its attributes take no names and no facts.

use std::future::Future;
use std::io;
use std::path::Path;
use std::time::Instant;

use ::trace_weft::serde_json::Value;
use ::trace_weft::{CapturePolicy, LocalConfig, build_agent, build_tool};
use tokio::runtime::{Builder, Runtime};

use super::{Contender, counting};
use crate::work;

pub struct TraceWeft {
    runtime: Runtime,
}

impl TraceWeft {
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().build()?;
        Ok(Self { runtime })
    }
}

fn traced(path: &str) -> impl Future<Output = io::Result<usize>> {
    build_tool(work::READ_FILE)
        .tool_name(work::TOOL)
        .attribute("app.a", Value::from(work::A))
        .attribute("app.b", Value::from(work::B))
        .attribute("app.path", Value::from(path))
        .run(async move || work::read(path))
}

async fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path).await;
    counting::count(begin.elapsed());
    result
}

async fn run(task: &str, first: usize) -> io::Result<usize> {
    build_agent(work::RUN)
        .attribute("gen_ai.agent.name", Value::from(work::AGENT))
        .attribute("app.a", Value::from(work::A))
        .attribute("app.b", Value::from(work::B))
        .attribute("app.task", Value::from(task))
        .run(async move || {
            let mut read = 0;
            for call in first..first + work::TOOLS {
                read += read_file(work::path(call)).await?;
            }
            Ok(read)
        })
        .await
}

impl Contender for TraceWeft {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let config = LocalConfig {
            database_path: file.to_owned(),
            sqlite_db_path: file.with_extension("sqlite"),
            blob_dir: file.with_extension("blobs"),
            capture_content: CapturePolicy::MetadataOnly,
        };
        self.runtime
            .block_on(::trace_weft::init_local(config))
            .map_err(io::Error::other)
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        self.runtime.block_on(run(work::path(first), first))
    }

    // A span is in the file before its function returns.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn counted(&self) -> Option<(u64, u64)> {
        counting::counted()
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        self.runtime.block_on(traced(path))
    }
}
