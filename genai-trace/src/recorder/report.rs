//! What became of the spans: the account that flush and shutdown give.

use std::fmt;

use super::tally::say;

/// What became of the spans since [`init`](crate::init), and of events and metrics: for each exporter of spans,
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
    /// What became of the events that are no part of a span, by exporter.
    pub events: Vec<ExporterReport>,
    /// What became of the data points of metrics that are sent, by exporter.
    pub data_points: Vec<ExporterReport>,
    /// Whether everything that had ended was handed to every exporter before the deadline.
    pub complete: bool,
}

/// What became of the spans, the events or the data points of one exporter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterReport {
    /// The exporter's name, as in `jsonl`.
    pub name: String,
    /// Spans that a [`Route`](crate::Route) has led to other exporters.
    pub routed_elsewhere: u64,
    /// Spans that it has written; with `Builder::otlp` those too that wait on disk for the backend.
    pub written: u64,
    /// Spans that never reached it: a buffer or its queue was full, or shutdown's time was up. Those
    /// that the deadline cut off are recovered at the next start where telemetry is
    /// [`crash_safe`](crate::Builder::crash_safe).
    pub dropped: u64,
    /// Spans that it could not write, or that the backend refused.
    pub failed: u64,
    /// What kept it from writing, the last time that it failed.
    pub last_error: Option<String>,
}

impl ExporterReport {
    const fn has_losses(&self) -> bool {
        self.dropped + self.failed > 0
    }

    /// Says how many `items` were written and were not, and why.
    fn write(&self, f: &mut fmt::Formatter<'_>, items: &str) -> fmt::Result {
        let (name, written, dropped, failed) =
            (&self.name, self.written, self.dropped, self.failed);
        write!(
            f,
            "; {name}: {written}{items} written, {dropped} dropped, {failed} failed"
        )?;
        if self.routed_elsewhere > 0 {
            write!(f, ", {} routed elsewhere", self.routed_elsewhere)?;
        }
        match &self.last_error {
            Some(error) => write!(f, " ({error})"),
            None => Ok(()),
        }
    }
}

impl Report {
    /// Whether a span, an event or a data point was lost.
    pub fn has_losses(&self) -> bool {
        let all = self.exporters.iter().chain(&self.events);
        !self.complete || all.chain(&self.data_points).any(ExporterReport::has_losses)
    }
}

impl Report {
    /// Says it on standard error, where nobody will ask.
    pub(crate) fn tell(&self) {
        say(&format!("genai-trace: {self}\n"));
    }
}

impl fmt::Display for Report {
    /// One line, as in `12 spans ended; jsonl: 12 written, 0 dropped, 0 failed`. Of events and data points it says
    /// something where some were lost.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} spans ended", self.ended)?;
        if self.sampled_out > 0 {
            write!(f, ", {} sampled out", self.sampled_out)?;
        }
        for exporter in &self.exporters {
            exporter.write(f, "")?;
        }
        for (of_one, items) in [
            (&self.events, " events"),
            (&self.data_points, " data points"),
        ] {
            for exporter in of_one.iter().filter(|exporter| exporter.has_losses()) {
                exporter.write(f, items)?;
            }
        }
        if !self.complete {
            f.write_str("; the deadline passed before everything was written")?;
        }
        Ok(())
    }
}
