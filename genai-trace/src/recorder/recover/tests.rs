use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::*;
use crate::export::view::{AgentNames, SpanView};
use crate::metrics::{Symbol, intern};
use crate::record::{Attributes, SpanRecord, Value};
use crate::recorder::black_box::{self, BlackBox, Segment, Written};
use crate::recorder::entry::Header;
use crate::recorder::in_flight::{self, Slot, SlotHead};
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::ids::{IdGenerator, SpanId, TraceId};
use crate::span::items::Items;
use crate::span::operation::Operation;

static TOOL: Callsite = Callsite::new(Operation::Tool, "read_file").with(&[
    ("gen_ai.tool.type", StaticValue::Str("function")),
    ("app.static", StaticValue::Float(0.5)),
]);
static CHAT: Callsite = Callsite::new(Operation::Chat, "")
    .with(&[("gen_ai.provider.name", StaticValue::Str("openai"))]);
static STEP: Callsite = Callsite::new(Operation::Step, "agent.turn");

const SECOND: u64 = 1_000_000_000;
const NOW: u64 = 1_790_000_000 * SECOND;
const OFFSET: i64 = -3_600_000_000_000;

/// A traces file and its black boxes, in a folder that is removed with the test.
struct Place {
    folder: PathBuf,
    file: PathBuf,
    ids: IdGenerator,
}

