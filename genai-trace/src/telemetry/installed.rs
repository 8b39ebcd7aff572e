//! What is installed, as far as it is this process's.

use std::sync::Arc;
use std::time::Duration;

use crate::recorder::Recorder;
use crate::recorder::report::Report;
use crate::sys::fork::Process;

/// The recorder, for the process that has installed it.
#[derive(Clone, Debug)]
pub(super) struct Installed {
    /// None where the environment has disabled telemetry.
    recorder: Option<Arc<Recorder>>,
    process: Process,
}

impl Installed {
    pub(super) fn new(recorder: Option<Arc<Recorder>>) -> Self {
        Self {
            recorder,
            process: Process::this(),
        }
    }

    /// Whether a parent of this process has installed it: its threads are not here, and what they had
    /// locked stays locked.
    pub(super) fn is_inherited(&self) -> bool {
        !self.process.is_this()
    }

    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_deref().filter(|_| !self.is_inherited())
    }

    pub(super) fn flush(&self, deadline: Duration) -> Report {
        self.recorder()
            .map_or_else(nothing, |recorder| recorder.flush(deadline))
    }

    pub(super) fn shutdown(&self, deadline: Duration) -> Report {
        self.recorder()
            .map_or_else(nothing, |recorder| recorder.shutdown(deadline))
    }
}

/// The account where nothing is recorded.
fn nothing() -> Report {
    Report {
        complete: true,
        ..Report::default()
    }
}
