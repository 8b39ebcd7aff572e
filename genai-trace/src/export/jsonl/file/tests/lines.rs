//! Random lines, limits and faults: each line is found once, or was counted as lost.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};

use proptest::prelude::*;

use super::faulty::{self, Fault};
use super::folder::Folder;
use super::{append, at_bytes, open};
use crate::export::jsonl::rotation::Rotation;

#[derive(Clone, Debug)]
enum Step {
    /// One writer appends lines with so many bytes of padding each, under such faults.
    Append {
        writer: usize,
        paddings: Vec<usize>,
        faults: Vec<Fault>,
    },
    /// One writer ends and another begins.
    Reopen { writer: usize },
    /// A process dies in the middle of a line.
    Tear,
}

const WRITERS: usize = 3;

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::None),
        4 => (1_usize..80).prop_map(Fault::Short),
        2 => Just(Fault::Error(ErrorKind::Interrupted)),
        1 => Just(Fault::Error(ErrorKind::StorageFull)),
        1 => Just(Fault::Stuck),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let paddings = prop::collection::vec(0_usize..60, 1..6);
    let faults = prop::collection::vec(fault(), 0..5);
    prop_oneof![
        8 => (0..WRITERS, paddings, faults).prop_map(|(writer, paddings, faults)| {
            Step::Append { writer, paddings, faults }
        }),
        1 => (0..WRITERS).prop_map(|writer| Step::Reopen { writer }),
        1 => Just(Step::Tear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        // Half of what `PROPTEST_CASES` says, 128 unless said: each makes files.
        cases: ProptestConfig::default().cases.div_ceil(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_line_is_found_once_or_was_counted_as_lost(
        limit in prop::option::of(1_u64..200),
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let folder = Folder::new();
        let rotation = limit.map_or(Rotation::default(), at_bytes);
        let mut writers: Vec<_> = (0..WRITERS).map(|_| open(&folder, rotation.clone())).collect();
        let (mut sent, mut lost) = (0, 0);
        for step in steps {
            match step {
                Step::Append { writer, paddings, faults } => {
                    let lines: Vec<_> = paddings.iter().map(|padding| {
                        sent += 1;
                        format!("{{\"n\":{sent},\"p\":\"{}\"}}", "x".repeat(*padding))
                    }).collect();
                    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
                    faulty::next(faults);
                    lost += append(&mut writers[writer], &lines).0;
                    faulty::next([]);
                }
                Step::Reopen { writer } => writers[writer] = open(&folder, rotation.clone()),
                Step::Tear => {
                    let mut file = std::fs::File::options().append(true).open(folder.live())?;
                    // Like any writer it has first ended what others left torn.
                    if !folder.text().ends_with('\n') {
                        file.write_all(b"\n")?;
                    }
                    file.write_all(b"{\"n\":")?;
                }
            }
        }
        let mut found = HashSet::new();
        for text in folder.texts() {
            for line in text.lines() {
                // What is torn was counted when it was written.
                if let Ok(line) = serde_json::from_str::<serde_json::Value>(line) {
                    prop_assert!(found.insert(line["n"].as_u64()), "twice: {line}");
                }
            }
        }
        prop_assert_eq!(found.len() as u64 + lost, sent);
    }
}
