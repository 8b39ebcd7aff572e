use super::page::{FIRST_BYTES, MORE_BYTES};
use super::*;
use crate::metrics::Symbol;
use crate::span::ids::{SpanId, TraceId};

pub(crate) fn head(number: u8) -> SlotHead {
    SlotHead {
        callsite: number.into(),
        trace_id: TraceId::from_bytes([number; 16]).unwrap(),
        span_id: SpanId::from_bytes([number; 8]).unwrap(),
        parent: SpanId::from_bytes([number - 1; 8]),
        start: u64::from(number) << 50,
        offset: -i64::from(number),
        agent: Symbol::from_number(u32::from(number) + 7),
    }
}

fn open(pages: &Pages) -> Vec<(SlotHead, Vec<u8>)> {
    pages.open()
}

fn text(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7 % 251) as u8).collect()
}

#[test]
fn what_is_said_of_an_open_span_is_read_byte_for_byte() {
    let pages = Pages::on_heap(MOST_BYTES);
    // Pieces that end everywhere in a word and in a page.
    for piece in [1, 3, 7, 8, 13, 60, 200, 1000] {
        let mut slot = pages.slot().unwrap();
        slot.begin(&head(2), &[]);
        let all = text(5000);
        for (index, said) in all.chunks(piece).enumerate() {
            slot.append(said);
            let len = (index * piece + said.len()).min(all.len());
            if len.is_multiple_of(97) || len == all.len() {
                assert_eq!(open(&pages), [(head(2), all[..len].to_vec())]);
            }
        }
    }
    assert_eq!(open(&pages), []);
}

#[test]
fn a_span_that_ended_is_not_open_and_leaves_its_slot_to_the_next() {
    let pages = Pages::on_heap(MOST_BYTES);
    let mut slot = pages.slot().unwrap();
    slot.begin(&head(1), b"one");
    slot.end();
    assert_eq!(open(&pages), []);
    slot.begin(&head(2), &text(FIRST_BYTES + 1));
    assert_eq!(open(&pages), [(head(2), text(FIRST_BYTES + 1))]);
    slot.begin(&head(3), b"");
    assert_eq!(open(&pages), [(head(3), vec![])]);
}

#[test]
fn a_rewritten_log_goes_on_growing() {
    let pages = Pages::on_heap(MOST_BYTES);
    let mut slot = pages.slot().unwrap();
    for len in [0, 1, FIRST_BYTES, FIRST_BYTES + 1, 3 * MORE_BYTES] {
        slot.begin(&head(1), &text(10_000));
        assert!(slot.is_bloated(len));
        let mut all = text(len);
        for round in 0..4 {
            slot.rewrite(&all);
            assert_eq!(open(&pages), [(head(1), all.clone())], "{len} {round}");
            let more = text(FIRST_BYTES / 3);
            slot.append(&more);
            all.extend(more);
            assert_eq!(open(&pages), [(head(1), all.clone())], "{len} {round}");
        }
    }
}

#[test]
fn pages_are_used_again_and_never_twice_at_once() {
    let pages = Pages::on_heap(CHUNK_BYTES);
    for _ in 0..50 {
        let mut slots: Vec<_> = (1..=20).map(|n| (n, pages.slot().unwrap())).collect();
        for (number, slot) in &mut slots {
            slot.begin(&head(*number), &vec![*number; 2000]);
            slot.rewrite(&vec![*number; 300]);
        }
        let mut found = open(&pages);
        found.sort_by_key(|(head, _)| head.callsite);
        let wanted: Vec<_> = (1..=20).map(|n| (head(n), vec![n; 300])).collect();
        assert_eq!(found, wanted);
    }
    assert_eq!(pages.untracked(), 0);
}

#[test]
fn what_finds_no_page_is_counted_and_the_rest_stays() {
    let pages = Pages::on_heap(CHUNK_BYTES);
    let mut slots: Vec<_> = std::iter::from_fn(|| pages.slot()).collect();
    assert_eq!((slots.len(), pages.untracked()), (CHUNK_PAGES - 1, 1));
    let slot = &mut slots[0];
    slot.begin(&head(1), b"kept");
    slot.append(&text(FIRST_BYTES));
    slot.append(&text(FIRST_BYTES));
    slot.append(b", and this too");
    assert_eq!(open(&pages), [(head(1), b"kept, and this too".to_vec())]);
    assert_eq!(pages.untracked(), 2, "one span, counted once");
    slots.pop();
    slots[0].append(&text(FIRST_BYTES));
    assert_eq!(pages.untracked(), 2);
    assert!(pages.slot().is_none());
}

