//! A first page and the log that begins in it: written by one thread, committed by one store.

use std::sync::Arc;

use super::page::{
    COMMITTED, Committed, DATA, FIRST_BYTES, HEAD, HEAD_WORDS, Kind, MORE_BYTES, MORE_DATA,
    MOST_LOG_BYTES, NEXT, Page, PageRef, STATE, State, put, store,
};
use super::sync::{Ordering, fence};
use super::{Pages, page};

/// A first page and the log that begins in it. Dropped, its pages go back to the pool.
#[derive(Debug)]
pub(super) struct Chain {
    pages: Arc<Pages>,
    first: Option<PageRef>,
    /// The other pages of the log, in their order.
    more: Vec<PageRef>,
    kind: Kind,
    state: State,
    is_open: bool,
    /// The log begins in the first page, not in the first of the others.
    begins_in_first: bool,
    /// Bytes that are committed.
    len: usize,
    /// Something was left out of the log, and counted.
    is_incomplete: bool,
}

impl Chain {
    pub(super) fn new(pages: Arc<Pages>, first: PageRef, kind: Kind) -> Self {
        let state = first
            .get()
            .map_or(0, |page| page[STATE].load(Ordering::Relaxed));
        Self {
            pages,
            first: Some(first),
            more: Vec::new(),
            kind,
            state: State(state),
            is_open: false,
            begins_in_first: true,
            len: 0,
            is_incomplete: false,
        }
    }

    pub(super) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn is_of(&self, pages: &Arc<Pages>) -> bool {
        Arc::ptr_eq(&self.pages, pages)
    }

    /// How long the log is.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Begins anew with `head` and a log of `bytes`, which appear together where the first page holds
    /// them.
    #[inline(always)]
    pub(super) fn begin(&mut self, head: [u64; HEAD_WORDS], bytes: &[u8]) {
        if !self.more.is_empty() {
            self.end();
        }
        let Some((page, number)) = self.first() else {
            return;
        };
        let changing = self.state.changing();
        let open = changing.open(self.kind);
        store(&page[STATE], changing.0, Ordering::Relaxed);
        // Who sees anything of what follows sees that it changed.
        fence(Ordering::Release);
        for (place, word) in page[HEAD..DATA].iter().zip(head) {
            store(place, word, Ordering::Relaxed);
        }
        let mut committed = Committed {
            first: number,
            len: 0,
        };
        if !bytes.is_empty() && bytes.len() <= FIRST_BYTES {
            put(&page[DATA..], 0, bytes);
            committed.len = u32::try_from(bytes.len()).unwrap_or(0);
        }
        store(&page[COMMITTED], committed.word(), Ordering::Relaxed);
        store(&page[STATE], open.0, Ordering::Release);
        self.state = open;
        self.is_open = true;
        self.begins_in_first = true;
        self.is_incomplete = false;
        self.len = 0;
        if bytes.len() <= FIRST_BYTES {
            self.len = bytes.len();
        } else {
            self.append(bytes);
        }
    }

    /// Commits `bytes` behind the others, all or none; whether there was room.
    #[inline]
    pub(super) fn append(&mut self, bytes: &[u8]) -> bool {
        let len = self.len + bytes.len();
        if len > FIRST_BYTES || !self.begins_in_first {
            return self.append_beyond(bytes);
        }
        let Some((page, first)) = self.first() else {
            return false;
        };
        put(&page[DATA..], self.len, bytes);
        self.commit(first, len)
    }

    /// Says that the log begins in page `first` and has `len` bytes.
    #[inline]
    fn commit(&mut self, first: u32, len: usize) -> bool {
        let (Some(page), Ok(committed)) = (
            self.first.as_ref().and_then(PageRef::get),
            u32::try_from(len),
        ) else {
            return false;
        };
        let committed = Committed {
            first,
            len: committed,
        };
        // Who sees the length sees the bytes.
        store(&page[COMMITTED], committed.word(), Ordering::Release);
        self.len = len;
        true
    }

