//! The spans that a thread is in, innermost last; and what else a thread keeps for itself.

use std::cell::RefCell;
use std::sync::Arc;

use super::context::SpanContext;
use super::frame::Frame;
use super::ids::{IdGenerator, SpanId};
use super::items::Items;
use crate::metrics::{Measures, SymbolCache};
use crate::recorder;
use crate::recorder::port::Port;

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
}

/// Buffers that ended spans leave for those that follow, at most so many a thread ...
const MAX_SPARES: usize = 16;
/// ... and none that a large value has blown up.
const MAX_SPARE_BYTES: usize = 16 * 1024;

/// What a thread keeps for itself.
pub(crate) struct Local {
    frames: Vec<Frame>,
    spares: Vec<Vec<u8>>,
    ids: Option<IdGenerator>,
    symbols: Option<SymbolCache>,
    port: Option<(u32, Arc<Port>)>,
}

impl Local {
    const fn new() -> Self {
        Self {
            frames: Vec::new(),
            spares: Vec::new(),
            ids: None,
            symbols: None,
            port: None,
        }
    }

    pub(crate) fn ids(&mut self) -> &mut IdGenerator {
        self.ids.get_or_insert_with(IdGenerator::new)
    }

    pub(crate) fn symbols(&mut self) -> &mut SymbolCache {
        self.symbols.get_or_insert_default()
    }

    /// The thread's port to the recorder with the number `generation`; none once that is gone.
    pub(crate) fn port(&mut self, generation: u32) -> Option<&Arc<Port>> {
        if self.port.as_ref().is_none_or(|(of, _)| *of != generation) {
            let recorder = recorder::current()?;
            if recorder.generation().get() != generation {
                return None;
            }
            self.port = Some((generation, recorder.open_port()));
        }
        self.port.as_ref().map(|(_, port)| port)
    }

    /// Enters a span.
    pub(crate) fn push(&mut self, frame: Frame) -> usize {
        self.frames.push(frame);
        self.frames.len() - 1
    }

    /// Leaves the span `id`, which was entered at `depth`; spans inside it that are still open stay.
    pub(crate) fn take(&mut self, depth: usize, id: SpanId) -> Option<Frame> {
        let index = self.find(depth, id)?;
        if index + 1 == self.frames.len() {
            return self.frames.pop();
        }
        Some(self.frames.remove(index))
    }

    /// What identifies the span `id` to others.
    pub(crate) fn context(&self, id: SpanId) -> Option<SpanContext> {
        let index = self.frames.iter().rposition(|frame| frame.span_id == id)?;
        self.frames.get(index).map(Frame::context)
    }

    /// The innermost span.
    pub(crate) fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    fn find(&self, depth: usize, id: SpanId) -> Option<usize> {
        if self
            .frames
            .get(depth)
            .is_some_and(|frame| frame.span_id == id)
        {
            return Some(depth);
        }
        // Guards that end out of order move the frames above them down.
        self.frames.iter().rposition(|frame| frame.span_id == id)
    }

    pub(crate) fn spare(&mut self) -> Vec<u8> {
        self.spares.pop().unwrap_or_default()
    }

    pub(crate) fn give_back(&mut self, items: Items) {
        let buffer = items.into_buffer();
        if (1..=MAX_SPARE_BYTES).contains(&buffer.capacity()) && self.spares.len() < MAX_SPARES {
            self.spares.push(buffer);
        }
    }
}

/// Works on what the thread keeps; none while the thread ends, or where that is at work already.
/// No code of the user may run inside, since it might come back here.
pub(crate) fn with<T>(work: impl FnOnce(&mut Local) -> T) -> Option<T> {
    LOCAL
        .try_with(|local| {
            local
                .try_borrow_mut()
                .ok()
                .map(|mut local| work(&mut local))
        })
        .ok()
        .flatten()
}

/// Works on the items of the span `id`, or of the innermost one. The items are taken out meanwhile,
/// so that `work` may run any code.
///
/// # Errors
/// `work` itself, where the span is not on this thread's stack.
pub(crate) fn edit<W: FnOnce(&mut Items)>(id: Option<SpanId>, work: W) -> Result<(), W> {
    let taken = with(|local| {
        let index = match id {
            Some(id) => local.frames.iter().rposition(|frame| frame.span_id == id)?,
            None => local.frames.len().checked_sub(1)?,
        };
        let frame = local.frames.get_mut(index)?;
        let id = frame.span_id;
        let mut items = std::mem::take(&mut frame.items);
        if items.is_untouched() {
            items = Items::reuse(local.spare());
        }
        Some((index, id, items))
    });
    let Some((index, id, mut items)) = taken.flatten() else {
        return Err(work);
    };
    work(&mut items);
    with(|local| {
        let index = local.find(index, id)?;
        let frame = local.frames.get_mut(index)?;
        if !frame.items.is_empty() {
            items.append(&frame.items);
        }
        frame.items = items;
        Some(())
    });
    Ok(())
}

/// Feeds measures that come without a span to the thread's cells.
pub(crate) fn record_measures(measures: &Measures<'_>) {
    let Some(generation) = recorder::active() else {
        return;
    };
    with(|local| {
        let port = Arc::clone(local.port(generation.get())?);
        let symbols = local.symbols();
        port.with_shard(|shard| measures.record_into(shard, symbols));
        Some(())
    });
}
