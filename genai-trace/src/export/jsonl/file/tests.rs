mod faulty;
mod folder;
mod lines;

use std::fs;
use std::io::{ErrorKind, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::faulty::{Fault, Faulty};
use self::folder::Folder;
use super::*;

/// Appends lines with these texts; how many were lost, and what was said of it.
fn append(file: &mut JsonlFile<Faulty>, lines: &[&str]) -> (u64, String) {
    let (mut text, mut ends) = (Vec::new(), Vec::new());
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        ends.push(text.len());
    }
    let mut trouble = Trouble::default();
    file.append(&text, &ends, &mut trouble);
    match trouble.into_result() {
        Ok(()) => (0, String::new()),
        Err(error) => (error.failed_of(u64::MAX), error.to_string()),
    }
}

fn open(folder: &Folder, rotation: Rotation) -> JsonlFile<Faulty> {
    let settings = Settings {
        rotation,
        ..Settings::default()
    };
    faulty::next([]);
    JsonlFile::open(&folder.live(), settings).unwrap()
}

fn at_bytes(bytes: u64) -> Rotation {
    Rotation {
        at_bytes: Some(bytes),
        ..Rotation::default()
    }
}

const FINE: (u64, String) = (0, String::new());

#[test]
fn short_slow_and_interrupted_writes_lose_nothing() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    faulty::next([
        Fault::Short(1),
        Fault::Error(ErrorKind::Interrupted),
        Fault::Short(2),
        Fault::Slow,
    ]);
    assert_eq!(append(&mut file, &["one", "two"]), FINE);
    assert_eq!(folder.text(), "one\ntwo\n");
}

#[test]
fn a_full_disk_loses_the_lines_that_are_not_whole_and_leaves_no_torn_one() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    faulty::next([Fault::Short(6), Fault::Error(ErrorKind::StorageFull)]);
    let (lost, said) = append(&mut file, &["one", "two", "three"]);
    assert_eq!(lost, 2);
    assert_eq!(
        said,
        format!("cannot write {:?}: no storage space", folder.live())
    );
    assert_eq!(folder.text(), "one\n");
    assert_eq!(append(&mut file, &["four"]), FINE);
    assert_eq!(folder.text(), "one\nfour\n");
}

#[test]
fn a_torn_line_that_cannot_be_cut_off_is_ended_before_the_next() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    faulty::next([Fault::Short(6), Fault::Stuck]);
    assert_eq!(append(&mut file, &["one", "two"]).0, 1);
    assert_eq!(append(&mut file, &["three"]), FINE);
    assert_eq!(folder.text(), "one\ntw\nthree\n");
}

#[test]
fn a_line_that_lacks_its_end_alone_is_no_loss() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    faulty::next([Fault::Short(7), Fault::Stuck]);
    assert_eq!(append(&mut file, &["one", "two", "three"]).0, 1);
    assert_eq!(append(&mut file, &["four"]), FINE);
    assert_eq!(folder.text(), "one\ntwo\nfour\n");
}

#[test]
fn a_torn_line_is_not_cut_off_without_the_turn() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    let other = fs::File::open(folder.live()).unwrap();
    other.lock().unwrap();
    faulty::next([Fault::Short(6), Fault::Error(ErrorKind::StorageFull)]);
    assert_eq!(append(&mut file, &["one", "two"]).0, 1);
    assert_eq!(folder.text(), "one\ntw");
}

#[test]
fn a_writer_that_does_not_give_its_turn_back_is_not_waited_for() {
    let folder = Folder::new();
    let mut file = open(&folder, at_bytes(1));
    let other = fs::File::open(folder.live()).unwrap();
    other.lock().unwrap();
    // Without the turn the file is not rotated either.
    assert_eq!(append(&mut file, &["one", "two"]), FINE);
    assert_eq!(folder.texts(), ["one\ntwo\n"]);
}

#[test]
fn a_tail_that_a_dead_writer_left_torn_is_ended_first() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    assert_eq!(append(&mut file, &["one"]), FINE);
    let mut other = fs::File::options()
        .append(true)
        .open(folder.live())
        .unwrap();
    other.write_all(b"tor").unwrap();
    assert_eq!(append(&mut file, &["two"]), FINE);
    assert_eq!(folder.text(), "one\ntor\ntwo\n");
}

