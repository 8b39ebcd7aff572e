//! Reading what is open, while it is written to or after its process has died.

use std::ops::Range;

use super::page::{
    COMMITTED, Committed, DATA, FIRST_BYTES, HEAD, HEAD_WORDS, Kind, MORE_BYTES, MORE_DATA,
    MOST_LOG_BYTES, NEXT, PAGE_WORDS, STATE, State, get,
};
use super::slot::IDS;
use super::sync::{Ordering, fence};
use super::{Pages, SlotHead, page as layout};
use crate::order;

/// How often a page is read again that changes under the reader's eyes. What changes more often is
/// gone by the time that anybody hears of it.
const TRIES: usize = if cfg!(loom) { 2 } else { 100 };

/// Pages that can be read: in memory, or in a file.
pub(crate) trait Source {
    /// A word of a page, no later than all that is read after it, where `order` says so.
    fn word(&self, page: u32, word: usize, order: Ordering) -> Option<u64>;

    /// Fills the front of `out` with `words` of a page.
    fn words(&self, page: u32, words: Range<usize>, out: &mut [u64]) -> Option<()>;
}

impl Source for Pages {
    fn word(&self, page: u32, word: usize, order: Ordering) -> Option<u64> {
        Some(self.at(page)?.get(word)?.load(order))
    }

    fn words(&self, page: u32, words: Range<usize>, out: &mut [u64]) -> Option<()> {
        for (place, word) in out.iter_mut().zip(self.at(page)?.get(words)?) {
            *place = word.load(Ordering::Relaxed);
        }
        Some(())
    }
}

/// The span that is open in `page`, and the items that were said of it.
pub(crate) fn span(source: &impl Source, page: u32) -> Option<(SlotHead, Vec<u8>)> {
    let (head, items) = read(source, page, Kind::Span)?;
    Some((SlotHead::from_words(head)?, items))
}

/// The spans that are open in `pages`, each with all that was said of it: by others last.
pub(crate) fn spans(
    source: &impl Source,
    pages: impl Iterator<Item = u32>,
) -> Vec<(SlotHead, Vec<u8>)> {
    let (mut open, mut letters) = (Vec::new(), Vec::new());
    for page in pages {
        match span(source, page) {
            Some(found) => open.push(found),
            None => letters.extend(read(source, page, Kind::Letters)),
        }
    }
    // A span that takes over what one log holds lets go of it afterwards: meanwhile the next may lie in a
    // page before it.
    order::sort_by_key(&mut letters, |([number, ..], _)| *number);
    for (_, letter) in letters {
        let Some((ids, said)) = letter.split_first_chunk::<IDS>() else {
            continue;
        };
        let of = |head: &SlotHead| ids == &head.ids();
        if let Some((_, items)) = open.iter_mut().find(|(head, _)| of(head)) {
            items.extend_from_slice(said);
        }
    }
    open
}

/// The bytes of the log of `kind` that begins in `page`.
pub(crate) fn log(source: &impl Source, page: u32, kind: Kind) -> Option<Vec<u8>> {
    read(source, page, kind).map(|(_, bytes)| bytes)
}

/// What is wrong with a page that nobody writes any more: a kill leaves none that is in no state at all, or
/// open and not to be read.
pub(crate) fn fault(source: &impl Source, page: u32) -> Option<&'static str> {
    if layout::place(page).1 == 0 {
        return None;
    }
    let Some(state) = source.word(page, STATE, Ordering::Relaxed).map(State) else {
        return Some("cannot be read");
    };
    if !state.is_possible() {
        return Some("is in no state that there is");
    }
    let kind = state.kind()?;
    match contents(source, page) {
        None => Some("has a log that cannot be read to its end"),
        Some((head, _)) if kind == Kind::Span && SlotHead::from_words(head).is_none() => {
            Some("has a span without ids")
        }
        Some(_) => None,
    }
}

fn read(source: &impl Source, page: u32, kind: Kind) -> Option<([u64; HEAD_WORDS], Vec<u8>)> {
    if layout::place(page).1 == 0 {
        return None;
    }
    for _ in 0..TRIES {
        let state = State(source.word(page, STATE, Ordering::Acquire)?);
        if state.is_changing() {
            std::hint::spin_loop();
            continue;
        }
        if !state.is_open(kind) {
            return None;
        }
        let found = contents(source, page);
        fence(Ordering::Acquire);
        if state.0 == source.word(page, STATE, Ordering::Relaxed)? {
            return found;
        }
    }
    None
}

/// What the page and its log hold, if they do not change meanwhile.
fn contents(source: &impl Source, page: u32) -> Option<([u64; HEAD_WORDS], Vec<u8>)> {
    let committed = Committed::from_word(source.word(page, COMMITTED, Ordering::Acquire)?);
    let mut head = [0; HEAD_WORDS];
    source.words(page, HEAD..DATA, &mut head)?;
    let mut bytes = Vec::new();
    let mut left = usize::try_from(committed.len).ok()?;
    if left > MOST_LOG_BYTES {
        return None;
    }
    let mut here = committed.first;
    let (mut data, mut room) = match here == page {
        true => (DATA, FIRST_BYTES),
        false => (MORE_DATA, MORE_BYTES),
    };
    while left > 0 {
        let len = left.min(room);
        let mut words = [0; PAGE_WORDS];
        source.words(here, data..data + len.div_ceil(8), &mut words)?;
        get(&words, len, &mut bytes);
        left -= len;
        if left > 0 {
            here = u32::try_from(source.word(here, NEXT, Ordering::Relaxed)?).ok()?;
            (data, room) = (MORE_DATA, MORE_BYTES);
        }
    }
    Some((head, bytes))
}
