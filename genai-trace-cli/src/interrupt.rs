//! The end of commands that go on by themselves.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, ctrl_c};

/// Waits until somebody wants an end of it.
#[derive(Debug)]
pub(crate) struct Interrupt {
    #[cfg(unix)]
    signals: [Signal; 2],
    #[cfg(windows)]
    signal: CtrlC,
}

impl Interrupt {
    /// From now on a signal is waited for, rather than the end of the program. In a runtime only.
    pub(crate) fn new() -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("cannot wait for signals: {error}");
        #[cfg(unix)]
        let interrupt = Self {
            signals: [
                signal(SignalKind::interrupt()).map_err(failed)?,
                signal(SignalKind::terminate()).map_err(failed)?,
            ],
        };
        #[cfg(windows)]
        let interrupt = Self {
            signal: ctrl_c().map_err(failed)?,
        };
        Ok(interrupt)
    }

    pub(crate) async fn wait(mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(windows)]
        self.signal.recv().await;
    }
}
