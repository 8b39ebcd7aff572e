//! Requests, of whatever signal.
//!
//! The messages of the three signals have the same outer shape: by resource, by scope, and there a list whose
//! elements alone differ. So a request is put together, counted and split without a look at what is in it.

use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

use super::signal::Signal;
use crate::record::{Attributes, Scope};

/// A request as it is sent.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Request {
    #[prost(message, repeated, tag = "1")]
    pub(super) of_resources: Vec<OfResource>,
}

/// What is said of one process.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OfResource {
    #[prost(message, optional, tag = "1")]
    pub(super) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(super) of_scopes: Vec<OfScope>,
    #[prost(string, tag = "3")]
    pub(super) schema_url: String,
}

/// What one library says.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OfScope {
    #[prost(message, optional, tag = "1")]
    pub(super) scope: Option<InstrumentationScope>,
    /// Messages that are written already: on the wire they look like bytes.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) items: Vec<Vec<u8>>,
    #[prost(string, tag = "3")]
    pub(super) schema_url: String,
}

/// A span, a metric or a log record, written, with what it stands below.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) resource: &'a Arc<Attributes>,
    /// None for what this library says itself.
    pub(super) scope: Option<&'a Scope>,
    /// The address of the conventions by which it is spelt.
    pub(super) schema_url: &'static str,
    pub(super) body: Vec<u8>,
}

/// What is being gathered for one request, by what is said of the process and of the library.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    groups: Vec<(Arc<Attributes>, OfResource)>,
    items: usize,
    bytes: usize,
}

impl Gathered {
    /// How many items there are.
    pub(super) const fn len(&self) -> usize {
        self.items
    }

    /// About how many bytes the request has.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn add(&mut self, item: Item<'_>) {
        self.bytes += item.body.len();
        self.items += 1;
        let resource = item.resource;
        let is_known = |(known, _): &(Arc<Attributes>, OfResource)| {
            Arc::ptr_eq(known, resource) || known.as_ref() == resource.as_ref()
        };
        if !self.groups.iter().any(is_known) {
            self.make_group(resource);
        }
        let Some((_, group)) = self.groups.iter_mut().find(|group| is_known(group)) else {
            return;
        };
        let mut scopes = group.of_scopes.iter_mut();
        match scopes.find(|group| is_of(group, item.scope)) {
            Some(scope) => scope.items.push(item.body),
            None => group.of_scopes.push(OfScope {
                scope: Some(scope(item.scope)),
                items: vec![item.body],
                schema_url: match item.scope {
                    // What another library goes by is its own affair.
                    Some(_) => String::new(),
                    None => item.schema_url.to_owned(),
                },
            }),
        }
    }

    /// Makes room for what is said of a process, where there is none yet.
    fn make_group(&mut self, resource: &Arc<Attributes>) {
        let group = OfResource {
            resource: Some(super::resource::resource(resource)),
            of_scopes: Vec::new(),
            schema_url: genai_trace_semconv::SCHEMA_URL.to_owned(),
        };
        self.bytes += group.encoded_len();
        self.groups.push((Arc::clone(resource), group));
    }

    /// The request; nothing is left.
    pub(super) fn take(&mut self) -> Request {
        let gathered = std::mem::take(self);
        Request {
            of_resources: gathered
                .groups
                .into_iter()
                .map(|(_, group)| group)
                .collect(),
        }
    }
}

impl Request {
    fn items(&self) -> impl Iterator<Item = &Vec<u8>> {
        let scopes = self.of_resources.iter().flat_map(|of| &of.of_scopes);
        scopes.flat_map(|of| &of.items)
    }

    /// How many spans, data points or log records it has.
    pub(super) fn count(&self, signal: Signal) -> u64 {
        self.items().map(|item| signal.count_of(item)).sum()
    }

