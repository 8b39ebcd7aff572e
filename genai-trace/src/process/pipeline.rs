//! The way of finished spans through the steps, trace by trace.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::ProcessSettings;
use super::facts::{Facts, sampled_with};
use super::flood::{Guard, Omitted};
use super::probability::Probability;
use super::route::{Destination, Routes};
use super::tail::{Kept, Rules, TailSampling};
use super::waiting::Waiting;
use crate::config::InitError;
use crate::export::view::SpanView;
use crate::prices::Prices;
use crate::recorder::batch::{Batch, BatchBuilder};
use crate::recorder::entry::Header;
use crate::recorder::in_flight::{Log, Pages};
use crate::span::ids::{IdGenerator, TraceId};
use crate::span::items;
use crate::span::names;

/// Most traces of which the decision is remembered.
const MOST_DECIDED: usize = 16 * 1024;
/// An exporter gets so much at once, about: its queue is bounded.
const BATCH_BYTES: usize = 1024 * 1024;
/// What is counted for a trace beside its waiting spans.
const TRACE_BYTES: usize = 256;

/// What is to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Traces that had ended a round ago, and those that have waited for too long.
    Round,
    /// Traces that have ended.
    Flush,
    /// All.
    Last,
}

/// Spans for some exporters.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) batch: Batch,
    /// For each exporter whether it gets them; none where all do.
    pub(crate) to: Option<Destination>,
}

/// How many spans were left out, and how many were added for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOutSpans {
    pub(crate) by_tail_sampling: u64,
    pub(crate) by_max_spans: u64,
    /// Spans that stand for those that were omitted.
    pub(crate) summaries: u64,
}

/// The way of finished spans through the steps.
#[derive(Debug)]
pub(crate) struct Pipeline {
    rules: Option<Rules>,
    routes: Routes,
    max_spans: Option<u64>,
    /// Nanoseconds.
    decision_wait: u64,
    max_bytes: usize,
    open: HashMap<TraceId, Open>,
    /// The open traces by their numbers, the oldest in front; also some that are not open any more.
    order: VecDeque<(u64, TraceId)>,
    next: u64,
    bytes: usize,
    decided: HashMap<TraceId, Decided>,
    /// The decided traces, the first to be forgotten in front.
    forgetting: VecDeque<TraceId>,
    /// Traces whose root has ended in this round, in the one before, and earlier.
    ended: Vec<TraceId>,
    ended_before: Vec<TraceId>,
    due: VecDeque<TraceId>,
    left_out: LeftOutSpans,
    /// Made for the first span of its own.
    ids: Option<IdGenerator>,
    /// Where spans wait that are to survive a crash.
    black_box: Option<Arc<Pages>>,
    /// What lies there of spans that go out.
    logs: Vec<Log>,
}

/// A trace that is not decided.
#[derive(Debug)]
struct Open {
    number: u64,
    first_seen: u64,
    facts: Facts,
    guard: Guard,
    waiting: Waiting,
}

impl Open {
    fn bytes(&self) -> usize {
        TRACE_BYTES + self.waiting.bytes() + self.guard.bytes()
    }
}

/// A trace that is.
#[derive(Debug)]
struct Decided {
    kept: Kept,
    route: Option<usize>,
    sampled_with: Probability,
    guard: Guard,
}

