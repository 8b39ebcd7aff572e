//! Scores, marks and notes that came when the spans had been written: in a file beside theirs.

mod beside;
mod kept;
mod said;

use std::collections::BTreeMap;
use std::path::PathBuf;

use genai_trace::{LogRecord, SpanRecord};

pub(crate) use self::beside::keep;
pub(crate) use self::kept::{Kept, ON_SPAN, RESULT};
pub(crate) use self::said::{MARK, NOTE, mark, said};
use crate::reading::Scan;
use crate::span::id_of;

/// Scores by the trace and the span that they are about; of those of one name the last holds that was written, whatever
/// the clock said: one that was ahead would otherwise have the last word.
#[derive(Debug, Default)]
pub(crate) struct Scores(BTreeMap<(u128, Option<u64>), BTreeMap<String, Kept>>);

impl Scores {
    /// Takes a score; the trace that it is about, where it is one.
    pub(crate) fn take(&mut self, record: &LogRecord) -> Option<u128> {
        let trace = u128::from_be_bytes(record.trace_id?.to_bytes());
        let kept = Kept::of_record(record)?;
        let of_it = self.0.entry((trace, kept.span())).or_default();
        of_it.insert(kept.name().to_owned(), kept);
        Some(trace)
    }

    /// Takes the scores that were given while a span was open.
    fn take_span(&mut self, span: &SpanRecord) {
        for kept in Kept::on_span(span) {
            let of_it = self.0.entry((id_of(span), kept.span())).or_default();
            of_it.insert(kept.name().to_owned(), kept);
        }
    }

    /// Those on the spans that files have of a trace, or of all, and those beside the files, which came later.
    pub(crate) fn everywhere(files: &[PathBuf], trace: Option<u128>) -> Result<Self, String> {
        let scan = Scan::of(files)?;
        let mut all = Self::default();
        scan.each_record(
            |span| trace.is_none_or(|id| span.trace_id == id),
            |span| all.take_span(&span),
        )?;
        for (of, scores) in Self::beside(files)?.0 {
            all.0.entry(of).or_default().extend(scores);
        }
        Ok(all)
    }

    /// Those of a trace as a whole.
    pub(crate) fn of_trace(&self, trace: u128) -> impl Iterator<Item = &Kept> {
        self.of(trace, None)
    }

    pub(crate) fn of_span(&self, trace: u128, span: u64) -> impl Iterator<Item = &Kept> {
        self.of(trace, Some(span))
    }

    fn of(&self, trace: u128, span: Option<u64>) -> impl Iterator<Item = &Kept> {
        let of_it = self.0.get(&(trace, span)).into_iter();
        of_it.flat_map(BTreeMap::values).filter(is_said)
    }

    /// Those of a trace and of all its spans.
    pub(crate) fn of_run(&self, trace: u128) -> impl Iterator<Item = &Kept> {
        let all = self.0.range((trace, None)..=(trace, Some(u64::MAX)));
        all.flat_map(|(_, kept)| kept.values()).filter(is_said)
    }

    /// All of them, each with its trace.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, &Kept)> {
        let all = self.0.iter();
        let all = all.flat_map(|((trace, _), kept)| kept.values().map(|kept| (*trace, kept)));
        all.filter(|(_, kept)| is_said(kept))
    }
}

/// One that was taken back holds, since it is the last, and says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "a filter's predicate")]
fn is_said(kept: &&Kept) -> bool {
    kept.says_something()
}

#[cfg(test)]
mod tests {
    use genai_trace::{Score, ScoreValue, TraceId, files};

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn id() -> u128 {
        u128::from_str_radix(TRACE, 16).unwrap()
    }

