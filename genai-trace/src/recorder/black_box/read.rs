//! Reading a black box from its file: of a process that has died, or of another that lives.
//!
//! Nothing that stands there is believed: every place and length is checked against the file.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;

use super::Written;
use super::file::to_u64;
use super::layout::{MAGIC, PartKind, VERSION, header, part};
use crate::recorder::in_flight::read::{self, Source};
use crate::recorder::in_flight::{
    CHUNK_BYTES, CHUNK_PAGES, Kind, PAGE_BYTES, PAGE_WORDS, SlotHead,
};

/// A file that is longer is no box: ours have 256 MiB at most.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// Parts begin where memory pages do, of which none have fewer bytes.
const LEAST_PAGE_BYTES: u64 = 4096;

/// A black box, read from its file.
#[derive(Debug)]
pub(in crate::recorder) struct BoxReader {
    file: File,
    header: [u64; header::WORDS],
    /// Where chunks of pages begin.
    chunks: Vec<u64>,
    /// Where the bytes of segments lie.
    segments: Vec<Range<u64>>,
    /// What is wrong with the parts: no process leaves them so, wherever it was killed.
    faults: Vec<String>,
    /// How many more pages may be read: each page belongs to one log, so more are read only where they
    /// have been made to look otherwise.
    budget: Cell<u64>,
}

/// Why a file is no box.
#[derive(Debug)]
pub(in crate::recorder) enum Unreadable {
    /// The box was never finished, and so nothing is in it.
    Unfinished,
    /// It is something else, or spoilt.
    Bad(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Unreadable::Bad(error.to_string())
    }
}

impl BoxReader {
    pub(in crate::recorder) fn open(file: File) -> Result<Self, Unreadable> {
        let len = file.metadata()?.len();
        let mut words = [0; header::WORDS];
        if len == 0 {
            return Err(Unreadable::Unfinished);
        }
        if len < to_u64(header::WORDS * 8) {
            let reason = format!("it has {len} bytes, fewer than a header");
            return Err(Unreadable::Bad(reason));
        }
        read_words(&file, 0, &mut words)?;
        let [magic, version, first_part, ..] = words;
        if magic == 0 && was_used(&file, &words, len)? {
            let reason = "its mark is gone, and there are spans in it";
            return Err(Unreadable::Bad(reason.to_owned()));
        }
        if magic == 0 {
            return Err(Unreadable::Unfinished);
        }
        if magic == MAGIC.swap_bytes() {
            let reason = "it was written by a machine of the other byte order";
            return Err(Unreadable::Bad(reason.to_owned()));
        }
        if magic != MAGIC {
            return Err(Unreadable::Bad("it is no black box".to_owned()));
        }
        if version != VERSION {
            return Err(Unreadable::Bad(format!(
                "its format is {version}, this version reads {VERSION}"
            )));
        }
        if len > MOST_BYTES {
            return Err(Unreadable::Bad(format!(
                "it has {len} bytes, {MOST_BYTES} are allowed"
            )));
        }
        let mut reader = Self {
            file,
            header: words,
            chunks: Vec::new(),
            segments: Vec::new(),
            faults: Vec::new(),
            budget: Cell::new(0),
        };
        reader.find_parts(first_part, len)?;
        reader.allow();
        Ok(reader)
    }

    fn find_parts(&mut self, first: u64, end: u64) -> io::Result<()> {
        let mut at = first;
        while at < end && end - at >= to_u64(part::BYTES) {
            let mut words = [0; part::WORDS];
            read_words(&self.file, at, &mut words)?;
            let [kind, len, committed, ..] = words;
            let room = end - at;
            let Some(kind) = PartKind::from_word(kind) else {
                // Behind the last part there may be one that was never finished: it has a length at most.
                if kind != 0 || committed != 0 || !self.is_empty(at + to_u64(part::BYTES), end)? {
                    self.faults
                        .push(format!("what lies from byte {at} on is no part of a box"));
                }
                break;
            };
            if len < to_u64(part::BYTES) || len > room {
                self.faults.push(format!(
                    "the part at byte {at} has {len} bytes, where {room} are left"
                ));
                break;
            }
            match kind {
                PartKind::Pages if len >= to_u64(CHUNK_BYTES) => self.chunks.push(at),
                PartKind::Pages => {
                    let fault =
                        format!("the pages at byte {at} have {len} bytes, which is too few");
                    self.faults.push(fault);
                }
                PartKind::Segment => {
                    let bytes = at + to_u64(part::BYTES);
                    let most = len - to_u64(part::BYTES);
                    if committed > most {
                        self.faults.push(format!(
                            "the segment at byte {at} says {committed} bytes, and has {most}"
                        ));
                    }
                    self.segments.push(bytes..bytes + committed.min(most));
                }
            }
            at += len;
        }
        if self.chunks.is_empty() && self.faults.is_empty() {
            // The names lie there, without which there is no box yet.
            self.faults.push("there are no pages in it".to_owned());
        }
        Ok(())
    }

    /// Whether nothing stands in these bytes of the file.
    fn is_empty(&self, from: u64, end: u64) -> io::Result<bool> {
        let mut bytes = vec![0; 64 * 1024];
        let mut at = from;
        while at < end {
            let len = usize::try_from(end - at).map_or(bytes.len(), |left| left.min(bytes.len()));
            let found = bytes.get_mut(..len).unwrap_or_default();
            self.file.read_exact_at(found, at)?;
            if found.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at += to_u64(len);
        }
        Ok(true)
    }