/// The box of a process that lives.
struct Living {
    made: Arc<BlackBox>,
    slots: Vec<Slot>,
    segments: Vec<Segment>,
}

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("genai-trace-recover-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self {
            file: folder.join("traces.jsonl"),
            folder,
            ids: IdGenerator::new(),
        }
    }

    fn start(&self) -> Living {
        let resource: Attributes = [("service.name", "coder")].into_iter().collect();
        let written = Written::end_of(&self.file).unwrap_or_default();
        let most = black_box::MOST_BYTES;
        let made = BlackBox::create(&folder_of(&self.file), most, &resource, written, NOW);
        Living {
            made: made.unwrap(),
            slots: Vec::new(),
            segments: Vec::new(),
        }
    }

    /// Kills the process of `living`: its box stays as it is at this moment, and nobody holds it.
    fn kill(&self, living: Living) -> PathBuf {
        let copy = self.copy(&living);
        let Living {
            made,
            slots,
            segments,
        } = living;
        drop((slots, segments));
        made.remove();
        drop(made);
        let folder = folder_of(&self.file);
        fs::create_dir_all(&folder).unwrap();
        let left = folder.join(copy.file_name().unwrap());
        fs::rename(copy, &left).unwrap();
        left
    }

    /// A copy of the box beside its folder.
    fn copy(&self, living: &Living) -> PathBuf {
        let _ = living;
        let boxes = fs::read_dir(folder_of(&self.file)).unwrap();
        let mut paths: Vec<_> = boxes.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| fs::File::open(path).unwrap().try_lock().is_err());
        assert_eq!(paths.len(), 1, "one process at a time is copied");
        let copy = self.folder.join(paths[0].file_name().unwrap());
        fs::copy(&paths[0], &copy).unwrap();
        copy
    }

    fn header(&mut self, callsite: &'static Callsite, end: u64, outcome: Outcome) -> Header {
        Header {
            callsite: callsite.registered().id,
            trace_id: self.ids.trace_id(),
            span_id: self.ids.span_id(),
            parent: Some(self.ids.span_id()),
            start: NOW + 5 * SECOND,
            end: NOW + end,
            offset: OFFSET,
            agent: intern("the agent of recovered spans"),
            is_local_root: false,
            outcome,
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        text.lines().map(str::to_owned).collect()
    }

    fn records(&self) -> Vec<SpanRecord> {
        let lines = self.lines();
        let read = |line: &String| serde_json::from_str(line).expect(line);
        lines.iter().map(read).collect()
    }

    fn recover(&self) -> Recovered {
        recover(&self.file).unwrap()
    }

    fn append(&self, text: &[u8]) {
        let mut options = fs::File::options();
        let mut file = options.append(true).create(true).open(&self.file).unwrap();
        file.write_all(text).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Living {
    fn end_all(&mut self, entries: &[(Header, &[u8])]) {
        let mut bytes = Vec::new();
        for (header, items) in entries {
            let mut entry = vec![0; Header::entry_len(items.len())];
            header.write(items, &mut entry);
            bytes.extend(entry);
        }
        let mut segment = self.made.segment(1 << 16).unwrap();
        segment.bytes_mut()[..bytes.len()].copy_from_slice(&bytes);
        segment.commit(bytes.len());
        self.segments.push(segment);
    }

    fn open(&mut self, header: &Header, items: &[u8]) -> &mut Slot {
        let mut slot = self.made.pages().slot().unwrap();
        slot.begin(&head(header), items);
        self.slots.push(slot);
        self.slots.last_mut().unwrap()
    }
}

fn head(header: &Header) -> SlotHead {
    SlotHead {
        callsite: header.callsite,
        trace_id: header.trace_id,
        span_id: header.span_id,
        parent: header.parent,
        start: header.start,
        offset: header.offset,
        agent: header.agent,
    }
}

/// The line that the process itself would have written.
fn line(callsite: &'static Callsite, header: &Header, items: &[u8]) -> String {
    let agent = AgentNames::default().of(header, callsite);
    let view = SpanView {
        header: *header,
        callsite,
        items,
        agent,
    };
    let mut writer = LineWriter::default();
    writer.describe_process(&Arc::new([("service.name", "coder")].into_iter().collect()));
    let mut bytes = Vec::new();
    writer.write(&view, &mut bytes);
    String::from_utf8(bytes).unwrap().trim_end().to_owned()
}

fn items(fill: impl FnOnce(&mut Items)) -> Items {
    let mut items = Items::default();
    fill(&mut items);
    items
}

#[test]
fn spans_that_ended_become_the_lines_that_their_process_would_have_written() {
    let mut place = Place::new("lines");
    let mut living = place.start();
    let said = items(|items| {
        items.set("app.static", &7);
        items.set("app.text", "a\"b");
        items.message("it failed");
        items.event(NOW, "tick", |event| {
            event.set("n", &1.5);
        });
        items.link(&crate::SpanContext::new(
            TraceId::from_bytes([1; 16]).unwrap(),
            SpanId::from_bytes([2; 8]).unwrap(),
        ));
    });
    let model = items(|items| items.set("gen_ai.request.model", "gpt-4o"));
    let turn = items(|items| items.subject("another.turn"));
    let spans = [
        (&CHAT, place.header(&CHAT, 6 * SECOND, Outcome::Ok), &model),
        (
            &TOOL,
            place.header(&TOOL, 7 * SECOND, Outcome::Error),
            &said,
        ),
        (
            &TOOL,
            place.header(&TOOL, 8 * SECOND, Outcome::Cancelled),
            &Items::default(),
        ),
        (&STEP, place.header(&STEP, 9 * SECOND, Outcome::Ok), &turn),
        (
            &STEP,
            place.header(&STEP, 10 * SECOND, Outcome::Ok),
            &Items::default(),
        ),
    ];
    // In another order than that of their ends.
    for (_, header, items) in spans.iter().rev() {
        living.end_all(&[(*header, items.bytes())]);
    }
    place.kill(living);
    let recovered = place.recover();
    assert_eq!(
        (recovered.finished, recovered.open, recovered.boxes),
        (5, 0, 1)
    );
    let wanted: Vec<_> = spans
        .iter()
        .map(|(callsite, header, items)| line(callsite, header, items.bytes()))
        .collect();
    assert_eq!(place.lines(), wanted);
    assert!(!folder_of(&place.file).exists());
}

#[test]
fn spans_that_were_open_have_crashed_when_anything_was_last_heard_of_them() {
    let mut place = Place::new("open");
    let mut living = place.start();
    let header = place.header(&TOOL, 0, Outcome::Ok);
    let slot = living.open(&header, items(|items| items.set("app.step", &1)).bytes());
    slot.append(items(|items| items.set("app.step", &2)).bytes());
    living.made.beat(NOW + 8 * SECOND);
    let late = place.header(&CHAT, 0, Outcome::Ok);
    let event = items(|items| items.event(NOW + 9 * SECOND, "late", |_| {}));
    living.open(&late, event.bytes());
    place.kill(living);
    let recovered = place.recover();
    assert_eq!(
        recovered.to_string(),
        "0 finished and 2 open spans recovered from 1 black box"
    );
    let records = place.records();
    // The last that was heard of any of them is the last that was seen of the process.
    for (record, header, end) in [(&records[0], header, 9), (&records[1], late, 9)] {
        assert_eq!(
            (record.trace_id, record.span_id),
            (header.trace_id, header.span_id)
        );
        assert_eq!(record.parent_span_id, header.parent);
        assert_eq!(record.outcome(), Outcome::Crashed);
        assert_eq!(record.status, crate::Status::Unset);
        assert_eq!(
            record.start_unix_nano,
            (NOW + 5 * SECOND).saturating_add_signed(OFFSET)
        );
        assert_eq!(
            record.end_unix_nano,
            (NOW + end * SECOND).saturating_add_signed(OFFSET)
        );
    }
    assert_eq!(records[0].name, "execute_tool read_file");
    assert_eq!(records[0].attributes.get("app.step"), Some(&Value::Int(2)));
    let agent = records[0].attributes.str("gen_ai.agent.name");
    assert_eq!(agent, Some("the agent of recovered spans"));
}

#[test]
fn a_span_that_is_in_the_file_or_twice_in_the_box_is_written_once() {
    let mut place = Place::new("once");
    place.append(b"{\"earlier\":1}\n");
    let mut living = place.start();
    let [there, twice, ended] = [1, 2, 3].map(|end| place.header(&TOOL, end, Outcome::Ok));
    living.end_all(&[(there, &[]), (twice, &[])]);
    living.end_all(&[(twice, &[]), (ended, &[])]);
    // Ended, but killed before its slot was given up.
    living.open(&ended, &[]);
    place.append((line(&TOOL, &there, &[]) + "\n").as_bytes());
    place.kill(living);
    let recovered = place.recover();
    assert_eq!(
        recovered.to_string(),
        "2 finished and 0 open spans recovered from 1 black box, 1 was there already"
    );
    let wanted = [there, twice, ended].map(|header| line(&TOOL, &header, &[]));
    assert_eq!(place.lines()[1..], wanted);
}

#[test]
fn a_file_that_was_rotated_is_searched_as_well() {
    let mut place = Place::new("rotated");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    place.append((line(&TOOL, &header, &[]) + "\n").as_bytes());
    let rotated = place.folder.join("traces.2026-11-21T11-43-00.123Z.jsonl");
    fs::rename(&place.file, rotated).unwrap();
    place.kill(living);
    let recovered = place.recover();
    assert_eq!((recovered.finished, recovered.already_there), (0, 1));
    assert!(place.lines().is_empty());
}

const STAMP: &str = "2026-11-21T11-43-00.123Z";

#[test]
fn a_rotated_file_without_an_extension_is_searched_as_well() {
    let mut place = Place::new("no-extension");
    place.file = place.folder.join("traces");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    place.append((line(&TOOL, &header, &[]) + "\n").as_bytes());
    let rotated = place.folder.join(format!("traces.{STAMP}"));
    fs::rename(&place.file, rotated).unwrap();
    place.kill(living);
    let recovered = place.recover();
    assert_eq!((recovered.finished, recovered.already_there), (0, 1));
}

#[test]
fn what_was_rotated_behind_a_symbolic_link_is_searched_as_well() {
    for has_new_file in [true, false] {
        let mut place = Place::new("symlink");
        let real = place.folder.join("real");
        fs::create_dir(&real).unwrap();
        place.file = place.folder.join("link.jsonl");
        std::os::unix::fs::symlink("real/traces.jsonl", &place.file).unwrap();
        let mut living = place.start();
        let header = place.header(&TOOL, 1, Outcome::Ok);
        living.end_all(&[(header, &[])]);
        place.append((line(&TOOL, &header, &[]) + "\n").as_bytes());
        let rotated = real.join(format!("traces.{STAMP}.jsonl"));
        fs::rename(real.join("traces.jsonl"), rotated).unwrap();
        if has_new_file {
            place.append(b"");
        }
        place.kill(living);
        let recovered = place.recover();
        assert_eq!((recovered.finished, recovered.already_there), (0, 1));
    }
}

#[test]
#[cfg(feature = "gzip")]
fn what_was_rotated_and_compressed_is_searched_as_well() {
    let mut place = Place::new("compressed");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    let rotated = place.folder.join(format!("traces.{STAMP}.jsonl.gz"));
    let rotated = fs::File::create(rotated).unwrap();
    let mut rotated = flate2::write::GzEncoder::new(rotated, flate2::Compression::fast());
    writeln!(rotated, "{}", line(&TOOL, &header, &[])).unwrap();
    rotated.finish().unwrap();
    place.kill(living);
    let recovered = place.recover();
    assert_eq!((recovered.finished, recovered.already_there), (0, 1));
}

#[test]
#[cfg(not(feature = "gzip"))]
fn a_compressed_file_that_cannot_be_read_leaves_the_box_unless_it_is_older() {
    let mut place = Place::new("compressed");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    let left = place.kill(living);
    let rotated = place.folder.join(format!("traces.{STAMP}.jsonl.gz"));
    fs::write(&rotated, [0x1f, 0x8b, 8, 0]).unwrap();
    let error = recover(&place.file).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot recover into {rotated:?}: the file is compressed with gzip: \
             reading it needs the feature `gzip`"
        )
    );
    assert!(left.exists());
    assert!(place.lines().is_empty());
    let before = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(NOW - 2 * SECOND);
    let rotated = fs::File::options().write(true).open(rotated).unwrap();
    rotated.set_modified(before).unwrap();
    assert_eq!(place.recover().finished, 1);
}