impl Pipeline {
    /// The pipeline of `settings`, for exporters of these names, in order.
    pub(crate) fn new(
        settings: ProcessSettings,
        exporters: &[String],
        prices: Option<&Prices>,
    ) -> Result<Self, InitError> {
        if settings.max_spans == Some(0) {
            return Err(InitError::Setting {
                name: "max_spans",
                value: "0".to_owned(),
                expected: "1 or more".to_owned(),
            });
        }
        let (decision_wait, max_bytes) = match &settings.tail {
            Some(tail) => tail.waiting_limits(),
            None => TailSampling::new().waiting_limits(),
        };
        let rules = settings.tail.map(|tail| tail.checked(prices));
        Ok(Self {
            rules: rules.transpose()?,
            routes: Routes::checked(settings.routes, exporters)?,
            max_spans: settings.max_spans,
            decision_wait,
            max_bytes,
            open: HashMap::new(),
            order: VecDeque::new(),
            next: 0,
            bytes: 0,
            decided: HashMap::new(),
            forgetting: VecDeque::new(),
            ended: Vec::new(),
            ended_before: Vec::new(),
            due: VecDeque::new(),
            left_out: LeftOutSpans::default(),
            ids: None,
            black_box: None,
            logs: Vec::new(),
        })
    }

    /// From now on spans that wait survive a crash in `pages`.
    pub(crate) fn survive_in(&mut self, pages: &Arc<Pages>) {
        self.black_box = Some(Arc::clone(pages));
    }

    /// What lies in the black box of the spans that went out since it was asked last.
    pub(crate) fn take_logs(&mut self) -> Vec<Log> {
        std::mem::take(&mut self.logs)
    }

    /// Whether spans go straight through.
    pub(crate) fn is_idle(&self) -> bool {
        !self.holds() && self.max_spans.is_none()
    }

    /// Whether spans wait for the end of their trace.
    fn holds(&self) -> bool {
        self.rules.is_some() || !self.routes.is_empty()
    }

    /// Takes what has ended, and gives what is to go out at once. `now` is in nanoseconds on the
    /// process's line.
    pub(crate) fn take(&mut self, batch: Batch, now: u64) -> Vec<Outgoing> {
        if self.is_idle() {
            return vec![Outgoing { batch, to: None }];
        }
        let mut out = Out::new(self.routes.len());
        let mut going = Vec::new();
        let mut is_whole = true;
        for span in batch.views() {
            let id = span.header.trace_id;
            let way = match self.decided.contains_key(&id) {
                true => self.follow(&span),
                false => self.take_open(&span, now),
            };
            is_whole &= way == Some(Way::default());
            going.push(way);
            if span.header.is_local_root {
                self.ended.push(id);
            }
            self.make_room(&mut out);
        }
        // What the guard lets through unchanged need not be copied.
        if is_whole && !self.holds() {
            let mut outgoing = out.finish(&self.routes);
            outgoing.push(Outgoing { batch, to: None });
            return outgoing;
        }
        for (span, way) in batch.views().zip(going) {
            if let Some(way) = way {
                out.push(way, &span);
            }
        }
        out.finish(&self.routes)
    }

    /// Says that every thread's spans were taken. What has ended a round ago is complete: a child that
    /// ended before its root was taken with it, or after it.
    pub(crate) fn end_round(&mut self, due: Due) {
        self.due.extend(self.ended_before.drain(..));
        std::mem::swap(&mut self.ended_before, &mut self.ended);
        if due != Due::Round {
            self.due.extend(self.ended_before.drain(..));
        }
    }

    /// Decides what is due, and gives what goes out by it, no more than a batch at once where it can;
    /// nothing when nothing is left to decide.
    pub(crate) fn settle(&mut self, due: Due, now: u64) -> Vec<Outgoing> {
        let mut out = Out::new(self.routes.len());
        while out.bytes < BATCH_BYTES {
            if let Some(id) = self.due.pop_front() {
                self.decide(id, &mut out);
                self.summarise(id, &mut out);
            } else if let Some(id) = self.next_open(due, now) {
                self.decide(id, &mut out);
            } else if due == Due::Last
                && let Some(id) = self.forgetting.pop_front()
            {
                self.summarise(id, &mut out);
                self.decided.remove(&id);
            } else {
                break;
            }
        }
        out.finish(&self.routes)
    }

