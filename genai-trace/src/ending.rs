//! How telemetry goes along when the process [exits](exit), [forks](fork) or is told by a
//! [signal](signals) to end.

use std::io;

pub(crate) mod exit;
mod fork;
#[cfg(feature = "signals")]
pub(crate) mod signals;

/// From now on the process neither exits nor forks without the recorder knowing of it.
///
/// # Errors
/// There is no memory to note it.
pub(crate) fn follow_process() -> io::Result<()> {
    exit::follow();
    fork::follow()
}
