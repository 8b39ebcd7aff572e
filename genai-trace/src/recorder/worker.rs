//! An exporter at work, on a thread of its own: none waits for another.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::batch::Batch;
use super::queue::{Job, Queue};
use super::tally::say;
use super::{FOR_EVER, own_thread};
use crate::export::{ExportError, SpanBatch, SpanExporter};
use crate::record::Attributes;
use crate::span::outcome::panic_message;
use crate::span::stack;

/// Starts the thread of `exporter`; what it is to do goes into the queue.
pub(super) fn start(
    exporter: Box<dyn SpanExporter>,
    resource: &Arc<Attributes>,
) -> io::Result<Arc<Queue>> {
    let queue = Queue::new(exporter.name());
    let worker = Worker {
        exporter,
        queue: Arc::clone(&queue),
        resource: Arc::clone(resource),
    };
    let name = format!("genai-trace-{}", worker.exporter.name());
    own_thread::start(name, Box::new(move || worker.run()))?;
    Ok(queue)
}

struct Worker {
    exporter: Box<dyn SpanExporter>,
    queue: Arc<Queue>,
    resource: Arc<Attributes>,
}

impl Worker {
    fn run(mut self) {
        stack::silence();
        self.queue.work_here();
        while let Some(job) = self.queue.next() {
            match job {
                Job::Export(batch) => self.export(&batch),
                Job::Release(release) => release.done(),
                Job::Say(news) => say(&news),
                Job::Pause => self.export(&Batch::default()),
                Job::Flush {
                    ticket,
                    last,
                    until,
                } => {
                    let until = until.unwrap_or_else(|| Instant::now() + FOR_EVER);
                    self.work(|exporter| exporter.flush(until));
                    if last {
                        self.work(|exporter| exporter.shutdown(until));
                    }
                    self.queue.flushed(ticket, last);
                }
            }
        }
    }

    fn export(&mut self, batch: &Batch) {
        let resource = Arc::clone(&self.resource);
        let batch = SpanBatch::new(batch, &resource);
        self.work(|exporter| exporter.export(&batch));
    }

    /// Lets the exporter work; its panic is an error like any other.
    fn work(&mut self, work: impl FnOnce(&mut dyn SpanExporter) -> Result<(), ExportError>) {
        let exporter = self.exporter.as_mut();
        let done = catch_unwind(AssertUnwindSafe(|| work(exporter)));
        let result = done.unwrap_or_else(|payload| {
            let message = panic_message(payload.as_ref());
            Err(ExportError::new(format_args!(
                "the exporter panicked: {message}"
            )))
        });
        // Without a lock, since standard error may be a pipe that nobody reads.
        if let Some(news) = self.queue.settle(result) {
            say(&news);
        }
    }
}
