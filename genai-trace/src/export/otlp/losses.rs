//! What was lost on the way to the backend, until it is reported.

use std::fmt::Display;

use crate::export::ExportError;

/// How many items were lost, and one cause to say.
#[derive(Debug, Default)]
pub(super) struct Losses {
    items: u64,
    cause: Option<String>,
    /// The cause cost some.
    is_of_loss: bool,
}

impl Losses {
    /// So many are lost. The cause goes before whatever cost none.
    pub(super) fn lose(&mut self, items: u64, cause: impl Display) {
        if items == 0 {
            return self.note(cause);
        }
        self.items = self.items.saturating_add(items);
        if !self.is_of_loss {
            self.is_of_loss = true;
            self.cause = Some(cause.to_string());
        }
    }

    /// Something that cost none.
    pub(super) fn note(&mut self, cause: impl Display) {
        self.cause.get_or_insert_with(|| cause.to_string());
    }

    /// What is to be reported; nothing is left.
    pub(super) fn report(&mut self) -> Result<(), ExportError> {
        let losses = std::mem::take(self);
        match losses.cause {
            None => Ok(()),
            Some(cause) => Err(ExportError::of_some(losses.items, cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_that_cost_something_is_said_of_all_that_are_lost() {
        let mut losses = Losses::default();
        assert_eq!(losses.report(), Ok(()));
        losses.note("slow");
        losses.lose(0, "empty");
        losses.lose(3, "too old");
        losses.lose(4, "too new");
        assert_eq!(losses.report(), Err(ExportError::of_some(7, "too old")));
        assert_eq!(losses.report(), Ok(()));
    }
}