#[test]
fn a_line_to_which_another_is_glued_does_not_count_as_there() {
    let mut place = Place::new("glued");
    let mut living = place.start();
    let [torn, whole] = [1, 2].map(|end| place.header(&TOOL, end, Outcome::Ok));
    living.end_all(&[(torn, &[])]);
    let whole = line(&TOOL, &whole, &[]);
    let glued = line(&TOOL, &torn, &[])[..100].to_owned() + &whole;
    place.append((glued.clone() + "\n").as_bytes());
    place.kill(living);
    assert_eq!(place.recover().finished, 1);
    assert_eq!(place.lines(), [glued, line(&TOOL, &torn, &[])]);
}

#[test]
fn a_line_that_was_torn_after_the_healing_is_ended_before_the_first_line() {
    let place = Place::new("torn-late");
    place.append(b"{\"before\":1}\n{\"to");
    let traces = Traces::new(&place.file);
    traces.append(b"{\"first\":1}\n").unwrap();
    traces.append(b"{\"second\":1}\n").unwrap();
    assert_eq!(
        place.lines(),
        ["{\"before\":1}", "{\"to", "{\"first\":1}", "{\"second\":1}"]
    );
}

#[test]
fn what_a_full_disk_cut_short_is_taken_back_only_where_nobody_writes_behind_it() {
    let place = Place::new("full");
    for (is_locked, other, wanted) in [
        (true, "", "{}\n"),
        (false, "", "{}\n{\"a\""),
        (true, "{\"b\":1}\n", "{}\n{\"a\"{\"b\":1}\n"),
    ] {
        fs::write(&place.file, "{}\n").unwrap();
        let mut options = fs::File::options();
        let file = options.read(true).append(true).open(&place.file).unwrap();
        let held = traces::Held { file, is_locked };
        let mut is_full = false;
        let error = held.append(b"{\"a\":1}\n", |mut file, bytes| {
            if std::mem::replace(&mut is_full, true) {
                place.append(other.as_bytes());
                return Err(io::ErrorKind::StorageFull.into());
            }
            file.write(&bytes[..4])
        });
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&place.file).unwrap(), wanted);
    }
}

