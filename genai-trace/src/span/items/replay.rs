//! Items that were appended and never replaced, as they would be had they been replaced.

use super::head::{HEAD, Head};
use super::{ATTRIBUTE, DROPPED, Item, ItemIter, MESSAGE, SUBJECT, TRACE_STATE};
use crate::order;

/// Of all items in `bytes` those that hold: of each attribute the last, of the message, the subject
/// and the counts the last, and all events and links. Ends before an item that is torn.
pub(crate) fn replayed(bytes: &[u8]) -> Vec<u8> {
    let mut read_so_far = Vec::new();
    let mut said = Vec::new();
    let mut rest = bytes;
    while let Some((item, after)) = split(rest) {
        // What cannot be read would hide all that follows.
        let Some(read) = ItemIter::new(item).next() else {
            break;
        };
        rest = after;
        let key = match read {
            // What only the process itself had a use for.
            Item::Counted(..) | Item::Source(_) => continue,
            Item::Attribute(key, _) => Some((ATTRIBUTE, key.as_bytes())),
            Item::Message(_) => Some((MESSAGE, &[][..])),
            Item::Subject(_) => Some((SUBJECT, &[][..])),
            Item::Dropped(_) => Some((DROPPED, &[][..])),
            Item::TraceState(_) => Some((TRACE_STATE, &[][..])),
            Item::Event(_) | Item::Link(_) => None,
        };
        if let Some(key) = key {
            said.push((key, read_so_far.len()));
        }
        read_so_far.push((item, true));
    }
    // Of what is equal the last stays last.
    order::sort_by_key(&mut said, |(key, _)| *key);
    for ((key, place), (next, _)) in said.iter().zip(said.iter().skip(1)) {
        if key == next
            && let Some((_, holds)) = read_so_far.get_mut(*place)
        {
            *holds = false;
        }
    }
    let mut kept = Vec::with_capacity(bytes.len());
    for (item, _) in read_so_far.iter().filter(|(_, holds)| *holds) {
        kept.extend_from_slice(item);
    }
    kept
}

/// How many bytes at the end of `bytes` are no items: a kill leaves none.
pub(crate) fn torn(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((item, after)) = split(rest)
        && let Some(read) = ItemIter::new(item).next()
        && !matches!(read, Item::Event(event) if event.is_torn())
    {
        rest = after;
    }
    rest.len()
}

/// The first item, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = Head::from_bytes(*bytes.first_chunk::<HEAD>()?);
    bytes.split_at_checked(HEAD.checked_add(head.rest()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::items::Items;

    #[test]
    fn what_was_said_last_holds() {
        let mut log = Vec::new();
        let mut all = Items::default();
        for (key, value) in [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5)] {
            let mut one = Items::default();
            one.set(key, &value);
            one.event(value, key, |event| {
                event.set(key, &value);
            });
            log.extend_from_slice(one.bytes());
            all.append(&one);
        }
        for text in ["first", "second"] {
            let mut one = Items::default();
            one.subject(text);
            one.message(text);
            log.extend_from_slice(one.bytes());
        }
        all.subject("second");
        all.message("second");
        assert_eq!(replayed(&log), all.bytes());
    }

    #[test]
    fn what_is_torn_ends_it() {
        let mut items = Items::default();
        items.set("a", "text");
        let whole = items.bytes().len();
        items.set("b", "text");
        for len in 0..=items.bytes().len() {
            let kept = replayed(&items.bytes()[..len]).len();
            assert_eq!(
                kept,
                if len < whole {
                    0
                } else {
                    len.min(kept.max(whole))
                }
            );
            assert!([0, whole, items.bytes().len()].contains(&kept));
            assert_eq!(torn(&items.bytes()[..len]), len - kept);
        }
    }
}
