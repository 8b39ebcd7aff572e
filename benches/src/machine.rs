//! Where the figures were taken.

use std::fs;
use std::process::Command;

/// The processor, the kernel, the compiler, and how busy the machine was.
pub fn describe() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let rustc = Command::new("rustc")
        .arg("--version")
        .output()
        .map_or_else(|_| String::new(), |output| text(&output.stdout));
    format!(
        "{cores} cores of {model}, Linux {}, {}, load {load} at the start",
        kernel.trim(),
        rustc.trim(),
    )
}

/// What is compared, and what the contenders are made of.
const NAMES: [&str; 14] = [
    "genai-trace",
    "fastrace",
    "opentelemetry_sdk",
    "tracing",
    "tracing-subscriber",
    "tracing-appender",
    "tracing-opentelemetry",
    "logfire",
    "emit",
    "emit_file",
    "trace-weft",
    "prometheus-client",
    "serde_json",
    "tokio",
];

/// The versions of what is compared, from the lock file that this program was built with.
pub fn versions() -> String {
    let lock = include_str!("../Cargo.lock");
    let versions = |name| {
        let line = format!("name = \"{name}\"");
        let mut lines = lock.lines();
        let mut found = Vec::new();
        while lines.any(|other| *other == *line) {
            let version = lines.next()?.strip_prefix("version = ")?;
            found.push(version.trim_matches('"'));
        }
        Some(format!("{name} {}", found.join(" and ")))
    };
    NAMES
        .into_iter()
        .filter_map(versions)
        .collect::<Vec<_>>()
        .join(", ")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