#[test]
fn a_box_that_cannot_be_opened_is_named_and_the_others_are_recovered() {
    // A program that runs cannot be opened for writing, whoever asks; one needs to be near to it for
    // a link.
    let program = std::env::current_exe().unwrap();
    let mut place = Place::new("busy-box");
    fs::remove_dir_all(&place.folder).unwrap();
    place.folder = program.with_file_name(place.folder.file_name().unwrap());
    let _ = fs::remove_dir_all(&place.folder);
    fs::create_dir(&place.folder).unwrap();
    place.file = place.folder.join("traces.jsonl");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    place.kill(living);
    let busy = folder_of(&place.file).join("0-a.box");
    fs::hard_link(program, &busy).unwrap();
    let recovered = place.recover();
    assert_eq!((recovered.finished, recovered.boxes), (1, 1));
    let [(path, reason)] = recovered.bad.as_slice() else {
        panic!("{recovered:?}");
    };
    assert_eq!(*path, busy);
    assert!(reason.starts_with("it cannot be opened: "), "{reason}");
    assert!(busy.exists());
}

#[test]
fn a_line_that_the_crash_has_torn_is_written_anew_wherever_it_was_torn() {
    let mut place = Place::new("torn");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    let left = place.kill(living);
    let whole = line(&TOOL, &header, &[]);
    let copy = fs::read(&left).unwrap();
    for len in 1..=whole.len() {
        fs::create_dir_all(folder_of(&place.file)).unwrap();
        fs::write(&left, &copy).unwrap();
        fs::write(&place.file, format!("{{\"before\":1}}\n{}", &whole[..len])).unwrap();
        assert_eq!(place.recover().finished, 1);
        assert_eq!(place.lines(), ["{\"before\":1}", &*whole], "{len}");
    }
}

