//! One of several processes that write to one traces file.
//!
//! `span_writer FILE BYTES MILLISECONDS [compress]`: records spans for so long into the file, which is
//! rotated at so many bytes. Each span has the process and a number; at the end it says how many there
//! were, and what became of them.

use std::error::Error;
use std::time::{Duration, Instant};

use genai_trace::{JsonlExporter, Telemetry, span};

/// What is recorded before it waits for the file: also more than goes out in one write.
const BURSTS: [u64; 4] = [1, 30, 2, 1000];
const PAUSE: Duration = Duration::from_millis(5);

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, bytes, millis, rest @ ..] = args.as_slice() else {
        return Err("span_writer FILE BYTES MILLISECONDS [compress]".into());
    };
    let options = JsonlExporter::options()
        .rotate_at_bytes(bytes.parse()?)
        .compress(rest.first().is_some_and(|word| word == "compress"));
    let telemetry = Telemetry::builder()
        .service_name("span_writer")
        .jsonl_with(file, options)
        .install()?;
    let process = std::process::id();
    let until = Instant::now() + Duration::from_millis(millis.parse()?);
    let mut number: u64 = 0;
    for burst in BURSTS.into_iter().cycle() {
        for _ in 0..burst {
            span("step")
                .attr("app.process", &process)
                .attr("app.number", &number)
                .run(|| {});
            number += 1;
        }
        let report = telemetry.flush(Duration::from_secs(60));
        if Instant::now() >= until || report.has_losses() {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    let report = telemetry.shutdown(Duration::from_secs(60));
    println!("{process} {number} {report}");
    Ok(())
}
