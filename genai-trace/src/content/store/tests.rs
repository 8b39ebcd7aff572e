//! What is stored, once, and read again.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::json;

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of a test's own, which goes with it.
struct TestFolder(PathBuf);

impl TestFolder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("genai-trace-content-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(&self.0).into_iter().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
        files.map(|file| file.unwrap().path()).collect()
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn message(number: u32) -> Value {
    json!({"role": "user", "parts": [{"type": "text", "content": format!("message {number}")}]})
}

#[test]
fn a_growing_history_is_stored_once() {
    let folder = TestFolder::new("history");
    let store = ContentStore::folder(&folder.0);
    let mut references = Vec::new();
    for len in 1..=10 {
        references.push(store.put(&(0..len).map(message).collect()).unwrap());
    }
    assert!(store.flush(PATIENCE));
    assert_eq!(folder.files().len(), 10 + 10);
    assert_eq!(store.report().known, 45);
    for (len, reference) in (1..=10).zip(&references) {
        assert_eq!(
            store.read(reference).unwrap(),
            (0..len).map(message).collect::<Value>()
        );
    }
}

#[test]
fn a_value_lies_under_its_hash() {
    let folder = TestFolder::new("hash");
    let store = ContentStore::folder(&folder.0);
    let reference = store.put(&json!("hello")).unwrap();
    assert!(store.flush(PATIENCE));
    let digits = reference.strip_prefix("sha256:").unwrap();
    let file = folder.0.join(&digits[..2]).join(format!("{digits}.json"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "\"hello\"");
    assert_eq!(folder.files(), [file]);
}

#[test]
fn a_value_that_looks_like_a_list_of_references_reads_as_what_it_is() {
    let folder = TestFolder::new("looks-like");
    let store = ContentStore::folder(&folder.0);
    let other = store.put(&json!("of somebody else")).unwrap();
    let list = json!({"genai_trace.list": [other]});
    for value in [
        json!({"genai_trace.value": list}),
        list.clone(),
        json!([list]),
    ] {
        let reference = store.put(&value).unwrap();
        assert!(store.flush(PATIENCE));
        assert_eq!(store.read(&reference).unwrap(), value);
    }
}

#[test]
fn what_is_not_what_was_stored_is_an_error() {
    let folder = TestFolder::new("spoilt");
    let store = ContentStore::folder(&folder.0);
    let reference = store.put(&json!("hello")).unwrap();
    assert!(store.flush(PATIENCE));
    fs::write(&folder.files()[0], "\"other\"").unwrap();
    let error = store.read(&reference).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(
        error
            .to_string()
            .ends_with("is not what was stored under it"),
        "{error}"
    );
    for bad in ["", "sha256:abc", "../../etc/passwd"] {
        let error = store.read(bad).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("expected sha256: and 64 hex digits"),
            "{error}"
        );
    }
    let missing = format!("sha256:{}", "0".repeat(64));
    assert_eq!(
        store.read(&missing).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn a_file_that_was_left_empty_is_written_again() {
    let folder = TestFolder::new("empty");
    let reference = {
        let store = ContentStore::folder(&folder.0);
        let reference = store.put(&json!("hello")).unwrap();
        assert!(store.flush(PATIENCE));
        reference
    };
    fs::write(&folder.files()[0], "").unwrap();
    let store = ContentStore::folder(&folder.0);
    store.put(&json!("hello")).unwrap();
    assert!(store.flush(PATIENCE));
    assert_eq!(store.read(&reference).unwrap(), "hello");
}

#[test]
fn several_stores_share_a_folder() {
    let folder = TestFolder::new("shared");
    let list: Value = (0..50).map(message).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = ContentStore::folder(&folder.0);
                let reference = store.put(&list).unwrap();
                assert!(store.flush(PATIENCE));
                assert_eq!(store.read(&reference).unwrap(), list);
                assert_eq!(store.report().failed, 0);
            });
        }
    });
    assert_eq!(folder.files().len(), 51);
}

/// Says to a process of the next test where to write.
const WRITE_TO: &str = "GENAI_TRACE_TEST_CONTENT";

#[test]
fn several_processes_store_a_history_once() {
    let list: Value = (0..40).map(message).collect();
    if let Some(folder) = std::env::var_os(WRITE_TO) {
        let store = ContentStore::folder(folder);
        for len in 1..=40 {
            store.put(&(0..len).map(message).collect()).unwrap();
        }
        assert!(store.flush(PATIENCE));
        assert_eq!((store.report().failed, store.report().dropped), (0, 0));
        return;
    }
    let folder = TestFolder::new("processes");
    let program = std::env::current_exe().unwrap();
    let test = "content::store::tests::several_processes_store_a_history_once";
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(&program);
            command.args([test, "--exact"]).env(WRITE_TO, &folder.0);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(folder.files().len(), 40 + 40);
    let store = ContentStore::folder(&folder.0);
    let reference = store.put(&list).unwrap();
    assert_eq!(store.read(&reference).unwrap(), list);
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_what_is_stored() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TestFolder::new("modes");
    let store = ContentStore::folder(&folder.0);
    store.put(&json!("hello")).unwrap();
    assert!(store.flush(PATIENCE));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = folder.files().remove(0);
    assert_eq!(
        (mode(&folder.0), mode(file.parent().unwrap()), mode(&file)),
        (0o700, 0o700, 0o600)
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_content_is_replaced_and_not_followed() {
    let folder = TestFolder::new("link");
    let reference = reference_of(b"\"hello\"");
    let digits = reference.strip_prefix("sha256:").unwrap();
    fs::create_dir_all(folder.0.join(&digits[..2])).unwrap();
    let target = folder.0.join("other");
    fs::write(&target, "1234567").unwrap();
    let path = folder.0.join(&digits[..2]).join(format!("{digits}.json"));
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let store = ContentStore::folder(&folder.0);
    store.put(&json!("hello")).unwrap();
    assert!(store.flush(PATIENCE));
    assert_eq!(store.read(&reference).unwrap(), "hello");
    assert_eq!(fs::read_to_string(&target).unwrap(), "1234567");
    fs::remove_file(target).unwrap();
}

/// A file system of one megabyte; unmounted in the end.
struct Small(TestFolder);

impl Small {
    fn mount() -> Option<Self> {
        let folder = TestFolder::new("small");
        fs::create_dir_all(&folder.0).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "none"]);
        let mounted = mount.arg(&folder.0).output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0.0).status();
    }
}

