//! Every interleaving, and every value that the orderings allow a load to have.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p genai-trace --lib --release loom_`

use loom::sync::atomic::AtomicU64;
use loom::thread;

use super::page::FIRST_BYTES;
use super::sync::Ordering;
use super::*;
use crate::metrics::Symbol;
use crate::span::ids::{SpanId, TraceId};

fn model(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

fn head(number: u8) -> SlotHead {
    SlotHead {
        callsite: number.into(),
        trace_id: TraceId::from_bytes([number; 16]).unwrap(),
        span_id: SpanId::from_bytes([number; 8]).unwrap(),
        parent: SpanId::from_bytes([number; 8]),
        start: number.into(),
        offset: number.into(),
        agent: Symbol::from_number(number.into()),
    }
}

/// Pages with their one chunk, and a slot that lies in page 1.
fn pages() -> (Arc<Pages>, Slot) {
    let pages = Pages::on_heap(CHUNK_BYTES);
    let slot = pages.slot().unwrap();
    (pages, slot)
}

/// What a reader may find in page 1: one whole span, and of its items a beginning that was committed.
fn check(pages: &Pages, committed: &[(u8, &[usize])]) {
    let Some((found, items)) = read::span(pages, 1) else {
        return;
    };
    let number = found.callsite as u8;
    assert_eq!(found, head(number), "a head of several spans");
    let lens = committed.iter().find(|(span, _)| *span == number);
    let (_, lens) = lens.expect("a span that was never begun");
    assert!(
        lens.contains(&items.len()),
        "{} bytes of {number}",
        items.len()
    );
    assert!(
        items.iter().all(|byte| *byte == number),
        "bytes of another, or none yet: {items:?}"
    );
}

#[test]
fn loom_a_reader_sees_a_span_that_begins_whole_or_not_at_all() {
    model(|| {
        let (pages, mut slot) = pages();
        let writer = thread::spawn(move || {
            slot.begin(&head(1), &[]);
            slot
        });
        check(&pages, &[(1, &[0])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_reader_sees_one_of_two_spans_that_follow_each_other() {
    model(|| {
        let (pages, mut slot) = pages();
        slot.begin(&head(1), &[1; 5]);
        let writer = thread::spawn(move || {
            slot.end();
            slot.begin(&head(2), &[2; 3]);
            slot
        });
        check(&pages, &[(1, &[5]), (2, &[0, 3])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_reader_sees_bytes_only_once_they_are_committed() {
    model(|| {
        let (pages, mut slot) = pages();
        slot.begin(&head(1), &[1; 3]);
        let writer = thread::spawn(move || {
            slot.append(&[1; 3]);
            slot.append(&[1; FIRST_BYTES]);
            slot
        });
        check(&pages, &[(1, &[3, 6, 6 + FIRST_BYTES])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_reader_sees_a_log_before_or_after_it_was_rewritten() {
    model(|| {
        let (pages, mut slot) = pages();
        slot.begin(&head(1), &[1; FIRST_BYTES]);
        let writer = thread::spawn(move || {
            slot.rewrite(&[1; 4]);
            // Back in the first page, where the old log was.
            slot.rewrite(&[1; 6]);
            slot
        });
        check(&pages, &[(1, &[FIRST_BYTES, 4, 6])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_reader_never_takes_pages_of_another_for_those_of_a_log_that_let_them_go() {
    model(|| {
        let (pages, mut slot) = pages();
        let mut other = pages.slot().unwrap();
        other.begin(&head(2), &[2; FIRST_BYTES]);
        slot.begin(&head(1), &[1; FIRST_BYTES + 1]);
        let writer = thread::spawn(move || {
            // Its second page goes to the other.
            slot.rewrite(&[1; 1]);
            other.append(&[2; 1]);
            (slot, other)
        });
        check(&pages, &[(1, &[FIRST_BYTES + 1, 1])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_reader_never_takes_pages_of_another_for_those_of_a_span_that_ended() {
    model(|| {
        let (pages, mut slot) = pages();
        let mut other = pages.slot().unwrap();
        other.begin(&head(2), &[2; FIRST_BYTES]);
        slot.begin(&head(1), &[1; FIRST_BYTES + 1]);
        let writer = thread::spawn(move || {
            slot.end();
            other.append(&[2; 1]);
            (slot, other)
        });
        check(&pages, &[(1, &[FIRST_BYTES + 1])]);
        drop(writer.join().unwrap());
    });
}

#[test]
fn loom_a_span_is_open_until_what_it_leaves_can_be_seen() {
    model(|| {
        let (pages, mut slot) = pages();
        slot.begin(&head(1), &[]);
        let left = Arc::new(AtomicU64::new(0));
        let writer = {
            let left = Arc::clone(&left);
            thread::spawn(move || {
                left.store(1, Ordering::Relaxed);
                slot.end();
                slot
            })
        };
        if read::span(&*pages, 1).is_none() {
            assert_eq!(left.load(Ordering::Relaxed), 1, "neither open nor ended");
        }
        drop(writer.join().unwrap());
    });
}
