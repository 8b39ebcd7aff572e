//! What is wrong with a table of prices.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a table of prices.
#[derive(Debug)]
#[non_exhaustive]
pub enum PricesError {
    /// The file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no JSON.
    Json {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// The file says something that means nothing.
    Value {
        /// The file.
        path: PathBuf,
        /// Where in it, as in `prices[2].above[0].input`.
        place: String,
        /// What stands there.
        value: String,
        /// What is allowed.
        expected: String,
    },
}

impl fmt::Display for PricesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PricesError::File { path, source } => {
                write!(f, "cannot read the prices in {path:?}: {source}")
            }
            PricesError::Json { path, source } => {
                write!(f, "the prices in {path:?} are no json: {source}")
            }
            PricesError::Value {
                path,
                place,
                value,
                expected,
            } => write!(
                f,
                "the prices in {path:?} have {place} = {value}: expected {expected}"
            ),
        }
    }
}

impl std::error::Error for PricesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PricesError::File { source, .. } => Some(source),
            PricesError::Json { source, .. } => Some(source),
            PricesError::Value { .. } => None,
        }
    }
}

/// What is wrong with the text of a table.
#[derive(Debug)]
pub(super) enum Fault {
    Json(serde_json::Error),
    Value {
        place: String,
        value: String,
        expected: String,
    },
}

impl Fault {
    pub(super) fn within(self, path: &Path) -> PricesError {
        let path = path.to_owned();
        match self {
            Fault::Json(source) => PricesError::Json { path, source },
            Fault::Value {
                place,
                value,
                expected,
            } => PricesError::Value {
                path,
                place,
                value,
                expected,
            },
        }
    }
}
