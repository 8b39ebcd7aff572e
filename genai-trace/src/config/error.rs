//! Why telemetry could not be installed.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::prices::PricesError;

/// Why telemetry could not be installed. The program runs on without it where it wants to.
#[derive(Debug)]
#[non_exhaustive]
pub enum InitError {
    /// There is telemetry already: one at a time, until it is shut down.
    AlreadyInstalled,
    /// The file for the traces cannot be opened.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An environment variable has a value that means nothing.
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// A setting in code has a value that means nothing.
    Setting {
        /// The method of the builder.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// The table of prices cannot be read, or says something that means nothing.
    Prices(PricesError),
    /// The folder for what survives a crash, or the black box in it, cannot be made.
    BlackBox {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A thread that writes cannot be started.
    Thread(io::Error),
    /// The server for the metrics cannot listen.
    #[cfg(feature = "serve")]
    Listen {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The signals cannot be watched.
    #[cfg(feature = "signals")]
    Signals(io::Error),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InitError::AlreadyInstalled => f.write_str(
                "telemetry is installed already: shut the first down before a second is installed",
            ),
            InitError::File { path, source } => {
                write!(f, "cannot open the traces file {path:?}: {source}")
            }
            InitError::Variable {
                name,
                value,
                expected,
            } => write!(f, "{name} is {value:?}: expected {expected}"),
            InitError::Setting {
                name,
                value,
                expected,
            } => write!(f, "{name}({value}): expected {expected}"),
            InitError::Prices(error) => error.fmt(f),
            InitError::BlackBox { path, source } => {
                write!(f, "cannot make a black box in {path:?}: {source}")
            }
            InitError::Thread(source) => {
                write!(f, "cannot start a thread that writes: {source}")
            }
            #[cfg(feature = "serve")]
            InitError::Listen { address, source } => {
                write!(f, "cannot serve metrics on {address:?}: {source}")
            }
            #[cfg(feature = "signals")]
            InitError::Signals(source) => write!(f, "cannot watch the signals: {source}"),
        }
    }
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            InitError::File { source, .. }
            | InitError::BlackBox { source, .. }
            | InitError::Thread(source) => Some(source),
            #[cfg(feature = "serve")]
            InitError::Listen { source, .. } => Some(source),
            #[cfg(feature = "signals")]
            InitError::Signals(source) => Some(source),
            InitError::Prices(error) => error.source(),
            _ => None,
        }
    }
}

impl From<PricesError> for InitError {
    fn from(error: PricesError) -> Self {
        InitError::Prices(error)
    }
}
