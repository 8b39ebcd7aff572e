//! A program whose panics abort: nothing is dropped, and no exit handler runs. It panics in a process
//! of its own and looks at what that left.
#![deny(warnings)]

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use genai_trace::{Telemetry, genai_tool};

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

#[genai_tool]
fn read_file(path: &str) -> usize {
    path.len()
}

fn panics() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = genai_trace::init()?;
    TELEMETRY.get_or_init(|| telemetry);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        if let Some(telemetry) = TELEMETRY.get() {
            let _ = telemetry.flush(Duration::from_secs(20));
        }
    }));
    for _ in 0..100 {
        read_file("Cargo.toml");
    }
    panic!("the end");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).is_some() {
        return panics();
    }
    let output = Command::new(std::env::current_exe()?)
        .arg("panic")
        .output()?;
    let said = String::from_utf8(output.stderr)?;
    assert!(
        output.status.code().is_none() && said.contains("the end"),
        "{said}"
    );
    let file = std::fs::read_to_string("traces.jsonl")?;
    assert_eq!(file.lines().count(), 100);
    Ok(())
}
