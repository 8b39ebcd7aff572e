//! What went wrong while lines were written.

use std::fmt::Display;

use crate::export::ExportError;

/// What went wrong while lines were written: how many are lost, and one cause to say.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    lost_lines: u64,
    cause: Option<String>,
}

impl Trouble {
    /// So many lines are lost. The cause goes before whatever cost no line.
    pub(super) fn lose(&mut self, lines: usize, cause: impl Display) {
        if self.lost_lines == 0 {
            self.cause = None;
        }
        self.lost_lines += u64::try_from(lines).unwrap_or(u64::MAX);
        self.note(cause);
    }

    /// Something that cost no line.
    pub(super) fn note(&mut self, cause: impl Display) {
        self.cause.get_or_insert_with(|| cause.to_string());
    }

    pub(super) fn into_result(self) -> Result<(), ExportError> {
        match self.cause {
            None => Ok(()),
            Some(cause) => Err(ExportError::of_some(self.lost_lines, cause)),
        }
    }
}
