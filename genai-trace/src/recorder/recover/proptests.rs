//! Random programs, killed anywhere: what had been said when a call returned is in the file, once.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::*;
use crate::export::view::{AgentNames, SpanView};
use crate::record::{Attributes, SpanRecord};
use crate::recorder::black_box::{self, BlackBox, Written};
use crate::recorder::entry::Header;
use crate::recorder::in_flight::{SlotHead, killed};
use crate::span::callsite::Callsite;
use crate::span::ids::{SpanId, TraceId};
use crate::span::items::Items;
use crate::span::operation::Operation;

static TOOL: Callsite = Callsite::new(Operation::Tool, "random");

const SPANS: usize = 4;

/// What a random program does, with one of its open spans.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(usize),
    Set(usize, usize),
    Rewrite(usize),
    End(usize),
    /// What has ended goes to the file, and the segment is emptied.
    Export,
    /// The same, but the process dies so many bytes into the lines.
    DieExporting(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..SPANS).prop_map(Step::Begin),
        5 => (0..SPANS, 0..2000_usize).prop_map(|(span, len)| Step::Set(span, len)),
        1 => (0..SPANS).prop_map(Step::Rewrite),
        3 => (0..SPANS).prop_map(Step::End),
        1 => Just(Step::Export),
    ];
    let last = prop_oneof![
        Just(Step::Export),
        (0..2000_usize).prop_map(Step::DieExporting)
    ];
    (prop::collection::vec(step, 1..40), last).prop_map(|(mut steps, last)| {
        steps.push(last);
        steps
    })
}

/// What is known of a span once a call has returned.
#[derive(Clone, Debug)]
struct Known {
    attributes: u32,
    has_ended: bool,
}

/// A span that is open.
struct Open {
    slot: crate::recorder::in_flight::Slot,
    header: Header,
    items: Items,
    attributes: u32,
}

struct Program {
    folder: PathBuf,
    file: PathBuf,
    living: Arc<BlackBox>,
    open: [Option<Open>; SPANS],
    segment: black_box::Segment,
    /// The entries of the segment, and where each ends.
    entries: Vec<(Header, Vec<u8>)>,
    used: usize,
    next: u64,
    known: HashMap<SpanId, Known>,
}

