//! What the numbers in entries and open spans stand for: callsites, label values, the process.
//!
//! Every number is written to the box before anything can refer to it: those that there are when
//! the box is made, and each new one where it is given out.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use crate::metrics::Symbol;
use crate::record::{Attributes, SpanKind};
use crate::recorder::in_flight::Log;
use crate::recorder::lock;
use crate::span::callsite::{self, Callsite};
use crate::span::items::{Items, torn};
use crate::span::operation::Operation;
use crate::span::value_bytes::{Bytes, push_str};

const CALLSITE: u8 = 1;
const SYMBOL: u8 = 2;
const RESOURCE: u8 = 3;

/// The names of one box.
#[derive(Debug)]
pub(super) struct Names(Mutex<Log>);

/// The boxes that want to hear of new names.
static LISTENING: Mutex<Vec<Weak<Names>>> = Mutex::new(Vec::new());

/// Keeps new names from the boxes; a fork does so.
pub(crate) fn hold() -> HeldNames {
    HeldNames(lock(&LISTENING))
}

/// Keeps new names from the boxes.
pub(crate) struct HeldNames(MutexGuard<'static, Vec<Weak<Names>>>);

impl HeldNames {
    /// The process is a child: the boxes are its parent's, and hear of nothing from here.
    pub(crate) fn leave_to_parent(&mut self) {
        mem::forget(mem::take(&mut *self.0));
    }
}

impl Names {
    /// Writes what there is to `log`, and from now on what is new.
    pub(super) fn listen(log: Log, resource: &[u8]) -> Arc<Self> {
        let names = Arc::new(Self(Mutex::new(log)));
        names.write(RESOURCE, |bytes| bytes.extend_from_slice(resource));
        {
            let mut listening = lock(&LISTENING);
            listening.retain(|names| names.strong_count() > 0);
            listening.push(Arc::downgrade(&names));
        }
        // What is new meanwhile is written twice, and so nothing is missed.
        callsite::each_registered(|number, callsite| names.callsite(number, callsite));
        crate::metrics::each_symbol(|symbol, text| names.symbol(symbol, text));
        names
    }

    fn callsite(&self, number: u32, callsite: &Callsite) {
        let mut attributes = Items::default();
        for (key, value) in callsite.attributes() {
            attributes.set_own(key, &crate::span::value_bytes::ValueRef::from(*value));
        }
        self.write(CALLSITE, |bytes| {
            bytes.extend_from_slice(&number.to_le_bytes());
            push_str(
                bytes,
                &operation_name(callsite.operation(), callsite.own_kind()),
            );
            push_str(bytes, callsite.subject());
            bytes.extend_from_slice(attributes.bytes());
        });
    }

    fn symbol(&self, symbol: Symbol, text: &str) {
        self.write(SYMBOL, |bytes| {
            bytes.extend_from_slice(&symbol.number().to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        });
    }

    fn write(&self, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = vec![tag, 0, 0, 0, 0];
        body(&mut bytes);
        let len = u32::try_from(bytes.len() - 5).unwrap_or(u32::MAX);
        if let Some(place) = bytes.get_mut(1..5) {
            place.copy_from_slice(&len.to_le_bytes());
        }
        // Where the box is full, the span is recovered without its name.
        lock(&self.0).append(&bytes);
    }
}

/// Tells every box of a callsite that gets its number now.
pub(crate) fn callsite_registered(number: u32, callsite: &Callsite) {
    each(|names| names.callsite(number, callsite));
}

/// Tells every box of a label value that gets its number now.
pub(crate) fn symbol_interned(symbol: Symbol, text: &str) {
    each(|names| names.symbol(symbol, text));
}

fn each(work: impl Fn(&Names)) {
    for names in lock(&LISTENING).iter().filter_map(Weak::upgrade) {
        work(&names);
    }
}

/// The operation in words: numbers may change from version to version.
fn operation_name(operation: Operation, kind: Option<SpanKind>) -> String {
    let suffix = KINDS.iter().find(|(known, _)| Some(*known) == kind);
    format!("{operation:?}{}", suffix.map_or("", |(_, suffix)| suffix))
}

/// What follows an operation whose spans have another kind than is usual: those that are done in this process,
/// where else they would leave it, and steps that leave it.
const KINDS: [(SpanKind, &str); 5] = [
    (SpanKind::Internal, " in process"),
    (SpanKind::Client, " as client"),
    (SpanKind::Server, " as server"),
    (SpanKind::Producer, " as producer"),
    (SpanKind::Consumer, " as consumer"),
];

/// One name, as it lies in the log.
#[derive(Debug, PartialEq)]
pub(in crate::recorder) enum Name<'a> {
    Callsite {
        number: u32,
        operation: Operation,
        /// Where it is not the one of the operation.
        kind: Option<SpanKind>,
        subject: &'a str,
        /// As the items of a span.
        attributes: &'a [u8],
    },
    Symbol(u32, &'a str),
    /// The attributes of the process, as JSON.
    Resource(&'a [u8]),
}

/// Goes through the names of a log; what is not understood is passed over.
pub(in crate::recorder) fn read(log: &[u8]) -> impl Iterator<Item = Name<'_>> {
    let mut rest = Bytes(log);
    std::iter::from_fn(move || next(&mut rest)).flatten()
}

/// Whether all names of a log are understood.
pub(in crate::recorder) fn is_whole(log: &[u8]) -> bool {
    let mut rest = Bytes(log);
    while !rest.0.is_empty() {
        let is_read = match next(&mut rest).flatten() {
            Some(Name::Callsite { attributes, .. }) => torn(attributes) == 0,
            Some(Name::Resource(json)) => serde_json::from_slice::<Attributes>(json).is_ok(),
            Some(Name::Symbol(..)) => true,
            None => false,
        };
        if !is_read {
            return false;
        }
    }
    true
}

/// The next name, if it is understood; none behind the last.
fn next<'a>(rest: &mut Bytes<'a>) -> Option<Option<Name<'a>>> {
    let tag = rest.u8()?;
    let len = usize::try_from(rest.u32()?).ok()?;
    Some(read_one(tag, Bytes(rest.take(len)?)))
}

fn read_one(tag: u8, mut body: Bytes<'_>) -> Option<Name<'_>> {
    Some(match tag {
        CALLSITE => {
            let number = body.u32()?;
            let word = body.text()?.to_str();
            let of_kind = KINDS
                .iter()
                .find_map(|(kind, suffix)| Some((*kind, word.strip_suffix(suffix)?)));
            let operation = of_kind.map_or(word, |(_, operation)| operation);
            Name::Callsite {
                number,
                operation: Operation::ALL
                    .into_iter()
                    .find(|known| operation_name(*known, None) == operation)?,
                kind: of_kind.map(|(kind, _)| kind),
                subject: body.text()?.to_str(),
                attributes: body.0,
            }
        }
        SYMBOL => Name::Symbol(body.u32()?, std::str::from_utf8(body.0).ok()?),
        RESOURCE => Name::Resource(body.0),
        _ => return None,
    })
}
