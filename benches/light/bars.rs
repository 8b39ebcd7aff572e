//! What ours may weigh.

use std::io;

use crate::Measured;
use crate::measure::Built;
use crate::report::named;
use crate::stats::median;
use crate::subjects::{HELLO, OURS, USUAL};

/// The most lines of `cargo tree`.
const LINES: usize = 21;
/// The most of the usual stack's processor timefor a clean build.
const CPU: f64 = 1.0 / 3.0;
/// The most of what the usual stack adds to the program.
const SIZE: f64 = 1.0 / 5.0;

/// An error that names what is too heavy; what was not measured is passed over.
pub fn hold(measured: &[Measured]) -> io::Result<()> {
    let (Some(hello), Some(ours)) = (named(measured, HELLO), named(measured, OURS)) else {
        return Ok(());
    };
    println!();
    let mut broken = Vec::new();
    let mut bar = |what: &str, is: f64, most: f64, holds: bool| {
        println!("{what}: {is:.2}, {most:.2} allowed");
        if !holds {
            broken.push(what.to_owned());
        }
    };
    let lines = ours.tree.lines;
    bar(
        "lines of cargo tree",
        lines as f64,
        LINES as f64,
        lines <= LINES,
    );
    if let Some(usual) = named(measured, USUAL) {
        // Of builds in the same round, whole, as a user waits for them.
        let cpu = ratio(ours, usual, |built| built.cpu);
        bar("build by the usual stack's", cpu, CPU, cpu <= CPU);
        let base = hello.bytes();
        let size = ratio(ours, usual, |built| built.bytes as f64 - base);
        bar("size by the usual stack's", size, SIZE, size <= SIZE);
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "too heavy: {}",
            broken.join(", ")
        ))),
    }
}

/// The median over all rounds.
fn ratio(ours: &Measured, usual: &Measured, of: impl Fn(&Built) -> f64) -> f64 {
    let pairs = ours.built.iter().zip(&usual.built);
    median(pairs.map(|(ours, usual)| of(ours) / of(usual)))
}
