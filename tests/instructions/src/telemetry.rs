//! Telemetry as it is by default, but for a buffer that holds all spans of a run: how often the
//! drain thread comes by depends on the machine, and nothing may be lost meanwhile.

use std::path::PathBuf;
use std::time::Duration;

use genai_trace::{Builder, Sampler, Telemetry};

/// All spans of a run: 20,000 of less than 400 bytes.
const BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// What is to be different from the default.
#[derive(Clone, Copy, PartialEq)]
pub enum Setting {
    Default,
    CrashSafe,
    SampledOut,
}

/// Runs `work` with telemetry installed, and hands over what it has left.
pub fn with(setting: Setting, work: impl FnOnce(&Telemetry)) -> Result<(), String> {
    let folder = Folder::new()?;
    let telemetry = builder(setting)
        .jsonl(folder.0.join("traces.jsonl"))
        .install()
        .map_err(|error| error.to_string())?;
    work(&telemetry);
    let report = telemetry.shutdown(Duration::from_secs(60));
    let is_lossless = report.complete
        && report
            .exporters
            .iter()
            .all(|exporter| exporter.dropped == 0 && exporter.failed == 0);
    match is_lossless {
        true => Ok(()),
        false => Err(format!("spans were lost: {report}")),
    }
}

fn builder(setting: Setting) -> Builder {
    let builder = Telemetry::builder()
        .service_name("instructions")
        .buffer_bytes(BUFFER_BYTES);
    match setting {
        Setting::Default => builder,
        Setting::CrashSafe => builder.crash_safe(true),
        Setting::SampledOut => builder.sampler(Sampler::always_off()),
    }
}

/// A folder of this process, removed with what is in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let name = format!("genai-trace-instructions-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