    /// The request in two, each with half of the items in their order; none where there is but one.
    pub(super) fn halves(self) -> Option<(Self, Self)> {
        let half = self.items().count() / 2;
        if half == 0 {
            return None;
        }
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut room = half;
        for mut of_resource in self.of_resources {
            let (mut here, mut there) = (Vec::new(), Vec::new());
            for mut of_scope in std::mem::take(&mut of_resource.of_scopes) {
                let mut items = std::mem::take(&mut of_scope.items);
                let rest = items.split_off(room.min(items.len()));
                room -= items.len();
                let with = |items| OfScope {
                    items,
                    ..of_scope.clone()
                };
                if !items.is_empty() {
                    here.push(with(items));
                }
                if !rest.is_empty() {
                    there.push(with(rest));
                }
            }
            let with = |of_scopes| OfResource {
                of_scopes,
                ..of_resource.clone()
            };
            if !here.is_empty() {
                first.push(with(here));
            }
            if !there.is_empty() {
                second.push(with(there));
            }
        }
        let request = |of_resources| Request { of_resources };
        Some((request(first), request(second)))
    }
}

fn is_of(group: &OfScope, scope: Option<&Scope>) -> bool {
    let Some(of) = &group.scope else {
        return false;
    };
    match scope {
        None => of.name == env!("CARGO_PKG_NAME") && of.version == env!("CARGO_PKG_VERSION"),
        Some(scope) => {
            of.name == scope.name && of.version == scope.version.as_deref().unwrap_or_default()
        }
    }
}

fn scope(scope: Option<&Scope>) -> InstrumentationScope {
    let (name, version) = match scope {
        None => (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        Some(scope) => (
            scope.name.as_str(),
            scope.version.as_deref().unwrap_or_default(),
        ),
    };
    InstrumentationScope {
        name: name.to_owned(),
        version: version.to_owned(),
        ..InstrumentationScope::default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

    use genai_trace_semconv::SCHEMA_URL;

    use super::super::span::item;
    use super::super::span::tests::record;
    use super::*;
    use crate::record::SpanRecord;

    /// A request of so many spans, whose names are numbers.
    pub(in crate::export::otlp) fn request(spans: usize) -> Request {
        let mut gathered = Gathered::default();
        for number in 0..spans {
            let span = SpanRecord {
                name: number.to_string(),
                ..record()
            };
            gathered.add(item(&span, SCHEMA_URL));
        }
        gathered.take()
    }

    /// The request as others read it.
    fn read(request: &Request) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(request.encode_to_vec().as_slice()).unwrap()
    }

    fn names(request: &Request) -> Vec<String> {
        let of_resources = read(request).resource_spans.into_iter();
        let scopes = of_resources.flat_map(|of| of.scope_spans);
        scopes
            .flat_map(|of| of.spans.into_iter().map(|span| span.name))
            .collect()
    }

    #[test]
    fn what_is_gathered_stands_by_its_process_and_its_library() {
        let mut gathered = Gathered::default();
        let other = SpanRecord {
            scope: Some(Scope {
                name: "sqlx".to_owned(),
                version: None,
            }),
            ..record()
        };
        let elsewhere = SpanRecord {
            resource: Arc::new(Attributes::from_iter([("service.name", "judge")])),
            ..record()
        };
        for record in [&record(), &other, &record(), &elsewhere] {
            gathered.add(item(record, SCHEMA_URL));
        }
        assert_eq!(gathered.len(), 4);
        let request = read(&gathered.take());
        assert_eq!((gathered.len(), gathered.bytes()), (0, 0));
        let scopes: Vec<_> = request
            .resource_spans
            .iter()
            .map(|of| {
                assert_eq!(of.schema_url, SCHEMA_URL);
                let scopes = of.scope_spans.iter().map(|of| {
                    let name = of.scope.as_ref().unwrap().name.clone();
                    (name, of.spans.len(), !of.schema_url.is_empty())
                });
                scopes.collect::<Vec<_>>()
            })
            .collect();
        let ours = |spans| ("genai-trace".to_owned(), spans, true);
        assert_eq!(
            scopes,
            [vec![ours(2), ("sqlx".to_owned(), 1, false)], vec![ours(1)]]
        );
    }

    #[test]
    fn halves_have_all_items_in_their_order() {
        for spans in [2, 3, 7] {
            let (first, second) = request(spans).halves().unwrap();
            let count = |request: &Request| request.items().count();
            assert_eq!(
                (count(&first), count(&second)),
                (spans / 2, spans - spans / 2)
            );
            assert_eq!(
                [names(&first), names(&second)].concat(),
                names(&request(spans))
            );
            let resource = |half: &Request| half.of_resources[0].resource.clone();
            assert_eq!(resource(&first), resource(&second));
        }
        assert!(request(1).halves().is_none());
    }
}