    /// The oldest open trace, where it is to be decided as it is.
    fn next_open(&mut self, due: Due, now: u64) -> Option<TraceId> {
        let id = self.oldest_open()?;
        let open = self.open.get(&id)?;
        // Nothing is held for the guard alone: it waits for the end, however late.
        let has_waited = self.holds() && now.saturating_sub(open.first_seen) >= self.decision_wait;
        (has_waited || due == Due::Last).then_some(id)
    }

    /// The oldest open trace.
    fn oldest_open(&mut self) -> Option<TraceId> {
        while let Some((number, id)) = self.order.front() {
            if is_open(&self.open, *number, id) {
                return Some(*id);
            }
            self.order.pop_front();
        }
        None
    }

    /// What was left out since it was asked last.
    pub(crate) fn take_left_out(&mut self) -> LeftOutSpans {
        std::mem::take(&mut self.left_out)
    }

    /// Takes a span of a trace that is not decided; its way, where it need not wait.
    fn take_open(&mut self, span: &SpanView<'_>, now: u64) -> Option<Way> {
        let holds = self.holds();
        let id = span.header.trace_id;
        let open = self.open.entry(id).or_insert_with(|| {
            let number = self.next;
            self.next += 1;
            self.order.push_back((number, id));
            let open = Open {
                number,
                first_seen: now,
                facts: Facts::of(span),
                guard: Guard::default(),
                waiting: Waiting::default(),
            };
            self.bytes += open.bytes();
            open
        });
        self.bytes -= open.bytes();
        open.facts.add(span);
        if let Some(rules) = &self.rules {
            let cost = rules.cost(span);
            open.facts.cost = open.facts.cost.saturating_add(cost);
            open.facts.fits_rule = open.facts.fits_rule || rules.fit(span, cost);
        }
        open.facts.route = self.routes.of(span, open.facts.route);
        let most = self.max_spans.unwrap_or(u64::MAX);
        let is_admitted = most == u64::MAX || open.guard.admit(span, most);
        if is_admitted && holds {
            open.waiting.push(span, self.black_box.as_ref());
        }
        self.bytes += open.bytes();
        self.left_out.by_max_spans += u64::from(!is_admitted);
        (is_admitted && !holds).then(Way::default)
    }

    /// Takes a span of a trace that is decided already; its way, where it is kept.
    fn follow(&mut self, span: &SpanView<'_>) -> Option<Way> {
        let decided = self.decided.get_mut(&span.header.trace_id)?;
        let mut kept = decided.kept;
        if kept == Kept::Not
            && let Some(rules) = &self.rules
            && rules.fit(span, rules.cost(span))
        {
            kept = Kept::Whole;
        }
        decided.route = self.routes.of(span, decided.route);
        if kept == Kept::Not {
            self.left_out.by_tail_sampling += 1;
            return None;
        }
        if let Some(most) = self.max_spans
            && !decided.guard.admit(span, most)
        {
            self.left_out.by_max_spans += 1;
            return None;
        }
        Some(Way {
            route: decided.route,
            share: kept.share(),
        })
    }

    /// Decides traces on what is known as long as the waiting ones take too much memory, the oldest
    /// first.
    fn make_room(&mut self, out: &mut Out) {
        while self.bytes > self.max_bytes
            && let Some(id) = self.oldest_open()
        {
            self.decide(id, out);
        }
    }

