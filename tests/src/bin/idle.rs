//! Does nothing for a while beside its telemetry, and says what share of a core that took.
//!
//! `idle SECONDS`; fails where it was 0.2 % or more.

use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use genai_trace::{Telemetry, span};

/// Nanoseconds that all threads of this process have run.
fn run_nanos() -> Result<u64, Box<dyn Error>> {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let nanos = text.split(' ').next().ok_or("an empty schedstat")?;
        sum += nanos.parse::<u64>()?;
    }
    Ok(sum)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let seconds: u64 = std::env::args().nth(1).unwrap_or_default().parse()?;
    let folder = std::env::temp_dir().join(format!("genai-trace-idle-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut most = 0.0_f64;
    for crash_safe in [false, true] {
        let telemetry = Telemetry::builder()
            .jsonl(folder.join("traces.jsonl"))
            .crash_safe(crash_safe)
            .install()?;
        span("before").run(|| {});
        std::thread::sleep(Duration::from_secs(1));
        let before = run_nanos()?;
        std::thread::sleep(Duration::from_secs(seconds));
        let share = (run_nanos()? - before) as f64 / (seconds as f64 * 1e9);
        println!("crash_safe({crash_safe}): {:.3} % of a core", share * 100.0);
        most = most.max(share);
        drop(telemetry);
    }
    fs::remove_dir_all(&folder)?;
    Ok(ExitCode::from(u8::from(most >= 0.002)))
}
