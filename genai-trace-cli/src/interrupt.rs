//! The end of commands that go on by themselves.

use std::io;

/// Waits until somebody wants an end of it.
pub(crate) async fn interrupted() -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot wait for signals: {error}");
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(failed),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}
