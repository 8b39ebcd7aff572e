//! The items of a span while they are written to.

use std::sync::Arc;

use super::places::Parked;
use super::{Local, with};
use crate::span::close::close_late;
use crate::span::frame::Frame;
use crate::span::ids::SpanId;
use crate::span::items::Items;
use crate::span::mailbox::Mailbox;

/// Works on the items of the span `id`. The items are taken out meanwhile, so that `work` may run
/// any code.
///
/// # Errors
/// `work` itself, where the span is not on this thread's stack.
pub(crate) fn edit<W: FnOnce(&mut Items)>(id: SpanId, work: W) -> Result<(), W> {
    match take_items_of(id) {
        Some(taken) => {
            taken.edit(work);
            Ok(())
        }
        None => Err(work),
    }
}

/// Works on the items of the innermost span, wherever they are; not at all outside any span.
pub(crate) fn edit_innermost(work: impl FnOnce(&mut Items)) {
    match take_items() {
        Some(Ok(taken)) => taken.edit(work),
        Some(Err(mailbox)) => mailbox.post(work),
        None => {}
    }
}

// Not generic, and so compiled once and not for each place where something is recorded.

fn take_items_of(id: SpanId) -> Option<Taken> {
    with(|local| local.frames.take_items_of(id)).flatten()
}

fn take_items() -> Option<Result<Taken, Arc<Mailbox>>> {
    with(|local| local.frames.take_items()).flatten()
}

/// Items that were taken out of a frame; dropped, also by a panic, they go back.
pub(super) struct Taken {
    number: usize,
    id: SpanId,
    items: Items,
}

impl Taken {
    /// The items of the span in `frame`, which stands in the place `number`.
    pub(super) fn out_of(number: usize, frame: &mut Frame) -> Self {
        frame.receive();
        frame.lent += 1;
        Self {
            number,
            id: frame.span_id,
            items: std::mem::take(&mut frame.items),
        }
    }

    fn edit(mut self, work: impl FnOnce(&mut Items)) {
        work(&mut self.items);
    }

    /// Puts the items back into `frame`.
    fn return_to(&mut self, frame: &mut Frame) {
        if !frame.items.is_untouched() {
            self.items.append(&frame.items);
        }
        frame.items = std::mem::take(&mut self.items);
        frame.show_items();
        frame.lent -= 1;
    }

    /// Puts the items back into a span that was left behind, or has ended meanwhile, and is written with them.
    #[cold]
    fn return_to_parked(&mut self, local: &mut Local) {
        if let Some((_, frame)) = local.frames.find_behind(self.id) {
            return self.return_to(frame);
        }
        let parked = &mut local.frames.parked;
        let position = parked
            .iter()
            .position(|parked| parked.frame.span_id == self.id);
        let Some(mut parked) = position.map(|position| parked.swap_remove(position)) else {
            return;
        };
        self.return_to(&mut parked.frame);
        let Parked { frame, end, now } = parked;
        match frame.lent {
            0 => close_late(&mut local.thread, frame, end, now),
            _ => local.frames.parked.push(Parked { frame, end, now }),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        with(|local| match local.frames.get_mut(self.number, self.id) {
            Some(frame) => self.return_to(frame),
            None => self.return_to_parked(local),
        });
    }
}