#[test]
fn a_torn_line_of_another_is_ended_and_kept() {
    let mut place = Place::new("torn-other");
    let mut living = place.start();
    let [ours, other] = [1, 2].map(|end| place.header(&TOOL, end, Outcome::Ok));
    living.end_all(&[(ours, &[])]);
    place.kill(living);
    let torn = &line(&TOOL, &other, &[])[..100];
    place.append(torn.as_bytes());
    assert_eq!(place.recover().finished, 1);
    assert_eq!(place.lines(), [torn, &*line(&TOOL, &ours, &[])]);
}

#[test]
fn the_box_of_a_living_process_is_left_alone() {
    let mut place = Place::new("alive");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    living.open(&header, &[]);
    let recovered = place.recover();
    assert_eq!(
        recovered.to_string(),
        "0 finished and 0 open spans recovered from 0 black boxes; 1 process is still running"
    );
    assert!(place.lines().is_empty());
    place.kill(living);
    assert_eq!(place.recover().finished, 1);
}

#[test]
fn what_is_no_box_is_kept_aside_and_named() {
    let mut place = Place::new("bad");
    let folder = folder_of(&place.file);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("1-a.box"), [7; 5000]).unwrap();
    fs::write(folder.join("2-b.box"), b"short").unwrap();
    fs::write(folder.join("3-c.box"), b"").unwrap();
    fs::write(folder.join("notes.txt"), b"not ours").unwrap();
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[]), (header, &[])]);
    // The second entry says that it is longer than the segment.
    living.segments[0].bytes_mut()[Header::entry_len(0)] = 1;
    let left = place.kill(living);
    let recovered = place.recover();
    assert_eq!((recovered.finished, recovered.boxes), (1, 2));
    assert!(recovered.bad.iter().all(|(path, _)| path.exists()));
    let reason = |name: &str| {
        let path = folder.join(name).with_extension("box.bad");
        let found = recovered.bad.iter().find(|(kept, _)| *kept == path);
        found.map(|(_, reason)| reason.as_str())
    };
    assert_eq!(reason("1-a.box"), Some("it is no black box"));
    assert_eq!(
        reason("2-b.box"),
        Some("it has 5 bytes, fewer than a header")
    );
    assert_eq!(
        reason(left.file_name().unwrap().to_str().unwrap()),
        Some("the last 72 bytes of segment 0 are no spans")
    );
    assert_eq!(place.recover(), Recovered::default());
    assert!(folder.join("notes.txt").exists());
}

