use std::io::{BufReader, Read};

use super::*;

fn line(name: &str) -> String {
    let template = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"NAME","kind":"INTERNAL","start_unix_nano":1,"end_unix_nano":2,"status":"UNSET","status_message":"","attributes":{},"events":[],"links":[],"resource":{}}"#;
    template.replace("NAME", name)
}

/// The names of the spans in `text`, the count of bad lines, and the first of them.
fn read(text: impl AsRef<[u8]>) -> (Vec<String>, u64, Option<(u64, String)>) {
    // A small buffer, so that everything falls on its border some time.
    let mut reader = SpanReader::new(BufReader::with_capacity(7, text.as_ref()));
    let names = reader.by_ref().map(|span| span.unwrap().name).collect();
    let first = reader.first_bad().map(|(line, why)| (line, why.to_owned()));
    (names, reader.bad_lines(), first)
}

#[test]
fn whole_lines_are_read_also_where_the_last_lacks_its_end_only() {
    let text = format!("{}\n{}\r\n\n  \n{}", line("a"), line("b"), line("c"));
    assert_eq!(read(text), (names(["a", "b", "c"]), 0, None));
    assert_eq!(read(""), (Vec::new(), 0, None));
}

#[test]
fn bad_lines_are_passed_over_and_counted_and_the_first_is_told() {
    let text = format!("{}\nhello\n{{}}\n{}\n", line("a"), line("b"));
    let (found, bad, first) = read(text);
    assert_eq!((found, bad), (names(["a", "b"]), 2));
    let (number, reason) = first.unwrap();
    assert!(
        number == 2 && reason.starts_with("not a span: "),
        "{number} {reason}"
    );
}

#[test]
fn invalid_utf_8_costs_its_line_only() {
    let mut text = line("?").into_bytes();
    let at = text.iter().position(|byte| *byte == b'?').unwrap();
    text[at] = 0xff;
    text.extend_from_slice(format!("\n{}\n", line("b")).as_bytes());
    let (found, bad, _) = read(text);
    assert_eq!((found, bad), (names(["b"]), 1));
}

#[test]
fn the_text_around_a_hole_is_read_and_its_line_is_counted_once() {
    let hole = "\0".repeat(5000);
    let (a, b, c) = (line("a"), line("b"), line("c"));
    let whole = format!("{a}\n{hole}{b}\n{c}\n");
    assert_eq!(
        read(whole),
        (
            names(["a", "b", "c"]),
            1,
            Some((2, "a hole of zero bytes".to_owned()))
        )
    );
    let torn = format!("{a}\n{}{hole}{}\n{c}\n{hole}", &b[..20], &b[40..]);
    let (found, bad, first) = read(torn);
    assert_eq!((found, bad), (names(["a", "c"]), 2));
    assert_eq!(first.unwrap().0, 2);
}

#[test]
fn a_last_line_that_is_torn_is_counted() {
    let (a, b) = (line("a"), line("b"));
    let (found, bad, first) = read(format!("{a}\n{}", &b[..100]));
    assert_eq!((found, bad), (names(["a"]), 1));
    let (number, reason) = first.unwrap();
    assert!(
        number == 2 && reason.starts_with("cut off: "),
        "{number} {reason}"
    );
}

#[test]
fn where_reading_fails_the_error_is_the_last_item() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is broken"))
        }
    }
    let text = format!("{}\n", line("a"));
    let input = BufReader::new(text.as_bytes().chain(Broken));
    let mut reader = SpanReader::new(input);
    assert_eq!(reader.next().unwrap().unwrap().name, "a");
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the disk is broken");
    assert!(reader.next().is_none());
}

#[test]
fn a_compressed_file_is_read_or_the_feature_is_named() {
    let path = std::env::temp_dir().join(format!("genai-trace-read-{}.gz", std::process::id()));
    // What `printf '' | gzip -n` makes.
    let empty = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    std::fs::write(&path, empty).unwrap();
    let opened = SpanReader::open(&path);
    std::fs::remove_file(&path).unwrap();
    match cfg!(feature = "gzip") {
        true => assert!(opened.unwrap().next().is_none()),
        false => assert_eq!(
            opened.unwrap_err().to_string(),
            "the file is compressed with gzip: reading it needs the feature `gzip`"
        ),
    }
}

#[cfg(feature = "gzip")]
#[test]
fn a_hole_behind_what_is_compressed_is_a_bad_line_and_what_is_behind_it_is_read() {
    let member = |name| {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        std::io::Write::write_all(&mut encoder, format!("{}\n", line(name)).as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    // Longer than any buffer.
    let hole = vec![0; 200_000];
    let path = std::env::temp_dir().join(format!("genai-trace-hole-{}.gz", std::process::id()));
    for (parts, found, bad) in [
        (vec![member("a"), member("b")], names(["a", "b"]), 0),
        (vec![member("a"), hole.clone()], names(["a"]), 1),
        (vec![member("a"), vec![0]], names(["a"]), 1),
        (vec![member("a"), hole, member("b")], names(["a", "b"]), 1),
    ] {
        std::fs::write(&path, parts.concat()).unwrap();
        let mut reader = SpanReader::open(&path).unwrap();
        let read: Vec<_> = reader.by_ref().map(|span| span.unwrap().name).collect();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((read, reader.bad_lines()), (found, bad));
    }
}

#[cfg(feature = "gzip")]
#[test]
fn of_a_compressed_file_that_is_torn_what_can_be_read_is_and_the_tear_is_a_bad_line() {
    let text: String = (0..3_000)
        .map(|n| line(&format!("{n} {}", n * n)) + "\n")
        .collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    let half = whole.len() / 2;
    let path = std::env::temp_dir().join(format!("genai-trace-torn-{}.gz", std::process::id()));
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let mut reader = SpanReader::open(&path).unwrap();
        let found = reader.by_ref().map(Result::unwrap).count();
        std::fs::remove_file(&path).unwrap();
        (found, reader.bad_lines())
    };
    assert_eq!(read(&whole), (3_000, 0));
    let (found, bad) = read(&whole[..half]);
    assert!((1_000..3_000).contains(&found), "{found}");
    assert_eq!(bad, 1);
    // All of it is there, and what says so is not.
    assert_eq!(read(&whole[..whole.len() - 4]), (3_000, 1));
    assert_eq!(read(&whole[..5]), (0, 1));
    let behind = [&whole[..], &b"text"[..]].concat();
    assert_eq!(read(&behind), (3_000, 1));
    let mut overwritten = whole.clone();
    overwritten[half..half + 100].fill(0xff);
    let (found, bad) = read(&overwritten);
    assert!((1..3_000).contains(&found), "{found}");
    assert!(bad >= 1);
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}