#[test]
fn on_a_full_disk_what_fits_is_whole_the_rest_is_counted_and_later_content_arrives() {
    let Some(small) = Small::mount() else {
        println!("skipped: cannot mount a tmpfs");
        return;
    };
    let place = small.0.0.join("content");
    let store = ContentStore::folder(&place);
    let value = |number: u32| json!(format!("{number} {}", "x".repeat(50_000)));
    let references: Vec<_> = (0..40)
        .map(|number| store.put(&value(number)).unwrap())
        .collect();
    assert!(store.flush(PATIENCE));
    let report = store.report();
    assert!(report.failed > 10, "{report:?}");
    assert_eq!(report.stored + report.failed, 40);
    let error = report.last_error.unwrap();
    assert!(error.contains("No space left on device"), "{error}");
    // No part of what found no room is left.
    let folder = TestFolder(place);
    assert_eq!(folder.files().len() as u64, report.stored);
    let whole = (0..40).zip(&references).filter(|(number, reference)| {
        store
            .read(reference)
            .is_ok_and(|read| read == value(*number))
    });
    assert_eq!(whole.count() as u64, report.stored);
    fs::remove_dir_all(&folder.0).unwrap();
    let last = store.put(&value(39)).unwrap();
    assert!(store.flush(PATIENCE));
    assert_eq!(store.read(&last).unwrap(), value(39));
}

#[test]
fn a_folder_that_cannot_be_written_is_counted_and_disturbs_nobody() {
    let folder = TestFolder::new("refused");
    fs::write(&folder.0, "a file, where the folder should be").unwrap();
    let store = ContentStore::folder(&folder.0);
    store.put(&json!([1, 2])).unwrap();
    assert!(store.flush(PATIENCE));
    let report = store.report();
    assert_eq!((report.stored, report.failed), (0, 3));
    assert!(report.last_error.is_some());
    // It is tried again, and not taken for known.
    store.put(&json!([1, 2])).unwrap();
    assert!(store.flush(PATIENCE));
    assert_eq!(store.report().failed, 6);
    fs::remove_file(&folder.0).unwrap();
}

/// A sink that says when it has begun, and goes on when it is told to.
struct Slow {
    begun: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl ContentSink for Slow {
    fn put(&self, _reference: &str, _bytes: &[u8]) -> io::Result<()> {
        self.begun.send(()).map_err(io::Error::other)?;
        let go_on = self.go_on.lock().unwrap();
        go_on.recv().map_err(io::Error::other)
    }
}

#[test]
fn what_finds_no_room_is_dropped_and_counted_while_nobody_waits() {
    let (begun, has_begun) = channel();
    let (tell, go_on) = channel();
    let mut store = ContentStore::sink(Slow {
        begun,
        go_on: Mutex::new(go_on),
    });
    store.most_waiting = 1000;
    store.put(&json!(0)).unwrap();
    has_begun.recv().unwrap();
    assert!(!store.flush(Duration::ZERO));
    let large = "x".repeat(600);
    assert!(store.put(&json!(large)).is_some());
    assert!(store.put(&json!([large])).is_some());
    assert_eq!(store.put(&json!(format!("{large}y"))), None);
    assert_eq!(store.report().dropped, 1);
    drop(tell);
    assert!(store.flush(PATIENCE));
    assert_eq!(store.report().failed, 3);
}

#[test]
fn a_sink_that_panics_costs_one_value() {
    struct Panicking;
    impl ContentSink for Panicking {
        fn put(&self, _reference: &str, bytes: &[u8]) -> io::Result<()> {
            match bytes {
                b"1" => panic!("one"),
                _ => Ok(()),
            }
        }
    }
    let store = ContentStore::sink(Panicking);
    store.put(&json!(1)).unwrap();
    store.put(&json!(2)).unwrap();
    assert!(store.flush(PATIENCE));
    let report = store.report();
    assert_eq!((report.stored, report.failed), (1, 1));
    assert_eq!(report.last_error.as_deref(), Some("the sink panicked: one"));
    let reference = reference_of(b"2");
    assert_eq!(
        store.read(&reference).unwrap_err().kind(),
        ErrorKind::Unsupported
    );
}

#[test]
fn a_store_beside_the_traces_lies_in_their_folder() {
    let folder = TestFolder::new("beside");
    let store = ContentStore::beside_traces();
    assert_eq!(store.put(&json!(1)), None);
    assert_eq!(
        store.read("sha256:").unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert!(store.clone().beside(None).is_none());
    let store = store.beside(Some(&folder.0.join("t.jsonl"))).unwrap();
    store.put(&json!(1)).unwrap();
    assert!(store.flush(PATIENCE));
    assert!(folder.0.join("t.jsonl.d").join("content").is_dir());
}

#[test]
fn only_what_is_large_is_stored_unless_all_is() {
    let store = ContentStore::beside_traces();
    assert_eq!([8192, 8193].map(|bytes| store.takes(bytes)), [false, true]);
    assert!(store.clone().above(10).takes(11));
    assert!(store.everything().takes(2));
}
