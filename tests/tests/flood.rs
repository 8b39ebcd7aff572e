//! More spans than anything can hold, beside an exporter that hangs: the caller does not notice, the
//! memory is bounded, and every span is accounted for.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs the program to its end, for two minutes at most; what it has printed.
fn flood(args: &[&str]) -> Vec<(String, f64)> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flood"))
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let figures = text.lines().filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    figures.collect()
}

fn figure(figures: &[(String, f64)], name: &str) -> f64 {
    figures
        .iter()
        .find(|(known, _)| known == name)
        .unwrap_or_else(|| panic!("no {name} in {figures:?}"))
        .1
}

#[test]
fn every_span_of_a_flood_is_written_or_counted_as_dropped_in_bounded_memory() {
    for crash_safe in ["false", "true"] {
        let figures = flood(&["2000000", crash_safe]);
        let ended = figure(&figures, "ended");
        assert!(ended == 2_000_000.0, "{figures:?}");
        for exporter in ["jsonl", "hangs"] {
            let of = |what: &str| figure(&figures, &format!("{exporter} {what}"));
            assert!(
                of("written") + of("dropped") + of("failed") == ended,
                "{figures:?}"
            );
        }
        assert!(
            figure(&figures, "jsonl written") == figure(&figures, "lines"),
            "{figures:?}"
        );
        assert!(figure(&figures, "hangs written") == 0.0, "{figures:?}");
        assert!(figure(&figures, "tools called") == ended, "{figures:?}");
        if !cfg!(debug_assertions) {
            // What a program without optimisation takes is no measure.
            assert!(figure(&figures, "resident bytes") < 64e6, "{figures:?}");
        }
    }
}