    #[test]
    fn the_last_score_of_a_name_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        std::fs::write(&path, "").unwrap();
        for (name, value) in [
            ("good", None),
            ("relevance", Some("0.5")),
            ("bad", None),
            ("tone", Some("dry")),
            ("note", Some("look at it again")),
        ] {
            let score = said(name, value).unwrap().trace(TRACE.parse().unwrap());
            keep(&path, score.to_log_record()).unwrap();
        }
        let scores = Scores::beside(&[path]).unwrap();
        let texts: Vec<_> = scores.of_trace(id()).map(Kept::text).collect();
        assert_eq!(
            texts,
            ["bad", "note: look at it again", "relevance 0.5", "tone dry"]
        );
        assert_eq!(scores.of_run(id()).count(), 4);
        assert_eq!(scores.of_run(id() + 1).count(), 0);
        assert_eq!(scores.of_trace(id()).next().unwrap().mark(), Some(false));
    }

    #[test]
    fn what_says_nothing_is_no_score() {
        for (name, value, error) in [
            (
                "",
                Some("1"),
                "the name of a score is \"\": expected `good`",
            ),
            (" ", None, "the name of a score is \" \": expected `good`"),
            (
                "tone",
                Some(""),
                "the value of \"tone\" is \"\": expected a number or a word",
            ),
            (
                "tone",
                Some("\t"),
                "the value of \"tone\" is \"\\t\": expected a number or a word",
            ),
            (
                "note",
                Some(" "),
                "the text of a note is \" \": expected a word at least",
            ),
        ] {
            let refused = said(name, value).unwrap_err();
            assert!(refused.starts_with(error), "{refused}");
        }
    }

    #[test]
    fn a_number_that_is_large_has_as_many_digits_as_one_reads() {
        let mut scores = Scores::default();
        let score = said("size", Some("1e308")).unwrap();
        scores.take(&score.trace(TRACE.parse().unwrap()).to_log_record());
        let kept = scores.of_trace(id()).next().unwrap();
        assert_eq!(kept.text(), "size 1e308");
        assert_eq!(kept.document()["value"], 1e308);
    }

    #[test]
    fn a_score_from_a_clock_that_was_ahead_can_be_changed() {
        let mut scores = Scores::default();
        for (name, time) in [("good", u64::MAX), ("bad", 1)] {
            let score = said(name, None).unwrap().trace(TRACE.parse().unwrap());
            let mut record = score.to_log_record();
            record.time_unix_nano = time;
            scores.take(&record);
        }
        let marks: Vec<_> = scores.of_trace(id()).map(Kept::mark).collect();
        assert_eq!(marks, [Some(false)]);
    }

    #[test]
    fn a_score_that_was_taken_back_is_none() {
        let mut scores = Scores::default();
        let of = |score: Score| {
            score
                .trace(TRACE.parse::<TraceId>().unwrap())
                .to_log_record()
        };
        scores.take(&of(said("good", None).unwrap()));
        assert_eq!(scores.of_run(id()).count(), 1);
        scores.take(&of(Score::new("mark", ScoreValue::Nothing)));
        assert_eq!(scores.of_run(id()).count(), 0);
        assert_eq!(scores.iter().count(), 0);
    }

    #[test]
    fn a_mark_is_good_by_its_number_or_its_word() {
        let mark = |score: Score| {
            let record = score.trace(TRACE.parse().unwrap()).to_log_record();
            Kept::of_record(&record).unwrap().mark()
        };
        assert_eq!(mark(Score::new("mark", "good")), Some(true));
        assert_eq!(mark(Score::new("mark", "bad")), Some(false));
        assert_eq!(mark(Score::new("mark", 0.0)), Some(false));
        assert_eq!(mark(Score::new("mark", "so so")), None);
        assert_eq!(mark(Score::new("relevance", 1.0)), None);
    }

    #[test]
    fn an_evaluation_that_failed_says_of_what() {
        let score = Score::failed("relevance", "timeout").trace(TRACE.parse().unwrap());
        let kept = Kept::of_record(&score.to_log_record()).unwrap();
        assert_eq!(kept.text(), "relevance failed (timeout)");
    }

    #[test]
    fn what_is_no_score_is_an_error_that_says_what_is() {
        for (name, value) in [
            ("relevance", None),
            ("relevance", Some("NaN")),
            ("good", Some("1")),
            ("mark", Some("1")),
        ] {
            assert!(said(name, value).is_err(), "{name} {value:?}");
        }
    }

    #[test]
    fn a_file_keeps_its_scores_when_it_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let [plain, compressed] =
            ["traces.jsonl", "traces.jsonl.gz"].map(|name| folder.path().join(name));
        std::fs::write(&plain, "").unwrap();
        let score = said("good", None).unwrap().trace(TRACE.parse().unwrap());
        keep(&plain, score.to_log_record()).unwrap();
        std::fs::rename(&plain, &compressed).unwrap();
        assert_eq!(
            Scores::beside(&[compressed]).unwrap().of_run(id()).count(),
            1
        );
    }

    #[test]
    fn a_torn_line_of_scores_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        std::fs::write(&path, "").unwrap();
        let score = said("good", None).unwrap().trace(TRACE.parse().unwrap());
        let line = serde_json::to_string(&score.to_log_record()).unwrap();
        std::fs::write(files::scores(&path), format!("{line}\n{}", &line[..40])).unwrap();
        assert_eq!(Scores::beside(&[path]).unwrap().of_run(id()).count(), 1);
    }
}
