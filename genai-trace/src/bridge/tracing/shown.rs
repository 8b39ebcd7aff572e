//! Our spans as spans of `tracing`, for every subscriber to see.
//!
//! Each has metadata of its own [kind](callsite), since names and fields are fixed there when a program is compiled
//! and ours are said while it runs. What calls a subscriber is in [`calls`].

mod calls;
pub(crate) mod callsite;
mod values;

use std::borrow::Cow;
use std::panic::RefUnwindSafe;
use std::sync::{Arc, Weak};

use ::tracing_core::dispatcher;
use ::tracing_core::span::{Attributes, Id, Record};
use ::tracing_core::{Dispatch, Metadata};

pub(super) use self::calls::{is_calling, span_of, told_of, unshown};
use self::callsite::SpanCallsite;
use self::values::Values;
use crate::record::Value;
use crate::span::current::SpanRef;
use crate::span::ids::{SpanId, TraceId};
use crate::span::names;
use crate::span::outcome::{End, Outcome};

/// The target of all of them.
const TARGET: &str = "genai_trace";

/// What is shown of a span.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) name: String,
    /// The word for the operation, where there are too many names.
    pub(crate) general_name: &'static str,
    pub(crate) attributes: Vec<(String, Value)>,
    /// The span itself, which is not shown yet.
    pub(crate) span: SpanRef,
}

/// Where a span is shown.
#[derive(Debug)]
pub(crate) enum Place {
    /// Inside what the thread is in.
    Inside,
    /// Inside nothing.
    Root,
    /// Inside another, which the thread enters for that: only so it does not matter whose subscriber knows it.
    Below(Shown),
}

/// That a span is shown; closed there when nobody knows it any more, neither the span itself nor a handle of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown(Option<Arc<ShownSpan>>);

/// A span that is shown, at its end.
#[derive(Debug)]
pub(crate) struct Ended {
    shown: Shown,
    /// The kind of the error, where it ended with one.
    error_type: Option<Cow<'static, str>>,
}

/// How a span that is shown is known to contexts of ours, which do not keep it open.
#[derive(Clone, Debug)]
pub(crate) struct Faint(Option<Weak<ShownSpan>>);

/// A span of `tracing` that stands for one of ours.
#[derive(Debug)]
struct ShownSpan {
    /// Who was told that it began, and is told all else.
    dispatch: Dispatch,
    id: Id,
    /// What it stands for.
    ids: Option<(TraceId, SpanId)>,
    metadata: &'static Metadata<'static>,
}

// A panic of a subscriber's is caught where it is called.
impl RefUnwindSafe for ShownSpan {}

impl Shown {
    pub(crate) const NONE: Self = Self(None);

    /// Shows a span to the subscriber of this thread; none where it does not want to see it.
    pub(crate) fn new(facts: &Facts, place: Place) -> Self {
        let values = Values::of(facts);
        let Some(callsite) = calls::anew(|| SpanCallsite::of(facts, &values)) else {
            return Self::NONE;
        };
        let metadata = callsite.metadata();
        let ids = facts.span.trace_id().zip(facts.span.span_id());
        let began = || {
            dispatcher::get_default(|dispatch| {
                let is_wanted = callsite.is_wanted_by(dispatch);
                is_wanted.then(|| begin(dispatch, metadata, &values, &place, ids))?
            })
        };
        let parent = match &place {
            Place::Below(parent) => parent.clone(),
            _ => Self::NONE,
        };
        let is_inside = parent.enter();
        let shown = calls::making(metadata, &facts.span, began);
        if is_inside {
            parent.exit();
        }
        Self(shown.flatten().map(Arc::new))
    }

    pub(crate) const fn is_some(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    pub(crate) fn faint(&self) -> Faint {
        Faint(self.0.as_ref().map(Arc::downgrade))
    }

    /// The thread is in the span from now on; whether it is to leave it again.
    pub(crate) fn enter(&self) -> bool {
        let Some(shown) = self.0.as_ref().filter(|_| !is_calling()) else {
            return false;
        };
        shown.tell(|dispatch, id| dispatch.enter(id));
        // A subscriber that panicked may have been half-way.
        true
    }

    /// The thread leaves the span.
    pub(crate) fn exit(&self) {
        if let Some(shown) = self.0.as_ref().filter(|_| !is_calling()) {
            shown.tell(|dispatch, id| dispatch.exit(id));
        }
    }

    /// Takes it out of a span that ends so.
    pub(crate) fn take_at(&mut self, end: &End) -> Ended {
        let shown = self.take();
        let error_type = match (&shown.0, &end.failure) {
            (Some(_), Some(failure)) => Some(failure.error_type.clone()),
            (Some(_), None) if end.outcome == Outcome::Panicked => Some(Cow::Borrowed("panic")),
            (Some(_), None) if end.outcome.is_error() => Some(Cow::Borrowed("_OTHER")),
            _ => None,
        };
        Ended { shown, error_type }
    }
}

impl Ended {
    /// Leaves the span, which this thread was in, and says how it ended.
    pub(crate) fn leave(self) {
        self.shown.exit();
        self.tell();
    }

    /// Says how the span ended.
    pub(crate) fn tell(self) {
        if let (Some(shown), Some(error_type)) = (&self.shown.0, &self.error_type) {
            shown.fail(error_type);
        }
    }
}

impl Faint {
    pub(crate) const NONE: Self = Self(None);

    /// The span, as long as it is open.
    pub(crate) fn shown(&self) -> Shown {
        Shown(self.0.as_ref().and_then(Weak::upgrade))
    }
}

impl ShownSpan {
    /// Tells its subscriber something of it. That is the thread's own meanwhile: a registry of
    /// `tracing-subscriber` closes what it is done with by the thread's, whichever that is.
    fn tell(&self, call: impl FnOnce(&Dispatch, &Id)) {
        let Self { dispatch, id, .. } = self;
        calls::about(self.ids, || {
            dispatcher::with_default(dispatch, || call(dispatch, id));
        });
    }

    fn fail(&self, kind: &str) {
        let fields = self.metadata.fields();
        if let Some(field) = fields.field(names::ERROR_TYPE) {
            let value: &dyn ::tracing_core::field::Value = &kind;
            let values = [(&field, Some(value))];
            let values = fields.value_set(&values);
            self.tell(|dispatch, id| dispatch.record(id, &Record::new(&values)));
        }
    }
}

impl Drop for ShownSpan {
    fn drop(&mut self) {
        self.tell(|dispatch, id| {
            dispatch.try_close(id.clone());
        });
    }
}

fn begin(
    dispatch: &Dispatch,
    metadata: &'static Metadata<'static>,
    values: &Values,
    place: &Place,
    ids: Option<(TraceId, SpanId)>,
) -> Option<ShownSpan> {
    let id = values.with(metadata, |values| match place {
        Place::Root => dispatch.new_span(&Attributes::new_root(metadata, values)),
        _ => dispatch.new_span(&Attributes::new(metadata, values)),
    })?;
    Some(ShownSpan {
        dispatch: dispatch.clone(),
        id,
        ids,
        metadata,
    })
}