#[test]
fn a_log_is_read_and_its_pages_are_no_spans() {
    let pages = Pages::on_heap(MOST_BYTES);
    let mut log = pages.log(Kind::Names).unwrap();
    assert!(log.append(&text(1000)));
    assert!(log.append(b"end"));
    let found = (0..10).find_map(|page| read::log(&*pages, page, Kind::Names));
    assert_eq!(found, Some([text(1000), b"end".to_vec()].concat()));
    assert_eq!(open(&pages), []);
}

#[test]
fn what_others_say_is_read_in_the_order_in_which_it_was_said() {
    let pages = Pages::on_heap(MOST_BYTES);
    let mut slot = pages.slot().unwrap();
    slot.begin(&head(1), b"said;");
    let letters = |number| {
        let SlotHead {
            trace_id, span_id, ..
        } = head(1);
        Log::of_letters(&pages, trace_id, span_id, number).unwrap()
    };
    let gone = letters(1);
    let mut taken_over = letters(2);
    taken_over.append(b"before;");
    drop(gone);
    // In the page that was given back, before that of the log that is not let go yet.
    letters(3).append(b"nobody sees this;");
    let mut next = letters(4);
    next.append(b"after;");
    assert_eq!(open(&pages), [(head(1), b"said;before;after;".to_vec())]);
}

/// Readers take what is there while spans come, speak and go; what they see is always one whole span.
#[test]
fn readers_beside_writers_see_whole_spans() {
    use std::sync::atomic::AtomicBool;
    let pages = Pages::on_heap(MOST_BYTES);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 1..=2 {
            let (pages, stop) = (&pages, &stop);
            scope.spawn(move || {
                let mut slot = pages.slot().unwrap();
                for round in 0..3000 {
                    let number = writer * 100 + (round % 50) as u8;
                    slot.begin(&head(number), &[number; 3]);
                    for len in [5, 60, 900] {
                        slot.append(&vec![number; len]);
                    }
                    slot.rewrite(&[number; 40]);
                    slot.append(&vec![number; 400]);
                    slot.end();
                }
                stop.store(true, Ordering::Relaxed);
            });
        }
        while !stop.load(Ordering::Relaxed) {
            for (found, items) in pages.open() {
                let number = found.callsite as u8;
                assert_eq!(found, head(number));
                assert!(items.iter().all(|byte| *byte == number));
                let lens = [0, 3, 8, 68, 968, 40, 440];
                assert!(lens.contains(&items.len()), "{}", items.len());
            }
        }
    });
}

/// Whatever a slot is at, a kill leaves what was committed before or what is committed now.
#[test]
fn a_kill_before_any_store_leaves_the_last_committed_state() {
    let begun = |number: u8, items: Vec<u8>| Some((head(number), items));
    type Step = (&'static str, fn(&mut Slot));
    let steps: [Step; 7] = [
        ("begin", |slot| slot.begin(&head(1), b"12345")),
        ("append", |slot| slot.append(&[7; 21])),
        ("append beyond the page", |slot| slot.append(&[8; 700])),
        ("rewrite", |slot| slot.rewrite(&[9; 300])),
        ("rewrite in the page", |slot| slot.rewrite(&[6; 3])),
        ("end", Slot::end),
        ("begin another", |slot| slot.begin(&head(2), &[])),
    ];
    // After each step, and what may be seen in its midst beside the state before it.
    let with = |more: &[u8], len| [b"12345".as_slice(), &[7; 21], more].concat()[..len].to_vec();
    let states = [
        None,
        begun(1, with(&[], 5)),
        begun(1, with(&[], 26)),
        begun(1, with(&[8; 700], 726)),
        begun(1, vec![9; 300]),
        begun(1, vec![6; 3]),
        None,
        begun(2, vec![]),
    ];
    for (index, (name, step)) in steps.iter().enumerate() {
        for stores in 0.. {
            let pages = Pages::on_heap(MOST_BYTES);
            let mut slot = pages.slot().unwrap();
            steps[..index].iter().for_each(|(_, step)| step(&mut slot));
            killed::after(stores);
            step(&mut slot);
            let died = killed::is_dead();
            let found = open(&pages).pop();
            killed::after(u64::MAX);
            let half = (index == 0).then(|| begun(1, vec![]));
            let allowed = [
                Some(&states[index]),
                Some(&states[index + 1]),
                half.as_ref(),
            ];
            assert!(
                allowed.into_iter().flatten().any(|state| *state == found),
                "{name}, killed after {stores} stores: {found:?}"
            );
            if !died {
                assert_eq!(found, states[index + 1], "{name}");
                break;
            }
        }
    }
}
