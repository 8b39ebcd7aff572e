//! What became of the spans: the account that flush and shutdown give.

use std::fmt;

use super::tally::say;

/// What became of the spans since [`init`](crate::init): for each exporter,
/// `ended = sampled_out + routed_elsewhere + written + dropped + failed`, once everything was written
/// ([`complete`](Report::complete)). Until shutdown, spans that wait for the end of their trace
/// ([`TailSampling`](crate::TailSampling)) are only in `ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the report says whether spans were lost"]
#[non_exhaustive]
pub struct Report {
    /// Spans that ended, and those that stand for others
    /// ([`max_spans`](crate::Builder::max_spans)).
    pub ended: u64,
    /// Spans that were left out on purpose: by the sampler, by tail sampling, by `max_spans`.
    pub sampled_out: u64,
    /// What became of the others, by exporter.
    pub exporters: Vec<ExporterReport>,
    /// Whether everything that had ended was handed to every exporter before the deadline.
    pub complete: bool,
}

/// What became of the spans of one exporter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterReport {
    /// The exporter's name, as in `jsonl`.
    pub name: String,
    /// Spans that a [`Route`](crate::Route) has led to other exporters.
    pub routed_elsewhere: u64,
    /// Spans that it has written.
    pub written: u64,
    /// Spans that never reached it: a buffer or its queue was full, or shutdown's time was up. Those
    /// that the deadline cut off are recovered at the next start where telemetry is
    /// [`crash_safe`](crate::Builder::crash_safe).
    pub dropped: u64,
    /// Spans that it could not write.
    pub failed: u64,
    /// What kept it from writing, the last time that it failed.
    pub last_error: Option<String>,
}

impl Report {
    /// Whether a span was lost.
    pub fn has_losses(&self) -> bool {
        !self.complete
            || self
                .exporters
                .iter()
                .any(|exporter| exporter.dropped + exporter.failed > 0)
    }
}

impl Report {
    /// Says it on standard error, where nobody will ask.
    pub(crate) fn tell(&self) {
        say(&format!("genai-trace: {self}\n"));
    }
}

impl fmt::Display for Report {
    /// One line, as in `12 spans ended; jsonl: 12 written, 0 dropped, 0 failed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} spans ended", self.ended)?;
        if self.sampled_out > 0 {
            write!(f, ", {} sampled out", self.sampled_out)?;
        }
        for exporter in &self.exporters {
            write!(
                f,
                "; {}: {} written, {} dropped, {} failed",
                exporter.name, exporter.written, exporter.dropped, exporter.failed
            )?;
            if exporter.routed_elsewhere > 0 {
                write!(f, ", {} routed elsewhere", exporter.routed_elsewhere)?;
            }
            if let Some(error) = &exporter.last_error {
                write!(f, " ({error})")?;
            }
        }
        if !self.complete {
            f.write_str("; the deadline passed before everything was written")?;
        }
        Ok(())
    }
}