#[test]
fn a_file_that_others_empty_is_written_on_from_its_beginning() {
    let folder = Folder::new();
    let mut file = open(&folder, at_bytes(8));
    assert_eq!(append(&mut file, &["one"]), FINE);
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(folder.live())
        .unwrap();
    assert_eq!(append(&mut file, &["two", "six"]), FINE);
    assert_eq!(folder.texts(), ["two\nsix\n"]);
}

#[test]
fn a_file_is_rotated_at_a_line_end_before_it_would_be_too_large() {
    let folder = Folder::new();
    let mut file = open(&folder, at_bytes(8));
    assert_eq!(append(&mut file, &["one", "two", "six"]), FINE);
    assert_eq!(append(&mut file, &["ten", "a longer line", "x"]), FINE);
    assert_eq!(
        folder.texts(),
        ["one\ntwo\n", "six\nten\n", "a longer line\n", "x\n"]
    );
}

#[test]
fn no_more_rotated_files_are_kept_than_said() {
    let folder = Folder::new();
    let rotation = Rotation {
        keep: Some(2),
        ..at_bytes(4)
    };
    let mut file = open(&folder, rotation);
    assert_eq!(append(&mut file, &["1", "222", "333", "444", "555"]), FINE);
    assert_eq!(folder.texts(), ["333\n", "444\n", "555\n"]);
}

