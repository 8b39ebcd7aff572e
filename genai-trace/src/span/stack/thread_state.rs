//! What a thread needs to begin and end spans.

use std::sync::Arc;

use crate::metrics::SymbolCache;
use crate::recorder;
use crate::recorder::port::Port;
use crate::span::capture::Capture;
use crate::span::frame::Frame;
use crate::span::ids::IdGenerator;
use crate::span::mailbox::Mailbox;

/// Frames and mailboxes that ended spans leave for those that follow, at most so many a thread.
const MAX_SPARES: usize = 64;

/// What a thread needs to begin and end spans.
#[allow(clippy::vec_box)]
pub(in crate::span) struct ThreadState {
    /// The frame of the span that ended last.
    spare: Option<Box<Frame>>,
    spares: Vec<Box<Frame>>,
    pub(super) ids: Option<IdGenerator>,
    symbols: Option<SymbolCache>,
    port: Option<(u32, Arc<Port>)>,
    /// Mailboxes that no handle knows any more.
    mailboxes: Vec<Arc<Mailbox>>,
    /// The test that the thread runs.
    pub(in crate::span) capture: Option<Arc<Capture>>,
}

impl ThreadState {
    pub(super) const fn new() -> Self {
        Self {
            spare: None,
            spares: Vec::new(),
            ids: None,
            symbols: None,
            port: None,
            mailboxes: Vec::new(),
            capture: None,
        }
    }

    #[inline]
    pub(in crate::span) fn ids(&mut self) -> &mut IdGenerator {
        self.ids.get_or_insert_with(IdGenerator::new)
    }

    #[inline]
    pub(in crate::span) fn symbols(&mut self) -> &mut SymbolCache {
        self.symbols.get_or_insert_default()
    }

    /// The thread's port to the recorder with the number `generation`; none once that is gone.
    #[inline]
    pub(in crate::span) fn port(&mut self, generation: u32) -> Option<&Port> {
        if self.port.as_ref().is_none_or(|(of, _)| *of != generation) {
            self.port = Some((generation, open_port(generation)?));
        }
        self.port.as_ref().map(|(_, port)| &**port)
    }

    /// The port that was asked for last.
    #[inline]
    pub(in crate::span) fn open_port(&self) -> Option<&Port> {
        self.port.as_ref().map(|(_, port)| &**port)
    }

    /// A frame for a span that begins. It is filled where it lies, and only its pointer moves: to the
    /// stack, to a future and back.
    #[inline]
    pub(in crate::span) fn frame(&mut self) -> Box<Frame> {
        match self.spare.take() {
            Some(spare) => spare,
            None => self.frame_from_further_back(),
        }
    }

    #[cold]
    fn frame_from_further_back(&mut self) -> Box<Frame> {
        self.spares.pop().unwrap_or_else(|| Box::new(Frame::new()))
    }

    #[inline]
    pub(in crate::span) fn mailbox(&mut self) -> Arc<Mailbox> {
        self.mailboxes.pop().unwrap_or_default()
    }

    /// Keeps the mailbox of a span that has ended, unless a handle still knows it.
    pub(in crate::span) fn give_back_mailbox(&mut self, mut mailbox: Arc<Mailbox>) {
        if self.mailboxes.len() < MAX_SPARES
            && let Some(unknown) = Arc::get_mut(&mut mailbox)
        {
            unknown.reopen();
            self.mailboxes.push(mailbox);
        }
    }

    #[inline]
    fn keep_spare(&mut self, frame: Box<Frame>) {
        match self.spare {
            None => self.spare = Some(frame),
            Some(_) => self.keep_further_back(frame),
        }
    }

    #[cold]
    fn keep_further_back(&mut self, frame: Box<Frame>) {
        if self.spares.len() < MAX_SPARES {
            self.spares.push(frame);
        }
    }

    /// Keeps the frame of a span that has ended.
    #[inline]
    pub(in crate::span) fn give_back(&mut self, mut frame: Box<Frame>) {
        frame.recycle();
        self.keep_spare(frame);
    }
}

#[cold]
fn open_port(generation: u32) -> Option<Arc<Port>> {
    let recorder = recorder::current()?;
    (recorder.generation().get() == generation).then(|| recorder.open_port())
}