    /// What no process leaves so, wherever it was killed: parts that are none, and pages that say that there is
    /// something in them which cannot be read. What was overwritten by what could stand there is not among it.
    pub(in crate::recorder) fn faults(&self) -> io::Result<Vec<String>> {
        self.allow();
        let pages = self.pages_in_use()?.into_iter();
        let of_pages =
            pages.filter_map(|page| Some(format!("page {page} {}", read::fault(self, page)?)));
        Ok(self.faults.iter().cloned().chain(of_pages).collect())
    }

    pub(in crate::recorder) fn process_id(&self) -> u32 {
        u32::try_from(self.header(header::PROCESS_ID)).unwrap_or(0)
    }

    /// When the box was made: nanoseconds since 1970.
    pub(in crate::recorder) fn created(&self) -> u64 {
        self.header(header::CREATED)
    }

    /// When the process has last said that it lives: nanoseconds on its line of time.
    pub(in crate::recorder) fn last_seen(&self) -> u64 {
        self.header(header::LAST_SEEN)
    }

    /// No span of the box stands before this.
    pub(in crate::recorder) fn written(&self) -> Written {
        Written {
            device: self.header(header::DEVICE),
            inode: self.header(header::INODE),
            offset: self.header(header::OFFSET),
        }
    }

    fn header(&self, word: usize) -> u64 {
        self.header.get(word).copied().unwrap_or(0)
    }

    /// The entries of each segment, as bytes.
    pub(in crate::recorder) fn segments(&self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        self.segments.iter().map(|place| {
            let len = usize::try_from(place.end - place.start).unwrap_or(0);
            let mut bytes = vec![0; len];
            self.file.read_exact_at(&mut bytes, place.start)?;
            Ok(bytes)
        })
    }

    /// Every span that is open, with what was said of it.
    pub(in crate::recorder) fn open_spans(&self) -> io::Result<Vec<(SlotHead, Vec<u8>)>> {
        Ok(read::spans(self, self.pages_in_use()?.into_iter()))
    }

    /// The logs of names.
    pub(in crate::recorder) fn names(&self) -> io::Result<Vec<u8>> {
        Ok(self.logs(Kind::Names)?.concat())
    }

    /// The logs of `kind`.
    pub(in crate::recorder) fn logs(&self, kind: Kind) -> io::Result<Vec<Vec<u8>>> {
        self.allow();
        let pages = self.pages_in_use()?.into_iter();
        Ok(pages
            .filter_map(|page| read::log(self, page, kind))
            .collect())
    }

    /// Pages with anything in them: one reading of a chunk instead of one of each page.
    fn pages_in_use(&self) -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        for (chunk, at) in self.chunks.iter().enumerate() {
            let mut bytes = vec![0; CHUNK_BYTES];
            self.file.read_exact_at(&mut bytes, *at)?;
            let (pages, _) = bytes.as_chunks::<PAGE_BYTES>();
            for (index, page) in pages.iter().enumerate().skip(1) {
                let used = page.iter().take(8).any(|byte| *byte != 0);
                let number = u32::try_from(chunk * CHUNK_PAGES + index);
                found.extend(number.ok().filter(|_| used));
            }
        }
        Ok(found)
    }

    /// Allows what one reading of all logs needs, and the more that a living process causes.
    fn allow(&self) {
        let pages = to_u64(self.chunks.len() * CHUNK_PAGES);
        self.budget.set(pages.saturating_mul(4));
    }

    fn place(&self, page: u32, word: usize) -> Option<u64> {
        let page = usize::try_from(page).ok()?;
        let chunk = self.chunks.get(page / CHUNK_PAGES)?;
        Some(chunk + to_u64(page % CHUNK_PAGES * PAGE_BYTES + word * 8))
    }
}

impl Source for BoxReader {
    /// Each reading is a call of the system, and they follow one another.
    fn word(&self, page: u32, word: usize, _: Ordering) -> Option<u64> {
        let mut words = [0];
        read_words(&self.file, self.place(page, word)?, &mut words).ok()?;
        Some(words[0])
    }

    fn words(&self, page: u32, words: Range<usize>, out: &mut [u64]) -> Option<()> {
        self.budget.set(self.budget.get().checked_sub(1)?);
        if words.end > PAGE_WORDS {
            return None;
        }
        let out = out.get_mut(..words.len())?;
        read_words(&self.file, self.place(page, words.start)?, out).ok()
    }
}

/// Whether a box without a mark was one once: its process has said that it lives, or spans have ended in it. Before
/// there is a mark neither is so.
fn was_used(file: &File, header: &[u64; header::WORDS], len: u64) -> io::Result<bool> {
    if header.get(header::LAST_SEEN).is_some_and(|seen| *seen != 0) {
        return Ok(true);
    }
    let mut at = 0;
    while len.saturating_sub(at) >= to_u64(part::BYTES) {
        let mut kind = [0];
        read_words(file, at, &mut kind)?;
        if PartKind::from_word(kind[0]) == Some(PartKind::Segment) {
            return Ok(true);
        }
        at += LEAST_PAGE_BYTES;
    }
    Ok(false)
}

fn read_words(file: &File, at: u64, words: &mut [u64]) -> io::Result<()> {
    let mut bytes = [[0; 8]; PAGE_WORDS];
    let bytes = bytes.get_mut(..words.len()).unwrap_or_default();
    file.read_exact_at(bytes.as_flattened_mut(), at)?;
    for (word, bytes) in words.iter_mut().zip(bytes) {
        *word = u64::from_ne_bytes(*bytes);
    }
    Ok(())
}