    fn decide(&mut self, id: TraceId, out: &mut Out) {
        let Some(open) = self.open.remove(&id) else {
            return;
        };
        // One that stays open keeps none behind it from being forgotten.
        if self.order.len() > 2 * self.open.len() + 64 {
            self.order
                .retain(|(number, id)| is_open(&self.open, *number, id));
        }
        self.bytes -= open.bytes();
        let rules = self.rules.as_ref();
        let kept = rules.map_or(Kept::Whole, |rules| rules.decide(id, &open.facts));
        let way = Way {
            route: open.facts.route,
            share: kept.share(),
        };
        match kept {
            Kept::Not => {
                let spans = u64::try_from(open.waiting.len()).unwrap_or(u64::MAX);
                self.left_out.by_tail_sampling += spans;
            }
            _ => {
                for span in open.waiting.views() {
                    out.push(way, &span);
                }
                self.logs.extend(open.waiting.into_log());
            }
        }
        let decided = Decided {
            kept,
            route: way.route,
            sampled_with: open.facts.sampled_with,
            guard: open.guard,
        };
        self.decided.insert(id, decided);
        self.forgetting.push_back(id);
        if self.forgetting.len() > MOST_DECIDED
            && let Some(oldest) = self.forgetting.pop_front()
        {
            self.summarise(oldest, out);
            self.decided.remove(&oldest);
        }
    }

    /// Adds a span that stands for those of a trace that were omitted.
    fn summarise(&mut self, id: TraceId, out: &mut Out) {
        let Some(decided) = self.decided.get_mut(&id) else {
            return;
        };
        let Some(omitted) = decided.guard.take_omitted() else {
            return;
        };
        if decided.kept == Kept::Not {
            return;
        }
        let ids = self.ids.get_or_insert_with(IdGenerator::new);
        let (header, callsite, mut items) = Omitted::summary(*omitted, ids);
        if !decided.sampled_with.is_certain() {
            items.set_own(names::SAMPLING_PROBABILITY, &decided.sampled_with.get());
        }
        let span = SpanView {
            header,
            callsite,
            items: items.bytes(),
            agent: None,
        };
        let way = Way {
            route: decided.route,
            share: decided.kept.share(),
        };
        out.push(way, &span);
        self.left_out.summaries += 1;
    }
}

/// Whether the trace is open that got this number: one that comes back gets another.
fn is_open(open: &HashMap<TraceId, Open>, number: u64, id: &TraceId) -> bool {
    open.get(id).is_some_and(|open| open.number == number)
}

/// Where a span goes, and by which chance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Way {
    route: Option<usize>,
    share: Option<Probability>,
}

impl Kept {
    fn share(self) -> Option<Probability> {
        match self {
            Kept::Share(share) => Some(share),
            Kept::Whole | Kept::Not => None,
        }
    }
}

/// What goes out, by route; what takes none comes first.
#[derive(Debug)]
struct Out {
    builders: Vec<(BatchBuilder, usize)>,
    full: Vec<(usize, Batch)>,
    bytes: usize,
}

impl Out {
    fn new(routes: usize) -> Self {
        let mut builders = Vec::new();
        builders.resize_with(routes + 1, Default::default);
        Self {
            builders,
            full: Vec::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, way: Way, span: &SpanView<'_>) {
        let Some(share) = way.share else {
            self.add(way.route, span);
            return;
        };
        let probability = sampled_with(span).and(share).get();
        let items = items::with_attribute(span.items, names::SAMPLING_PROBABILITY, &probability);
        let span = SpanView {
            items: &items,
            ..*span
        };
        self.add(way.route, &span);
    }

    fn add(&mut self, route: Option<usize>, span: &SpanView<'_>) {
        let place = route.map_or(0, |route| route + 1);
        let Some((builder, bytes)) = self.builders.get_mut(place) else {
            return;
        };
        builder.push(span);
        let len = Header::entry_len(span.items.len());
        *bytes += len;
        self.bytes += len;
        if *bytes >= BATCH_BYTES {
            *bytes = 0;
            self.full.push((place, std::mem::take(builder).finish()));
        }
    }

    fn finish(self, routes: &Routes) -> Vec<Outgoing> {
        let last = self.builders.into_iter().enumerate();
        let last = last.map(|(place, (builder, _))| (place, builder.finish()));
        self.full
            .into_iter()
            .chain(last)
            .filter(|(_, batch)| !batch.is_empty())
            .map(|(place, batch)| Outgoing {
                batch,
                to: routes.destination(place.checked_sub(1)),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
