//! A request that is ready to be sent, under a name by which it is known in memory and on disk.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use super::request::Request;
use super::signal::Signal;

/// A request that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    /// Later ones sort behind earlier ones, those of other processes included.
    pub(super) name: String,
    pub(super) signal: Signal,
    /// How many spans, data points or log records it has.
    pub(super) items: u64,
    /// The request in protobuf, whatever the protocol.
    pub(super) body: Vec<u8>,
}

impl Parcel {
    fn of(name: String, signal: Signal, request: &Request) -> Self {
        Self {
            name,
            signal,
            items: request.count(signal),
            body: request.encode_to_vec(),
        }
    }

    /// The parcel in two, which stand where it stood; none where there is but one item.
    pub(super) fn halves(&self) -> Option<(Self, Self)> {
        let request = Request::decode(self.body.as_slice()).ok()?;
        let (first, second) = request.halves()?;
        let half = |mark, half| Self::of(format!("{}{mark}", self.name), self.signal, half);
        Some((half('a', &first), half('b', &second)))
    }
}

/// Gives names to the parcels of one exporter.
#[derive(Debug)]
pub(super) struct Namer {
    /// No other exporter has it, here or in another process.
    mark: String,
    signal: Signal,
    count: AtomicU64,
}

impl Namer {
    pub(super) fn new(signal: Signal) -> Self {
        // Without chance the process id is what there is.
        let chance = getrandom::u32().unwrap_or_default();
        Self {
            mark: format!("{:08x}{chance:08x}", process::id()),
            signal,
            count: AtomicU64::new(0),
        }
    }

    pub(super) fn parcel(&self, request: &Request) -> Parcel {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:020}-{}-{count:010}", since_1970.as_nanos(), self.mark);
        Parcel::of(name, self.signal, request)
    }

    /// Whether a parcel of this name comes from this exporter.
    pub(super) fn is_ours(&self, name: &str) -> bool {
        name.split('-').nth(1) == Some(self.mark.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::tests::request;
    use super::*;

    #[test]
    fn names_sort_as_parcels_were_made_and_split() {
        let namer = Namer::new(Signal::Traces);
        let [first, second] = [0, 1].map(|_| namer.parcel(&request(3)));
        let (a, b) = first.halves().unwrap();
        let (ba, bb) = b.halves().unwrap();
        assert_eq!((a.items, b.items), (1, 2));
        let names = [&first, &a, &b, &ba, &bb, &second].map(|parcel| parcel.name.clone());
        assert!(names.is_sorted());
        assert!(names.iter().all(|name| namer.is_ours(name)));
        assert!(!Namer::new(Signal::Traces).is_ours(&first.name));
        assert!(a.halves().is_none());
    }
}