    #[cold]
    fn append_beyond(&mut self, bytes: &[u8]) -> bool {
        let len = self.len + bytes.len();
        let in_first = if self.begins_in_first { FIRST_BYTES } else { 0 };
        let wanted = len.saturating_sub(in_first).div_ceil(MORE_BYTES);
        if len > MOST_LOG_BYTES || !self.extend(wanted) {
            return self.leave_out();
        }
        let at = self.len;
        if self.begins_in_first {
            let Some((page, first)) = self.first() else {
                return false;
            };
            let (here, beyond) = bytes.split_at(bytes.len().min(FIRST_BYTES.saturating_sub(at)));
            put(&page[DATA..], at, here);
            put_more(&self.more, at.saturating_sub(FIRST_BYTES), beyond);
            return self.commit(first, len);
        }
        put_more(&self.more, at, bytes);
        let first = self.more.first().map_or(0, PageRef::number);
        self.commit(first, len)
    }

    /// Makes it `wanted` pages beside the first, if there are as many.
    fn extend(&mut self, wanted: usize) -> bool {
        let missing = wanted.saturating_sub(self.more.len());
        if missing == 0 {
            return true;
        }
        let Some(pages) = self.pages.pages(missing) else {
            return false;
        };
        // The pages may have been another's until now: who sees what is written into them sees that
        // the other has let them go.
        fence(Ordering::Release);
        for page in pages {
            let last = self.more.last().or(self.first.as_ref());
            if let Some(last) = last.and_then(PageRef::get) {
                store(&last[NEXT], page.number().into(), Ordering::Relaxed);
            }
            self.more.push(page);
        }
        true
    }

    /// Replaces the log by `bytes`; it stays as it is where there is no room for both.
    #[cold]
    pub(super) fn rewrite(&mut self, bytes: &[u8]) {
        let fits_in_first = !self.begins_in_first && bytes.len() <= FIRST_BYTES;
        let wanted = if fits_in_first {
            0
        } else {
            bytes.len().div_ceil(MORE_BYTES).max(1)
        };
        let Some(pages) = self.pages.pages(wanted) else {
            return;
        };
        // As above; and the first page held the beginning of the log until it was moved away.
        fence(Ordering::Release);
        for (page, next) in pages.iter().zip(pages.iter().skip(1)) {
            if let Some(page) = page.get() {
                store(&page[NEXT], next.number().into(), Ordering::Relaxed);
            }
        }
        let Some((page, number)) = self.first() else {
            return;
        };
        let first = match pages.first() {
            Some(first) => {
                put_more(&pages, 0, bytes);
                first.number()
            }
            None => {
                put(&page[DATA..], 0, bytes);
                number
            }
        };
        let open = self.state.open(self.kind);
        if !self.commit(first, bytes.len()) {
            return;
        }
        // Who still reads the old log sees that it is gone before its pages are another's; who sees
        // this version sees the new log.
        if let Some((page, _)) = self.first() {
            store(&page[STATE], open.0, Ordering::Release);
        }
        self.state = open;
        self.begins_in_first = pages.is_empty();
        self.pages
            .give_back(std::mem::replace(&mut self.more, pages));
    }

    /// Ends what is open.
    #[inline]
    pub(super) fn end(&mut self) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        if let Some((page, _)) = self.first() {
            let closed = self.state.closed();
            // Who sees that it is gone sees what was done with it before.
            store(&page[STATE], closed.0, Ordering::Release);
            self.state = closed;
        }
        if !self.more.is_empty() {
            self.pages.give_back(self.more.drain(..));
        }
    }

    #[cold]
    fn leave_out(&mut self) -> bool {
        if !self.is_incomplete {
            self.is_incomplete = true;
            self.pages.count_untracked();
        }
        false
    }

    #[inline]
    fn first(&self) -> Option<(&Page, u32)> {
        let first = self.first.as_ref()?;
        Some((first.get()?, first.number()))
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.end();
        self.pages.give_back(self.first.take());
    }
}

/// Puts `bytes` from byte `at` on into pages that a log goes on in.
fn put_more(pages: &[PageRef], at: usize, bytes: &[u8]) {
    let mut at = at;
    let mut rest = bytes;
    while !rest.is_empty() {
        let within = at % MORE_BYTES;
        let (here, beyond) = rest.split_at(rest.len().min(MORE_BYTES - within));
        let Some(page) = pages.get(at / MORE_BYTES).and_then(PageRef::get) else {
            return;
        };
        page::put(&page[MORE_DATA..], within, here);
        at += here.len();
        rest = beyond;
    }
}
