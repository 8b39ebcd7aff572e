//! Why a tool call failed.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::SandboxError;

/// Why a tool call failed; the text is written for the model that reads it.
#[derive(Debug)]
pub(crate) enum ToolError {
    UnknownTool(String),
    InvalidArguments(String),
    /// The path leads out of the workspace.
    Outside(String),
    Io {
        what: String,
        error: io::Error,
    },
    /// The file is no UTF-8 text.
    NotText {
        path: String,
    },
    /// The whole file is more than one call returns.
    TooLarge {
        path: String,
        bytes: u64,
        limit: u64,
    },
    TimeLimit {
        program: String,
        limit: Duration,
    },
    /// The tool itself panicked.
    Panicked,
}

impl ToolError {
    /// A short name of the kind of failure, for `error.type` and for the model.
    pub(crate) fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::UnknownTool(_) => "unknown_tool".into(),
            Self::InvalidArguments(_) => "invalid_arguments".into(),
            Self::Outside(_) => "outside_workspace".into(),
            Self::Io { error, .. } => format!("{:?}", error.kind()).into(),
            Self::NotText { .. } => "not_text".into(),
            Self::TooLarge { .. } => "too_large".into(),
            Self::TimeLimit { .. } => "time_limit".into(),
            Self::Panicked => "panicked".into(),
        }
    }

    /// What the model reads.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "error": { "type": self.kind(), "message": self.to_string() } })
    }

    /// Gives an I/O error the path it is about.
    pub(crate) fn io(path: &str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io {
            what: path.to_owned(),
            error,
        }
    }

    /// Gives a sandbox's error the program it is about.
    pub(crate) fn sandbox(program: &str) -> impl FnOnce(SandboxError) -> Self {
        move |error| match error {
            SandboxError::Io(error) => Self::Io {
                what: program.to_owned(),
                error,
            },
            SandboxError::TimeLimit(limit) => Self::TimeLimit {
                program: program.to_owned(),
                limit,
            },
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTool(name) => write!(f, "there is no tool `{name}`"),
            Self::InvalidArguments(why) => write!(f, "invalid arguments: {why}"),
            Self::Outside(path) => write!(f, "{path}: leads out of the workspace"),
            Self::Io { what, error } => write!(f, "{what}: {error}"),
            Self::NotText { path } => write!(f, "{path}: not a text file"),
            Self::TooLarge { path, bytes, limit } => write!(
                f,
                "{path}: {bytes} bytes, and one call returns a whole file of {limit} at most; \
                 ask for a part by from_line and lines"
            ),
            Self::TimeLimit { program, limit } => write!(f, "{program}: killed after {limit:?}"),
            Self::Panicked => write!(f, "the tool panicked"),
        }
    }
}

impl std::error::Error for ToolError {}
