//! emit, with emit_file and prometheus-client.
//!
//! What a span says is attached to it alone, not to everything below it. emit_file formats on the
//! caller, keeps at most 10,000 lines, and syncs the disk after each batch.

// emit's macro for attributes writes a function that takes each of them apart.
#![allow(clippy::too_many_arguments)]

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Contender, counting};
use crate::work;

#[derive(Default)]
pub struct Emit {
    flush: Option<Box<dyn Fn(Duration) -> bool>>,
}

#[::emit::span(
    guard: _span,
    evt_props: ::emit::props! {
        #[emit::key("gen_ai.tool.name")] name: work::TOOL,
        #[emit::key("app.a")] a: work::A,
        #[emit::key("app.b")] b: work::B,
        #[emit::key("app.path")] path,
    },
    "execute_tool read_file",
)]
fn traced(path: &str) -> io::Result<usize> {
    work::read(path)
}

fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path);
    counting::count(begin.elapsed());
    result
}

#[::emit::span(
    guard: _span,
    evt_props: ::emit::props! {
        #[emit::key("gen_ai.agent.name")] name: work::AGENT,
        #[emit::key("app.a")] a: work::A,
        #[emit::key("app.b")] b: work::B,
        #[emit::key("app.task")] task,
    },
    "invoke_agent coder",
)]
fn run(task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}

impl Contender for Emit {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let running = ::emit::setup()
            .emit_to(emit_file::set(file).roll_by_day().spawn())
            .init();
        self.flush = Some(Box::new(move |timeout| running.blocking_flush(timeout)));
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        match &self.flush {
            Some(flush) if !flush(Duration::from_secs(60)) => {
                Err(io::Error::other("emit_file did not flush within a minute"))
            }
            _ => Ok(()),
        }
    }

    fn counted(&self) -> Option<(u64, u64)> {
        counting::counted()
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        traced(path)
    }
}
