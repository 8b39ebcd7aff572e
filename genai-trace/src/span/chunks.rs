//! The chunks of a streamed response: how many there were, and when they came.

use crate::metrics::ChunkGaps;
use crate::provider::{ChatFacts, Origin, StreamReader};

/// The chunks of a streamed response so far. Times are nanoseconds on the process's line.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// When the call was made.
    start: u64,
    count: u64,
    /// The span goes along with the stream: each value that it reads is one of these.
    is_followed: bool,
    /// From the call to the first chunk.
    first: Option<u64>,
    /// When the last one came; before the first, when the call was made.
    last: u64,
    gaps: ChunkGaps,
    /// From the call to the first chunk that held something generated.
    first_token: Option<u64>,
    /// The chunk that was just read is that one.
    is_first_token: bool,
    /// What was read from them.
    read: Option<Box<PartReader>>,
}

/// Reads the parts of a streamed answer.
#[derive(Debug, Default)]
pub(crate) struct PartReader {
    /// What parts have said that say it themselves.
    own: Option<ChatFacts>,
    reader: StreamReader,
}

impl PartReader {
    /// Takes in a part that says itself what it adds.
    pub(super) fn absorb(&mut self, facts: ChatFacts) {
        match &mut self.own {
            Some(own) => own.absorb(facts),
            own => *own = Some(facts),
        }
    }

    /// Takes in a part that is a piece of the body.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.reader.bytes(bytes);
    }

    /// Takes in a part that is JSON.
    pub(super) fn part(&mut self, body: &serde_json::Value) {
        self.reader.part(None, body);
    }

    /// What was said so far.
    fn facts(&self) -> Option<ChatFacts> {
        self.own.clone().or_else(|| self.reader.facts())
    }
}

impl Chunks {
    /// No chunk yet of a call that was made at `start`, and that goes along with its stream.
    pub(crate) fn since(start: u64) -> Self {
        Self {
            start,
            count: 0,
            is_followed: true,
            first: None,
            last: start,
            gaps: ChunkGaps::default(),
            first_token: None,
            is_first_token: false,
            read: None,
        }
    }

    /// Lets a chunk be read that is of `provider`, where that is known, and has just come; `content` asks for
    /// what it says as well.
    pub(super) fn read(
        &mut self,
        provider: Option<&str>,
        content: bool,
        read: impl FnOnce(&mut PartReader),
    ) {
        let reader = self.read.get_or_insert_with(|| {
            let mut origin = Origin::default().content(content);
            if let Some(provider) = provider {
                origin = origin.provider(provider);
            }
            let reader = StreamReader::new(&origin);
            Box::new(PartReader { own: None, reader })
        });
        let had_output = reader.reader.has_output();
        read(reader);
        self.is_first_token = !had_output && reader.reader.has_output();
    }

    /// What the chunks have said, of which no more will come; it is told once.
    pub(crate) fn facts(&mut self) -> Option<ChatFacts> {
        let mut read = self.read.take()?;
        read.reader.end();
        read.facts()
    }

    /// From the call to the first chunk that held something generated, in nanoseconds; none where none did.
    pub(crate) const fn first_token_ns(&self) -> Option<u64> {
        self.first_token
    }

    /// Whether they have said that they were the last.
    pub(super) fn are_done(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.reader.is_done())
    }

    /// Whether the span goes along with the stream.
    pub(super) const fn is_followed(&self) -> bool {
        self.is_followed
    }

    /// They came to a call inside this one, which returns something else.
    pub(super) const fn of_inner_call(&mut self) {
        self.is_followed = false;
    }

    /// Takes over when the first token came to a call inside this one, which streams it on as something else.
    pub(super) fn first_token_of(&mut self, inner: &Self) {
        let earlier = inner.start.saturating_sub(self.start);
        let first = inner
            .first_token
            .map(|waited| waited.saturating_add(earlier));
        self.first_token = self.first_token.or(first);
    }

    /// Counts a chunk that came at `now`.
    pub(crate) fn arrived(&mut self, now: u64) {
        if std::mem::take(&mut self.is_first_token) {
            self.first_token = Some(now.saturating_sub(self.start));
        }
        let waited = now.saturating_sub(self.last);
        self.last = now.max(self.last);
        self.count += 1;
        match self.first {
            None => self.first = Some(waited),
            Some(_) => self.gaps.record(waited),
        }
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// From the call to the first chunk, in nanoseconds; none where none came.
    pub(crate) const fn first_ns(&self) -> Option<u64> {
        self.first
    }

    /// The times between one chunk and the next.
    pub(crate) const fn gaps(&self) -> &ChunkGaps {
        &self.gaps
    }
}
