//! Random spans through one writer: whatever was written before, each line is its record.

use std::sync::Arc;

use proptest::prelude::*;

use crate::export::jsonl::line::LineWriter;
use crate::export::view::random::span;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_was_written_before_each_line_is_its_record(
        spans in prop::collection::vec(span(), 1..20),
        later in 0_usize..20,
    ) {
        let resource = |name: &str| Arc::new([("service.name", name)].into_iter().collect());
        let (first, second) = (resource("a\"b"), resource("c"));
        let mut writer = LineWriter::default();
        for (index, span) in spans.into_iter().enumerate() {
            let resource = if index < later { &first } else { &second };
            writer.describe_process(resource);
            let (line, record) = span.viewed(|view| {
                let mut line = b"before".to_vec();
                writer.write(view, &mut line);
                (line, serde_json::to_string(&view.record(resource)).unwrap())
            });
            prop_assert_eq!(String::from_utf8(line).unwrap(), format!("before{record}\n"));
        }
    }
}