#[test]
fn what_the_limits_have_cut_off_the_source_stays_cut_off() {
    let mut place = Place::new("limits");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    // Of the source one attribute is kept.
    let mut said = vec![8, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0];
    said.extend_from_slice(items(|items| items.set("app.text", "abc")).bytes());
    living.end_all(&[(header, &said)]);
    place.kill(living);
    assert_eq!(place.recover().finished, 1);
    let wanted = line(&TOOL, &header, &said);
    assert!(!wanted.contains("app.static"), "{wanted}");
    assert_eq!(place.lines(), [wanted]);
}

#[test]
fn a_text_that_is_spoilt_leaves_the_line_whole() {
    let mut place = Place::new("spoilt-text");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    let mut said = items(|items| items.set("app.text", "abc")).bytes().to_vec();
    *said.last_mut().unwrap() = 0xff;
    living.end_all(&[(header, &said)]);
    place.kill(living);
    assert_eq!(place.recover().finished, 1);
    let text = place.records()[0]
        .attributes
        .str("app.text")
        .map(str::to_owned);
    assert_eq!(text.as_deref(), Some("ab\u{fffd}"));
}

#[test]
fn a_resource_that_is_spoilt_leaves_the_lines_whole() {
    // JSON, but nothing that a line may end with: it would be torn, or not be read back.
    let spoilt = [
        r#"{"a":1}"#,
        "null   ",
        "1e99999",
        "\"cod\"\n ",
        r#"[1,"a"]"#,
    ];
    let torn = spoilt.into_iter().filter(|spoilt| {
        let mut place = Place::new("spoilt-resource");
        let mut living = place.start();
        let header = place.header(&TOOL, 1, Outcome::Ok);
        living.end_all(&[(header, &[])]);
        let left = place.kill(living);
        let mut bytes = fs::read(&left).unwrap();
        let name = br#""coder""#;
        let at = bytes.windows(name.len()).position(|found| found == name);
        bytes[at.unwrap()..][..name.len()].copy_from_slice(spoilt.as_bytes());
        fs::write(&left, bytes).unwrap();
        assert_eq!(place.recover().finished, 1);
        let lines = place.lines();
        let [line] = &*lines else { return true };
        serde_json::from_str::<SpanRecord>(line).is_err()
    });
    assert_eq!(torn.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn names_that_are_missing_lose_no_span() {
    let mut place = Place::new("nameless");
    let mut living = place.start();
    let mut header = place.header(&TOOL, 1, Outcome::Ok);
    header.callsite = u32::MAX;
    header.agent = Symbol::from_number(u32::MAX);
    living.end_all(&[(header, &[])]);
    living.open(&place.header(&TOOL, 1, Outcome::Ok), &[]);
    place.kill(living);
    assert_eq!(place.recover().finished, 1);
    assert_eq!(place.records()[0].name, "unnamed");
}

#[test]
fn recoveries_at_once_write_each_span_once() {
    let mut place = Place::new("at-once");
    let mut wanted = Vec::new();
    for _ in 0..4 {
        let mut living = place.start();
        for end in 0..50 {
            let header = place.header(&TOOL, end, Outcome::Ok);
            living.end_all(&[(header, &[])]);
            wanted.push(header.span_id);
        }
        place.kill(living);
    }
    let total: u64 = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| place.recover())).collect();
        let runs = runs.into_iter().map(|run| run.join().unwrap());
        runs.map(|recovered| recovered.finished).sum()
    });
    assert_eq!(total, 200);
    let mut found: Vec<_> = place.records().iter().map(|span| span.span_id).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn a_recovery_waits_for_one_that_is_at_work() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let place = Place::new("turn");
    let boxes = folder_of(&place.file);
    fs::create_dir_all(&boxes).unwrap();
    let at_work = fs::File::open(&boxes).unwrap();
    at_work.try_lock().unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let _ = place.recover();
            assert!(is_done.load(Ordering::Relaxed), "it did not wait");
        });
        std::thread::sleep(std::time::Duration::from_millis(100));
        is_done.store(true, Ordering::Relaxed);
        at_work.unlock().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn a_recovery_that_was_killed_itself_is_finished_by_the_next() {
    let mut place = Place::new("again");
    let mut living = place.start();
    let headers: Vec<_> = (0..3)
        .map(|end| place.header(&TOOL, end, Outcome::Ok))
        .collect();
    for header in &headers {
        living.end_all(&[(*header, &[])]);
    }
    living.open(&place.header(&TOOL, 0, Outcome::Ok), &[]);
    let left = place.kill(living);
    let copy = fs::read(&left).unwrap();
    let _ = place.recover();
    let whole = fs::read(&place.file).unwrap();
    // It had written so much, and not yet removed the box.
    let near_an_end = |len: &usize| {
        let near = &whole[len.saturating_sub(2)..whole.len().min(len + 2)];
        len.is_multiple_of(41) || near.contains(&b'\n')
    };
    for len in (0..=whole.len()).filter(near_an_end) {
        fs::create_dir_all(folder_of(&place.file)).unwrap();
        fs::write(&left, &copy).unwrap();
        fs::write(&place.file, &whole[..len]).unwrap();
        let _ = place.recover();
        assert_eq!(fs::read(&place.file).unwrap(), whole, "{len}");
    }
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_box() {
    let mut place = Place::new("unwritable");
    let mut living = place.start();
    let header = place.header(&TOOL, 1, Outcome::Ok);
    living.end_all(&[(header, &[])]);
    let left = place.kill(living);
    fs::create_dir(&place.file).unwrap();
    let error = recover(&place.file).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot recover into "),
        "{error}"
    );
    assert!(left.exists());
    fs::remove_dir(&place.file).unwrap();
    assert_eq!(place.recover().finished, 1);
}

