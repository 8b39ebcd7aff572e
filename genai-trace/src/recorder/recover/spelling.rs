//! A span of another process, spelt out: the numbers in it are that process's.

use std::sync::LazyLock;

use crate::export::jsonl::resource_json;
use crate::export::view::SpanView;
use crate::order;
use crate::record::SpanKind;
use crate::recorder::black_box::names::{self, Name};
use crate::recorder::entry::Header;
use crate::span::callsite::Callsite;
use crate::span::items::{Item, ItemIter, Items, replayed};
use crate::span::measure::belongs_to_agents;
use crate::span::operation::Operation;

/// Longest attributes of one callsite, in bytes; what is longer was not written by a compiler.
const MOST_STATIC_BYTES: usize = 64 * 1024;

/// A callsite for each operation that says nothing more: what the source says goes into the span.
static BARE: LazyLock<[Callsite; Operation::ALL.len()]> =
    LazyLock::new(|| Operation::ALL.map(|operation| Callsite::new(operation, "").with(&[])));

/// The same of spans of another kind than is usual for the operation, in the order of `SpanKind`.
static BARE_OF_KIND: LazyLock<[[Callsite; Operation::ALL.len()]; 5]> = LazyLock::new(|| {
    let kinds = [
        SpanKind::Internal,
        SpanKind::Client,
        SpanKind::Server,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    kinds.map(|kind| {
        Operation::ALL.map(|operation| Callsite::new(operation, "").with(&[]).of_kind(kind))
    })
});

/// What the source says of a span.
#[derive(Debug)]
struct Source {
    operation: Operation,
    kind: Option<SpanKind>,
    /// The rest, as the items of a span.
    said: Vec<u8>,
}

/// What the numbers of another process stand for.
#[derive(Debug)]
pub(crate) struct Spelling {
    /// By their numbers; of two with the same the last one holds.
    callsites: Vec<(u32, Source)>,
    symbols: Vec<(u32, String)>,
    /// As JSON, which recovered lines end with.
    resource: Vec<u8>,
}

impl Spelling {
    /// What the log of names in a black box says.
    pub(crate) fn read(log: &[u8]) -> Self {
        let mut spelling = Self {
            callsites: Vec::new(),
            symbols: Vec::new(),
            resource: b"{}".to_vec(),
        };
        for name in names::read(log) {
            match name {
                Name::Callsite {
                    number,
                    operation,
                    kind,
                    subject,
                    attributes,
                } => {
                    let source = Source {
                        operation,
                        kind,
                        said: said_by_source(operation, subject, attributes),
                    };
                    spelling.callsites.push((number, source));
                }
                Name::Symbol(number, text) => {
                    spelling.symbols.push((number, text.to_owned()));
                }
                Name::Resource(json) => {
                    // Written anew: a line is to be whole whatever stands there.
                    if let Ok(known) = serde_json::from_slice(json) {
                        spelling.resource = resource_json(&known);
                    }
                }
            }
        }
        order::sort_by_key(&mut spelling.callsites, |(number, _)| *number);
        order::sort_by_key(&mut spelling.symbols, |(number, _)| *number);
        spelling
    }

    /// What is known of the process, as JSON.
    pub(crate) fn resource(&self) -> &[u8] {
        &self.resource
    }

    /// The span of `header` of which `said` was said; `items` is where all that is said of it goes.
    pub(crate) fn view<'a>(
        &'a self,
        header: Header,
        said: &[u8],
        items: &'a mut Vec<u8>,
    ) -> SpanView<'a> {
        let known = find(&self.callsites, header.callsite);
        let operation = known.map_or(Operation::Step, |known| known.operation);
        items.clear();
        if let Some(Source {
            said: by_source, ..
        }) = known
        {
            match kept_of_source(said) {
                None => items.extend_from_slice(by_source),
                Some(kept) => keep_of_source(by_source, said, operation, kept, items),
            }
        }
        items.extend_from_slice(said);
        *items = replayed(items);
        let agent = belongs_to_agents(operation)
            .then(|| find(&self.symbols, header.agent.number()))
            .flatten();
        let kind = known.and_then(|known| known.kind);
        let bare = kind.and_then(|kind| BARE_OF_KIND.get(kind as usize));
        let bare = bare.unwrap_or(&BARE);
        let [first, ..] = bare;
        let callsite = bare.get(operation.index()).unwrap_or(first);
        SpanView {
            header,
            callsite,
            items,
            agent: agent.map(String::as_str),
        }
    }
}

/// What stands for `number`.
fn find<T>(known: &[(u32, T)], number: u32) -> Option<&T> {
    let end = known.partition_point(|(known, _)| *known <= number);
    let (found, what) = known.get(end.checked_sub(1)?)?;
    (*found == number).then_some(what)
}

/// The subject and the attributes of a callsite as items, as if they had been said first.
fn said_by_source(operation: Operation, subject: &str, attributes: &[u8]) -> Vec<u8> {
    let mut items = Items::default();
    let subject_key = operation.subject_key();
    match subject_key {
        _ if subject.is_empty() => {}
        Some(key) => items.set_own(key, subject),
        None => items.subject(subject),
    }
    let attributes = attributes.get(..MOST_STATIC_BYTES).unwrap_or(attributes);
    for item in ItemIter::new(attributes) {
        if let Item::Attribute(key, value) = item
            && subject_key != Some(key.to_str())
        {
            items.set_own(key.to_str(), &value);
        }
    }
    items.bytes().to_vec()
}

/// How many attributes of the source the limits have kept, where they have cut any.
fn kept_of_source(said: &[u8]) -> Option<usize> {
    ItemIter::new(said).find_map(|item| match item {
        Item::Source(kept) => Some(kept),
        _ => None,
    })
}

/// Puts the subject and the first `kept` attributes of the source that were not said again into `out`.
fn keep_of_source(
    by_source: &[u8],
    said: &[u8],
    operation: Operation,
    kept: usize,
    out: &mut Vec<u8>,
) {
    let mut items = Items::default();
    let mut left = kept;
    for item in ItemIter::new(by_source) {
        match item {
            Item::Subject(text) => items.subject(text.to_str()),
            Item::Attribute(key, value) if operation.subject_key() == Some(key.to_str()) => {
                items.set_own(key.to_str(), &value);
            }
            Item::Attribute(key, value) => {
                let is_said = ItemIter::new(said)
                    .any(|item| matches!(item, Item::Attribute(said, _) if said == key));
                if !is_said && left > 0 {
                    left -= 1;
                    items.set_own(key.to_str(), &value);
                }
            }
            _ => {}
        }
    }
    out.extend_from_slice(items.bytes());
}
