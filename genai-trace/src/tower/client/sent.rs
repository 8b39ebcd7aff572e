//! The body of a request: where it may be that of a model call, what is at hand of it is looked at first.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Buf;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::model_calls::each_piece;

/// Most bytes of a request that are looked at before it is sent.
const MOST_BYTES: usize = 64 << 20;
/// In so many parts at most: some may be empty.
const MOST_PARTS: usize = 4096;

pin_project! {
    /// The body of a request, as it was given.
    pub struct SentBody<B>
    where
        B: Body,
    {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjected]
    enum Kind<B>
    where
        B: Body,
    {
        Unseen {
            #[pin]
            body: B,
        },
        Seen {
            seen: Box<Seen<B>>,
        },
    }
}

/// A body of which all that is at hand was taken.
struct Seen<B: Body> {
    /// What is still to come; none where nothing is.
    rest: Option<Pin<Box<B>>>,
    /// What is taken already, in its order.
    parts: VecDeque<B::Data>,
    trailers: Option<HeaderMap>,
    failed: Option<B::Error>,
}

impl<B: Body> SentBody<B> {
    pub(super) const fn new(body: B) -> Self {
        Self {
            kind: Kind::Unseen { body },
        }
    }

    /// The body with what is at hand of it taken.
    pub(super) fn seen(body: B) -> Self {
        let seen = Box::new(Seen::of(body));
        Self {
            kind: Kind::Seen { seen },
        }
    }

    /// All of the body, where it was at hand.
    pub(super) fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match &self.kind {
            Kind::Seen { seen } if seen.rest.is_none() && seen.failed.is_none() => seen.bytes(),
            _ => None,
        }
    }
}

impl<B: Body> Seen<B> {
    fn of(body: B) -> Self {
        let mut body = Box::pin(body);
        let mut seen = Self {
            rest: None,
            parts: VecDeque::new(),
            trailers: None,
            failed: None,
        };
        // Who is still to give something is asked again when it is sent, and then told who waits.
        let mut cx = Context::from_waker(Waker::noop());
        let mut bytes = 0_usize;
        while !body.is_end_stream() {
            let frame = match body.as_mut().poll_frame(&mut cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => {
                    seen.failed = Some(error);
                    break;
                }
                Poll::Ready(None) => break,
                Poll::Pending => {
                    seen.rest = Some(body);
                    break;
                }
            };
            match frame.into_data() {
                Ok(part) => {
                    bytes = bytes.saturating_add(part.remaining());
                    seen.parts.push_back(part);
                }
                Err(frame) => seen.trailers = frame.into_trailers().ok(),
            }
            if bytes > MOST_BYTES || seen.parts.len() > MOST_PARTS {
                seen.rest = Some(body);
                break;
            }
        }
        seen
    }

    fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        if let ([one], []) = self.parts.as_slices()
            && one.chunk().len() == one.remaining()
        {
            return Some(Cow::Borrowed(one.chunk()));
        }
        let mut bytes = Vec::new();
        let mut parts = self.parts.iter();
        let is_all = parts.all(|part| each_piece(part, |piece| bytes.extend_from_slice(piece)));
        is_all.then_some(Cow::Owned(bytes))
    }

    /// How many bytes are taken and not sent.
    fn len(&self) -> u64 {
        let parts = self.parts.iter().map(Buf::remaining);
        u64::try_from(parts.fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
    }
}

impl<B: Body> Body for SentBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let seen = match self.project().kind.project() {
            KindProjected::Unseen { body } => return body.poll_frame(cx),
            KindProjected::Seen { seen } => seen,
        };
        if let Some(part) = seen.parts.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if let Some(trailers) = seen.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        if let Some(error) = seen.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match &mut seen.rest {
            Some(rest) => rest.as_mut().poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Unseen { body } => body.is_end_stream(),
            Kind::Seen { seen } => {
                seen.parts.is_empty()
                    && seen.trailers.is_none()
                    && seen.failed.is_none()
                    && seen.rest.as_ref().is_none_or(|rest| rest.is_end_stream())
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let seen = match &self.kind {
            Kind::Unseen { body } => return body.size_hint(),
            Kind::Seen { seen } => seen,
        };
        let taken = seen.len();
        let rest = match &seen.rest {
            // Behind a body whose length is said no trailers are sent.
            None if seen.trailers.is_some() => SizeHint::default(),
            None => return SizeHint::with_exact(taken),
            Some(rest) => rest.size_hint(),
        };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(taken));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(taken)) {
            hint.set_upper(upper);
        }
        hint
    }
}

impl<B> Clone for SentBody<B>
where
    B: Body<Data: Clone, Error: Clone> + Clone,
{
    /// For who tries again.
    fn clone(&self) -> Self {
        let kind = match &self.kind {
            Kind::Unseen { body } => Kind::Unseen { body: body.clone() },
            Kind::Seen { seen } => Kind::Seen {
                seen: Box::new(Seen {
                    rest: seen.rest.as_deref().map(|rest| Box::pin(rest.clone())),
                    parts: seen.parts.clone(),
                    trailers: seen.trailers.clone(),
                    failed: seen.failed.clone(),
                }),
            },
        };
        Self { kind }
    }
}

impl<B: Body> fmt::Debug for SentBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentBody")
            .field("size", &self.size_hint())
            .finish_non_exhaustive()
    }
}
