use super::*;
use crate::export::view::SpanView;
use crate::metrics::Symbol;
use crate::recorder::entry::Header;
use crate::span::callsite::Callsite;
use crate::span::ids::{SpanId, TraceId};
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

static STEP: Callsite = Callsite::new(Operation::Step, "step");

fn span(outcome: Outcome, parent: Option<SpanId>) -> Header {
    Header {
        callsite: STEP.registered().id,
        trace_id: TraceId::from_bytes([1; 16]).unwrap(),
        span_id: SpanId::from_bytes([2; 8]).unwrap(),
        parent,
        start: 1,
        end: 2,
        offset: 0,
        agent: Symbol::NONE,
        outcome,
        is_local_root: false,
    }
}

/// A batch of `plain` children, `errors` and `roots`, each with a kilobyte.
fn batch(plain: usize, errors: usize, roots: usize) -> Arc<Batch> {
    let parent = SpanId::from_bytes([3; 8]);
    let kinds = [
        (plain, span(Outcome::Ok, parent)),
        (errors, span(Outcome::Error, parent)),
        (roots, span(Outcome::Ok, None)),
    ];
    let mut builder = Batch::builder();
    for (count, header) in kinds {
        for _ in 0..count {
            let view = SpanView {
                header,
                callsite: &STEP,
                items: &[0; 1024],
                agent: None,
            };
            builder.push(&view);
        }
    }
    Arc::new(builder.finish())
}

fn export(queue: &Queue, batch: &Arc<Batch>) {
    queue.push(Job::Export(Arc::clone(batch)));
}

/// What is left in the queue: spans that are errors or roots, and others.
fn left(queue: &Queue) -> (usize, usize) {
    let (mut important, mut plain) = (0, 0);
    let mut state = queue.lock();
    for job in state.jobs.drain(..) {
        if let Job::Export(batch) = job {
            let count = batch
                .views()
                .filter(|view| view.header.is_important())
                .count();
            important += count;
            plain += batch.len() - count;
        }
    }
    (important, plain)
}

#[test]
fn of_an_exporter_that_hangs_the_queue_keeps_errors_and_roots_and_counts_the_rest() {
    let queue = Queue::new("hangs");
    let batch = batch(950, 2, 2);
    for _ in 0..1000 {
        export(&queue, &batch);
    }
    assert!(queue.lock().bytes <= MOST_BYTES);
    let dropped = queue.tally().queue_full;
    let (important, plain) = left(&queue);
    assert_eq!(u64::try_from(important + plain).unwrap() + dropped, 954_000);
    assert_eq!(important, 4_000, "8 MiB hold all of them");
}

#[test]
fn when_errors_alone_fill_the_queue_the_first_ones_stay() {
    let queue = Queue::new("hangs");
    let batch = batch(0, 1000, 0);
    for _ in 0..100 {
        export(&queue, &batch);
    }
    let dropped = queue.tally().queue_full;
    let (important, _) = left(&queue);
    assert_eq!(u64::try_from(important).unwrap() + dropped, 100_000);
    assert!(important > 5_000, "{important}");
}

#[test]
fn a_batch_that_comes_alone_is_taken_whatever_its_size() {
    let queue = Queue::new("large");
    let batch = batch(40_000, 0, 0);
    assert!(batch.bytes() > 2 * MOST_BYTES);
    assert!(queue.has_room(batch.bytes()));
    export(&queue, &batch);
    assert_eq!((left(&queue), queue.tally().queue_full), ((0, 40_000), 0));
}

#[test]
fn what_is_given_up_counts_as_dropped_and_comes_to_nothing_later() {
    let queue = Queue::new("hangs");
    export(&queue, &batch(3, 0, 0));
    export(&queue, &batch(4, 0, 0));
    assert!(matches!(queue.next(), Some(Job::Export(_))));
    queue.abandon();
    assert!(queue.next().is_none(), "the exporter's thread ends");
    assert!(queue.settle(Ok(())).is_none());
    export(&queue, &batch(5, 0, 0));
    let tally = queue.tally();
    assert_eq!((tally.written, tally.left_at_shutdown), (0, 12));
}

#[test]
fn a_flush_is_done_when_all_before_it_is() {
    let queue = Queue::new("jsonl");
    export(&queue, &batch(1, 0, 0));
    queue.push(Job::Flush {
        ticket: 7,
        last: false,
        until: None,
    });
    assert!(!queue.wait_for(7, Some(Instant::now())));
    assert!(matches!(queue.next(), Some(Job::Export(_))));
    queue.settle(Ok(()));
    assert!(matches!(queue.next(), Some(Job::Flush { ticket: 7, .. })));
    queue.flushed(7, false);
    assert!(queue.wait_for(7, Some(Instant::now())));
    assert_eq!(queue.tally().written, 1);
}