impl Program {
    fn new(number: u64) -> Self {
        let name = format!("genai-trace-random-{number}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("traces.jsonl");
        let (most, resource) = (black_box::MOST_BYTES, Attributes::default());
        let boxes = folder_of(&file);
        let living = BlackBox::create(&boxes, most, &resource, Written::default(), 1).unwrap();
        Self {
            segment: living.segment(1 << 20).unwrap(),
            folder,
            file,
            living,
            open: [const { None }; SPANS],
            entries: Vec::new(),
            used: 0,
            next: 1,
            known: HashMap::new(),
        }
    }

    /// Runs one step; what it made known counts only where the process has outlived it.
    fn run(&mut self, step: Step) {
        match step {
            Step::Begin(span) => self.begin(span),
            Step::Set(span, len) => self.set(span, len),
            Step::Rewrite(span) => {
                if let Some(open) = &mut self.open[span] {
                    open.slot.rewrite(open.items.bytes());
                }
            }
            Step::End(span) => self.end(span),
            Step::Export => self.export(usize::MAX),
            Step::DieExporting(len) => self.export(len),
        }
    }

    fn learn(&mut self, id: SpanId, attributes: u32, has_ended: bool) {
        if !killed::is_dead() {
            let known = Known {
                attributes,
                has_ended,
            };
            self.known.insert(id, known);
        }
    }

    fn begin(&mut self, span: usize) {
        let Some(slot) = self.living.pages().slot() else {
            return;
        };
        let id = SpanId::from_bytes(self.next.to_be_bytes()).unwrap();
        self.next += 1;
        let header = Header {
            callsite: TOOL.registered().id,
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: id,
            parent: None,
            start: self.next,
            end: self.next + 1,
            offset: 0,
            agent: crate::metrics::Symbol::NONE,
            is_local_root: false,
            outcome: Outcome::Ok,
        };
        self.end(span);
        if killed::is_dead() {
            return;
        }
        let mut open = Open {
            slot,
            header,
            items: Items::default(),
            attributes: 0,
        };
        let head = SlotHead {
            callsite: header.callsite,
            trace_id: header.trace_id,
            span_id: header.span_id,
            parent: header.parent,
            start: header.start,
            offset: header.offset,
            agent: header.agent,
        };
        open.slot.begin(&head, &[]);
        self.open[span] = Some(open);
        self.learn(id, 0, false);
    }

    fn set(&mut self, span: usize, len: usize) {
        let Some(open) = &mut self.open[span] else {
            return;
        };
        let mut said = Items::default();
        said.set("said", &i64::from(open.attributes + 1));
        said.set(&format!("text.{}", open.attributes), &*"x".repeat(len));
        open.items.append(&said);
        open.slot.append(said.bytes());
        open.attributes += 1;
        let (id, attributes) = (open.header.span_id, open.attributes);
        self.learn(id, attributes, false);
    }

    fn end(&mut self, span: usize) {
        let Some(mut open) = self.open[span].take() else {
            return;
        };
        let (header, items) = (open.header, open.items.bytes());
        let end = self.used + Header::entry_len(items.len());
        if let Some(place) = self.segment.bytes_mut().get_mut(self.used..end)
            && !killed::is_dead()
        {
            header.write(items, place);
            self.segment.commit(end);
            self.used = end;
            self.entries.push((header, items.to_vec()));
        }
        open.slot.end();
        self.learn(header.span_id, open.attributes, true);
    }

    /// Writes what has ended to the file, and dies `most` bytes into it, if there is so much.
    fn export(&mut self, most: usize) {
        if killed::is_dead() {
            return;
        }
        let mut lines = LineWriter::default();
        lines.describe_process(&Arc::default());
        let mut bytes = Vec::new();
        for (header, items) in &self.entries {
            let agent = AgentNames::default().of(header, &TOOL);
            let view = SpanView {
                header: *header,
                callsite: &TOOL,
                items,
                agent,
            };
            lines.write(&view, &mut bytes);
        }
        let mut options = fs::File::options();
        let mut file = options.append(true).create(true).open(&self.file).unwrap();
        std::io::Write::write_all(&mut file, &bytes[..bytes.len().min(most)]).unwrap();
        if most < bytes.len() {
            return killed::after(0);
        }
        self.segment.clear();
        self.entries.clear();
        self.used = 0;
    }

    /// The process is dead: recovers what it has left, and checks it against what was known.
    fn check(self) -> TestCaseResult {
        let boxes = folder_of(&self.file);
        let path = fs::read_dir(&boxes)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let left = fs::read(&path).unwrap();
        killed::after(u64::MAX);
        self.living.remove();
        drop((self.open, self.segment, self.living));
        fs::create_dir_all(&boxes).unwrap();
        fs::write(&path, left).unwrap();
        let recovered = recover(&self.file);
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        let again = recover(&self.file);
        let _ = fs::remove_dir_all(&self.folder);
        let bad = recovered.as_ref().map(|recovered| recovered.bad.as_slice());
        prop_assert!(matches!(bad, Ok([])), "{:?}", recovered);
        prop_assert_eq!(again.ok(), Some(Recovered::default()));
        let mut found = HashMap::new();
        for line in text.lines() {
            let record: SpanRecord = serde_json::from_str(line)
                .map_err(|error| TestCaseError::fail(format!("{error}: {line}")))?;
            let twice = found.insert(record.span_id, record);
            prop_assert!(twice.is_none(), "written twice: {:?}", twice);
        }
        for (id, known) in &self.known {
            let Some(record) = found.get(id) else {
                return Err(TestCaseError::fail(format!("{id} is lost: {known:?}")));
            };
            let said = record.attributes.get("said").and_then(|value| match value {
                crate::Value::Int(said) => Some(*said),
                _ => None,
            });
            prop_assert!(
                said.unwrap_or(0) >= i64::from(known.attributes),
                "{:?}",
                record
            );
            if known.has_ended {
                prop_assert_eq!(record.outcome(), Outcome::Ok);
            }
        }
        // The one span in whose call the process died may be there or not.
        prop_assert!(found.len() <= self.known.len() + 1);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_said_before_a_kill_is_recovered_once(
        steps in steps(),
        stores in prop_oneof![Just(u64::MAX), 0..20_000_u64, 0..500_u64],
    ) {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut program = Program::new(number);
        killed::after(stores);
        for step in steps {
            if killed::is_dead() {
                break;
            }
            program.run(step);
        }
        program.check()?;
    }
}
