//! How spans are spelt on their way to which exporter.

use super::{Builder, InitError};
use crate::export::SpanExporter;
use crate::profile::{Profile, Profiled};

/// Which exporter's spans are spelt how; of one that is named twice the last holds.
#[derive(Default)]
pub(super) struct Profiles(Vec<(String, Profile)>);

impl Profiles {
    pub(super) fn new(said: Vec<(String, Profile)>) -> Self {
        Self(said)
    }

    /// How spans are spelt that go to `exporter`.
    pub(super) fn of(&self, exporter: &str) -> Profile {
        let mut said = self.0.iter().rev();
        let found = said.find(|(name, _)| name == exporter);
        found.map_or(Profile::Latest, |(_, profile)| *profile)
    }

    /// The exporters, to which spans go as was said.
    pub(super) fn applied(
        &self,
        exporters: Vec<Box<dyn SpanExporter>>,
    ) -> Result<Vec<Box<dyn SpanExporter>>, InitError> {
        for (name, profile) in &self.0 {
            if !exporters.iter().any(|exporter| exporter.name() == name) {
                let names = exporters.iter().map(|exporter| exporter.name());
                return Err(InitError::Setting {
                    name: "profile",
                    value: format!("{name}={profile}"),
                    expected: format!(
                        "the name of an exporter: {}",
                        names.collect::<Vec<_>>().join(", ")
                    ),
                });
            }
        }
        let spelt = |exporter: Box<dyn SpanExporter>| -> Box<dyn SpanExporter> {
            match self.of(exporter.name()) {
                Profile::Latest => exporter,
                profile => Box::new(Profiled { profile, exporter }),
            }
        };
        Ok(exporters.into_iter().map(spelt).collect())
    }
}

impl Builder {
    /// Spells the spans that go to the exporter of this name as `profile` has it; as
    /// [`Latest`](Profile::Latest) does unless said. Some profiles also shape the lines of a file, and what the
    /// console prints. Spans of an earlier process that are recovered after a crash
    /// are spelt as they were recorded, and so are events that are no part of a span.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Profile, Telemetry, genai_chat};
    ///
    /// #[genai_chat(provider = "x_ai", model = "grok-4")]
    /// fn ask() {}
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder()
    ///     .memory(&memory)
    ///     .profile("memory", Profile::GenAi1_36)
    ///     .install()?;
    /// ask();
    /// drop(telemetry);
    /// assert_eq!(memory.spans()[0].attributes.str("gen_ai.system"), Some("xai"));
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn profile(mut self, exporter: impl Into<String>, profile: Profile) -> Self {
        self.profiles.0.push((exporter.into(), profile));
        self
    }
}