/// A line of a span that ended so long ago.
fn ended(ago: Duration) -> String {
    let time = SystemTime::now() - ago;
    let nanos = time.duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{{\"a\":1,\"end_unix_nano\":{nanos},")
}

fn when_older_than(age: Duration) -> Rotation {
    Rotation {
        every: Some(age),
        ..Rotation::default()
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn a_file_is_as_old_as_its_first_write_however_long_the_span_had_waited() {
    let folder = Folder::new();
    let waited = ended(HOUR * 2);
    let mut file = open(&folder, when_older_than(HOUR));
    assert_eq!(append(&mut file, &[&waited]), FINE);
    assert_eq!(append(&mut file, &["same"]), FINE);
    let mut another = open(&folder, when_older_than(HOUR));
    assert_eq!(append(&mut another, &["again"]), FINE);
    assert_eq!(folder.texts(), [format!("{waited}\nsame\nagain\n")]);
}

#[test]
fn a_file_that_has_become_too_old_is_rotated_whatever_its_spans_say() {
    let folder = Folder::new();
    let mut file = open(&folder, when_older_than(MOMENT));
    // The clock was ahead when the span ended.
    let ahead = r#"{"a":1,"end_unix_nano":9000000000000000000,"#;
    assert_eq!(append(&mut file, &[ahead]), FINE);
    std::thread::sleep(MOMENT * 2);
    assert_eq!(append(&mut file, &["next"]), FINE);
    assert_eq!(folder.texts(), [format!("{ahead}\n"), "next\n".to_owned()]);
}

#[test]
fn a_file_of_an_earlier_process_is_rotated_when_it_is_old() {
    let folder = Folder::new();
    let old = ended(HOUR);
    fs::write(folder.live(), format!("{old}\n")).unwrap();
    std::thread::sleep(MOMENT * 2);
    let mut file = open(&folder, when_older_than(MOMENT));
    assert_eq!(append(&mut file, &["next"]), FINE);
    assert_eq!(folder.texts(), [format!("{old}\n"), "next\n".to_owned()]);
}

#[test]
fn a_torn_tail_is_ended_before_its_file_is_put_aside() {
    let folder = Folder::new();
    fs::write(folder.live(), "one\ntor").unwrap();
    let mut file = open(&folder, at_bytes(7));
    assert_eq!(append(&mut file, &["two"]), FINE);
    assert_eq!(folder.texts(), ["one\ntor\n", "two\n"]);
}

#[test]
fn a_file_that_cannot_be_rotated_is_written_on_and_the_reason_is_said() {
    let folder = Folder::new();
    let mut file = open(&folder, at_bytes(4));
    // No name is left behind this one.
    let last = format!("traces.9999-12-31T23-59-59.999Z-{}.jsonl", u64::MAX);
    fs::write(folder.path().join(last), "").unwrap();
    let (lost, said) = append(&mut file, &["one", "two"]);
    let beginning = format!("cannot rotate {:?}: ", folder.live());
    assert!(lost == 0 && said.starts_with(&beginning), "{lost} {said}");
    assert_eq!(folder.text(), "one\ntwo\n");
}

#[test]
fn a_file_that_is_rotated_by_another_writer_is_followed_in_silence() {
    let folder = Folder::new();
    let mut ours = open(&folder, at_bytes(4));
    let mut theirs = open(&folder, at_bytes(4));
    for _ in 0..3 {
        assert_eq!(append(&mut ours, &["our"]), FINE);
        assert_eq!(append(&mut theirs, &["the"]), FINE);
    }
    assert_eq!(
        folder.texts(),
        ["our\n", "the\n", "our\n", "the\n", "our\n", "the\n"]
    );
}

#[test]
fn a_rotated_file_that_was_one_too_many_by_now_is_no_loss_either() {
    let folder = Folder::new();
    let mut ours = open(&folder, Rotation::default());
    assert_eq!(append(&mut ours, &["our"]), FINE);
    let rotation = Rotation {
        keep: Some(1),
        ..at_bytes(4)
    };
    let mut theirs = open(&folder, rotation);
    assert_eq!(append(&mut theirs, &["one", "two"]), FINE);
    assert_eq!(append(&mut ours, &["six"]), FINE);
    assert_eq!(folder.texts(), ["one\n", "two\nsix\n"]);
}

#[test]
fn a_file_that_is_removed_is_said_once_and_written_anew() {
    let folder = Folder::new();
    let mut file = open(&folder, Rotation::default());
    assert_eq!(append(&mut file, &["one"]), FINE);
    fs::remove_file(folder.live()).unwrap();
    let said = format!(
        "{:?} was removed or moved: writing goes on in the file that is there now",
        folder.live()
    );
    assert_eq!(append(&mut file, &["two"]), (0, said));
    assert_eq!(append(&mut file, &["six"]), FINE);
    assert_eq!(folder.text(), "two\nsix\n");
}

#[cfg(unix)]
#[test]
fn a_new_file_may_be_read_by_those_who_could_read_the_old_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mut file = open(&folder, at_bytes(4));
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(folder.live(), mode(0o660)).unwrap();
    assert_eq!(append(&mut file, &["one", "two"]), FINE);
    let made = fs::metadata(folder.live()).unwrap().permissions().mode();
    assert_eq!(made & 0o777, 0o660);
}

// With the feature `gzip` there is more to set.
#[cfg_attr(not(feature = "gzip"), allow(clippy::needless_update))]
fn syncing(folder: &Folder, sync: SyncPolicy) -> JsonlFile<Faulty> {
    let settings = Settings {
        rotation: at_bytes(4),
        sync,
        ..Settings::default()
    };
    faulty::next([]);
    JsonlFile::open(&folder.live(), settings).unwrap()
}

fn flush(file: &mut JsonlFile<Faulty>) -> String {
    let mut trouble = Trouble::default();
    file.flush(&mut trouble);
    let error = trouble.into_result().err();
    error.map_or(String::new(), |error| error.to_string())
}

#[test]
fn the_disk_is_waited_for_as_the_policy_says() {
    for (policy, after_writes, after_flushes) in [
        (SyncPolicy::Never, 0, 0),
        // The file that is left is synced as well; and nothing twice.
        (SyncPolicy::OnFlush, 1, 1),
        (SyncPolicy::EveryWrite, 2, 0),
    ] {
        let folder = Folder::new();
        let mut file = syncing(&folder, policy);
        faulty::synced();
        assert_eq!(append(&mut file, &["one"]), FINE);
        assert_eq!(append(&mut file, &["two"]), FINE);
        assert_eq!(faulty::synced(), after_writes, "{policy:?}");
        assert_eq!((flush(&mut file), flush(&mut file)), Default::default());
        assert_eq!(faulty::synced(), after_flushes, "{policy:?}");
    }
}

#[test]
fn a_disk_that_does_not_take_what_was_written_is_told_also_of_a_file_that_was_left() {
    let folder = Folder::new();
    let broken = || Fault::Error(ErrorKind::Other);
    let said = format!("cannot sync {:?}: other error", folder.live());
    let mut file = syncing(&folder, SyncPolicy::OnFlush);
    faulty::next([Fault::None, broken()]);
    assert_eq!(append(&mut file, &["one", "two"]), FINE);
    assert_eq!(flush(&mut file), said);
    assert_eq!(flush(&mut file), "");
    let folder = Folder::new();
    let said = format!("cannot sync {:?}: other error", folder.live());
    let mut file = syncing(&folder, SyncPolicy::EveryWrite);
    faulty::next([Fault::None, broken()]);
    assert_eq!(append(&mut file, &["six"]), (0, said));
}

#[cfg(feature = "gzip")]
mod compressed {
    use super::*;

    fn compressing(folder: &Folder) -> JsonlFile<Faulty> {
        compressing_with(folder, at_bytes(4))
    }

    fn compressing_with(folder: &Folder, rotation: Rotation) -> JsonlFile<Faulty> {
        let settings = Settings {
            rotation,
            compress: true,
            ..Settings::default()
        };
        JsonlFile::open(&folder.live(), settings).unwrap()
    }

    fn finish(mut file: JsonlFile<Faulty>) -> Option<String> {
        let mut trouble = Trouble::default();
        file.finish(&mut trouble);
        trouble.into_result().err().map(|error| error.to_string())
    }

    #[test]
    fn rotated_files_are_compressed_those_of_an_earlier_process_included() {
        let folder = Folder::new();
        let mut file = open(&folder, at_bytes(4));
        assert_eq!(append(&mut file, &["one", "two"]), FINE);
        // What a process leaves that is killed while it compresses.
        let part = format!("{}.gz.part", folder.names()[0]);
        fs::write(folder.path().join(part), "half").unwrap();
        let mut file = compressing(&folder);
        assert_eq!(append(&mut file, &["six"]), FINE);
        assert_eq!(finish(file), None);
        let names = folder.names();
        assert!(
            names.len() == 3 && names[..2].iter().all(|name| name.ends_with(".jsonl.gz")),
            "{names:?}"
        );
        assert_eq!(folder.texts(), ["one\n", "two\n", "six\n"]);
    }

    #[test]
    fn a_file_that_cannot_be_compressed_stays_and_the_reason_is_said() {
        let folder = Folder::new();
        let mut file = open(&folder, at_bytes(4));
        assert_eq!(append(&mut file, &["one", "two"]), FINE);
        // A folder in the place of what is to be written.
        let part = format!("{}.gz.part", folder.names()[0]);
        fs::create_dir_all(folder.path().join(part)).unwrap();
        let mut file = compressing(&folder);
        let mut said = vec![append(&mut file, &["six"]).1];
        said.extend(finish(file));
        let said = said.concat();
        assert!(said.starts_with("cannot compress \""), "{said}");
        assert_eq!(folder.texts(), ["one\n", "two\n", "six\n"]);
        assert!(!folder.names()[0].ends_with(".gz"));
    }

    #[test]
    fn a_file_that_is_one_too_many_while_it_is_compressed_goes_without_a_word() {
        let folder = Folder::new();
        let mut file = open(&folder, at_bytes(4));
        assert_eq!(append(&mut file, &["one", "two"]), FINE);
        let first = folder.path().join(&folder.names()[0]);
        let part = folder.path().join(format!("{}.gz.part", folder.names()[0]));
        // A hole that takes minutes to compress, until it is cut off.
        let hole = fs::OpenOptions::new().write(true).open(&first).unwrap();
        hole.set_len(1 << 36).unwrap();
        let rotation = Rotation {
            keep: Some(2),
            ..at_bytes(4)
        };
        let mut file = compressing_with(&folder, rotation);
        assert_eq!(append(&mut file, &["six"]), FINE);
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        while !part.exists() && std::time::Instant::now() < deadline {
            std::thread::sleep(MOMENT);
        }
        let is_at_it = part.exists();
        let last = append(&mut file, &["ten"]);
        let is_pruned = !first.exists();
        hole.set_len(0).unwrap();
        assert_eq!((is_at_it, is_pruned, last), (true, true, FINE));
        assert_eq!(finish(file), None);
        assert_eq!(folder.texts(), ["two\n", "six\n", "ten\n"]);
    }
}