#[test]
fn what_a_living_process_has_open_is_seen_from_outside() {
    let mut place = Place::new("in-flight");
    let mut living = place.start();
    let header = place.header(&TOOL, 0, Outcome::Ok);
    let slot = living.open(&header, items(|items| items.set("app.step", &1)).bytes());
    slot.append(items(|items| items.set("app.step", &2)).bytes());
    let dead = place.copy(&living);
    fs::rename(&dead, folder_of(&place.file).join("1-dead.box")).unwrap();
    let open = crate::open_spans_in(&place.file).unwrap();
    let [span] = open.as_slice() else {
        panic!("{open:?}");
    };
    assert_eq!(span.process_id, std::process::id());
    assert_eq!(
        (span.trace_id, span.span_id),
        (header.trace_id, header.span_id)
    );
    assert_eq!(span.parent_span_id, header.parent);
    assert_eq!(span.name, "execute_tool read_file");
    assert_eq!(span.attributes.get("app.step"), Some(&Value::Int(2)));
    assert_eq!(
        span.start_unix_nano,
        (NOW + 5 * SECOND).saturating_add_signed(OFFSET)
    );
    living.slots.clear();
    assert_eq!(crate::open_spans_in(&place.file).unwrap(), []);
    living.made.remove();
}

/// Sixty-four bytes are overwritten where something stands.
#[test]
fn a_box_of_which_something_cannot_be_read_is_kept_and_named() {
    enum From {
        Start,
        Pages,
        OpenSpan,
        Segment,
    }
    let spoilt = |from: From, by: u64, with: &[u8]| {
        let mut place = Place::new("spoilt-parts");
        let mut living = place.start();
        let open = place.header(&TOOL, 0, Outcome::Ok);
        living.open(&open, &[]);
        let text = items(|items| items.set("app.text", "abc"));
        living.end_all(&[(place.header(&CHAT, 1, Outcome::Ok), text.bytes())]);
        let left = place.kill(living);
        let (page, chunk) = (in_flight::PAGE_BYTES as u64, in_flight::CHUNK_BYTES as u64);
        let first = crate::sys::mapped::page_size() as u64;
        let at = match from {
            From::Start => 0,
            From::Pages => first,
            From::OpenSpan => {
                let id = open.span_id.word().to_ne_bytes();
                let bytes = fs::read(&left).unwrap();
                let at = bytes.windows(8).position(|found| found == id).unwrap() as u64;
                at / page * page
            }
            From::Segment => first + chunk,
        };
        let file = fs::File::options().write(true).open(&left).unwrap();
        file.write_all_at(with, at + by).unwrap();
        drop(file);
        let recovered = place.recover();
        let kept = left.with_extension("box.bad");
        let said = match recovered.bad.as_slice() {
            [(path, reason)] if *path == kept && kept.exists() => reason.clone(),
            bad => format!("{bad:?}"),
        };
        // The numbers are those of this machine's pages.
        let said = said.replace(|one: char| one.is_ascii_digit(), "");
        format!("{} spans: {said}", recovered.finished + recovered.open)
    };
    let noise: Vec<u8> = (0..64_u8)
        .map(|byte| byte.wrapping_mul(73) ^ 0x9d)
        .collect();
    let page = in_flight::PAGE_BYTES as u64;
    let nothing = [0; 64];
    let no_part = "what lies from byte  on is no part of a box";
    for (from, by, with, wanted) in [
        (
            From::Start,
            0,
            nothing.as_slice(),
            "0 spans: its mark is gone, and there are spans in it",
        ),
        (From::Pages, 0, &noise, &format!("0 spans: {no_part}")),
        (From::Pages, 0, &nothing, &format!("0 spans: {no_part}")),
        (
            From::Pages,
            page,
            &noise,
            "2 spans: page  is in no state that there is, and not all of its names can be read",
        ),
        (
            From::Pages,
            page + 80,
            &noise,
            "2 spans: not all of its names can be read",
        ),
        (
            From::OpenSpan,
            0,
            &noise,
            "1 spans: page  is in no state that there is",
        ),
        (
            From::OpenSpan,
            16,
            &noise[..8],
            "1 spans: page  has a log that cannot be read to its end",
        ),
        (
            From::OpenSpan,
            24,
            &nothing[..56],
            "1 spans: page  has a span without ids",
        ),
        (From::Segment, 0, &noise, &format!("1 spans: {no_part}")),
        (
            From::Segment,
            16,
            &noise[..8],
            "2 spans: the segment at byte  says  bytes, and has , and the last  bytes of segment  are no spans",
        ),
        (
            From::Segment,
            64,
            &noise,
            "1 spans: the last  bytes of segment  are no spans",
        ),
        (
            From::Segment,
            64 + 72,
            &noise[..16],
            "2 spans:  spans of segment  say something that cannot be read",
        ),
    ] {
        assert_eq!(spoilt(from, by, with), wanted);
    }
}

