//! A model call that is known by the bytes that go over the line alone: no attribute stands on any function.

use crate::provider::{Origin, provider_of, request_bytes, response_bytes};
use crate::recorder;

use super::answer::ended;
use super::asked;
use super::builder::callsite;
use super::chunks::Chunks;
use super::contents;
use super::current::SpanRef;
use super::detached::OpenSpan;
use super::model_facts;
use super::names;
use super::open;
use super::opening::Opening;
use super::operation::Operation;
use super::outcome::{End, Outcome};
use super::probe::failure_of;
use crate::sys::clock;

/// Most bytes of an answer that are kept until it is whole; of a larger one nothing is read.
const MOST_BYTES: usize = 16 << 20;
/// How the body of a streamed answer is called.
const STREAMS: [&str; 4] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/jsonl",
    "application/vnd.amazon.eventstream",
];

/// A model call, from its request to the end of the answer's body. Dropped before, it was left: cancelled
/// where there was no answer yet.
#[derive(Debug)]
pub(crate) struct ModelCall {
    /// None when it has ended.
    span: Option<OpenSpan>,
    operation: Operation,
    url: String,
    provider: String,
    /// What is said in the call is wanted as well.
    is_wanted: bool,
    answer: Answer,
}

/// How far the answer has come.
#[derive(Debug)]
enum Answer {
    None,
    Stream,
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        /// None where they are too many.
        bytes: Option<Vec<u8>>,
    },
}

impl ModelCall {
    /// Begins the span of a request to `url` with this body. None where nothing is recorded, where `provider`
    /// is not said and the host is nobody's that is known, and where the request is to no model.
    pub(crate) fn begin(url: &str, provider: Option<&str>, body: &[u8]) -> Option<Self> {
        let generation = recorder::active()?;
        let provider = provider.or_else(|| provider_of(url))?;
        let is_wanted = contents::are_wanted(None);
        let origin = Origin::default().url(url).provider(provider);
        let facts = request_bytes(body, &origin.content(is_wanted))?;
        let mut known = Operation::ALL.into_iter().filter(|known| known.has_model());
        let operation = known.find(|known| known.name() == facts.operation)?;
        let mut opening = Opening::new(callsite(operation));
        opening.set(names::PROVIDER, provider);
        opening.url(url);
        opening.contents().input_bytes = u64::try_from(body.len()).ok();
        asked::put(&mut opening, facts);
        Some(Self {
            span: Some(OpenSpan::new(open::enter(&mut opening, generation))),
            operation,
            url: url.to_owned(),
            provider: provider.to_owned(),
            is_wanted,
            answer: Answer::None,
        })
    }

    /// A handle of the span.
    pub(crate) fn handle(&mut self) -> SpanRef {
        self.span.as_mut().map(OpenSpan::handle).unwrap_or_default()
    }

    /// Takes in the head of the answer.
    pub(crate) fn answered<'a>(
        &mut self,
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let headers: Vec<_> = headers
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let is_stream = headers.iter().any(|(key, value)| {
            let kind = value.split(';').next().unwrap_or_default().trim();
            key.eq_ignore_ascii_case("content-type")
                && STREAMS.iter().any(|known| kind.eq_ignore_ascii_case(known))
        });
        if status < 400 && is_stream {
            self.answer = Answer::Stream;
            if let Some(frame) = self.span.as_mut().and_then(OpenSpan::frame) {
                frame.chunks = Some(Box::new(Chunks::since(frame.start)));
            }
            return;
        }
        self.answer = Answer::Whole {
            status,
            headers,
            bytes: Some(Vec::new()),
        };
    }

    /// Takes in a part of the answer's body.
    pub(crate) fn part(&mut self, part: &[u8]) {
        let Some(frame) = self.span.as_mut().and_then(OpenSpan::frame) else {
            return;
        };
        let contents = frame.contents.get_or_insert_default();
        let so_far = contents.output_bytes.unwrap_or(0);
        let more = u64::try_from(part.len()).unwrap_or(u64::MAX);
        contents.output_bytes = Some(so_far.saturating_add(more));
        match &mut self.answer {
            Answer::None => {}
            Answer::Stream => {
                if let Some(chunks) = &mut frame.chunks {
                    let provider = Some(self.provider.as_str());
                    chunks.read(provider, self.is_wanted, |reader| reader.bytes(part));
                    chunks.arrived(clock::now());
                }
            }
            Answer::Whole { bytes, .. } => match bytes {
                Some(kept) if kept.len().saturating_add(part.len()) <= MOST_BYTES => {
                    kept.extend_from_slice(part);
                }
                kept => *kept = None,
            },
        }
    }

    /// Ends the call: the answer's body has ended.
    pub(crate) fn end(mut self) {
        self.close(End::of(Outcome::Ok));
    }

    /// Ends the call with an error of the line.
    pub(crate) fn fail<E: std::fmt::Display + 'static>(mut self, error: &E) {
        if self.span.is_some() {
            self.close(End::failed(failure_of(error)));
        }
    }

    fn close(&mut self, end: End) {
        let Some(mut span) = self.span.take() else {
            return;
        };
        let mut end = end;
        if let Answer::Whole {
            status,
            headers,
            bytes,
        } = &self.answer
            && let Some(frame) = span.frame()
        {
            // What reading takes is none of the call's time.
            frame.over = Some(clock::now());
            let headers: Vec<_> = headers
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            let origin = Origin::default()
                .url(&self.url)
                .provider(&self.provider)
                .status(*status)
                .headers(&headers)
                .content(self.is_wanted);
            let bytes = bytes.as_deref().unwrap_or_default();
            if let Some(facts) = response_bytes(bytes, &origin) {
                frame.receive();
                model_facts::put_response(&mut frame.items, self.operation, &facts);
                if let Some(content) = facts.content {
                    frame.contents.get_or_insert_default().take(*content);
                }
                end = ended(end, facts.error);
            }
        }
        span.end_as(end);
    }
}

impl Drop for ModelCall {
    fn drop(&mut self) {
        let has_panicked = self.span.as_ref().is_some_and(OpenSpan::has_panicked);
        let Some(frame) = self.span.as_mut().and_then(OpenSpan::frame) else {
            return;
        };
        let is_done = frame
            .chunks
            .as_ref()
            .is_some_and(|chunks| chunks.are_done());
        let outcome = match &self.answer {
            _ if has_panicked => Outcome::Panicked,
            Answer::None => Outcome::Cancelled,
            Answer::Stream if is_done => Outcome::Ok,
            _ => Outcome::Abandoned,
        };
        self.close(End::of(outcome));
    }
}