/// Any bytes whatever in a box: no panic, no endless work.
#[test]
fn a_box_with_any_word_spoilt_is_read_without_a_panic() {
    let mut place = Place::new("spoilt");
    let mut living = place.start();
    let text = "x".repeat(900);
    let said = items(|items| items.set("app.text", &*text));
    living.open(&place.header(&TOOL, 0, Outcome::Ok), said.bytes());
    let header = place.header(&CHAT, 0, Outcome::Ok);
    living.end_all(&[(header, said.bytes())]);
    let left = place.kill(living);
    let whole = fs::read(&left).unwrap();
    let used: Vec<_> = (0..whole.len())
        .step_by(8)
        .filter(|at| whole[*at..*at + 8].iter().any(|byte| *byte != 0))
        .collect();
    for at in used.into_iter().step_by(7) {
        for word in [0, u64::MAX, 1 << 40 | 500] {
            fs::create_dir_all(folder_of(&place.file)).unwrap();
            fs::write(&left, &whole).unwrap();
            let file = fs::File::options().write(true).open(&left).unwrap();
            file.write_all_at(&word.to_ne_bytes(), at as u64).unwrap();
            drop(file);
            let _ = recover(&place.file);
            let _ = fs::remove_dir_all(folder_of(&place.file));
        }
    }
}
