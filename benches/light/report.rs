//! The tables.

use crate::Measured;
use crate::measure::Built;
use crate::stats::median;
use crate::subjects::{HELLO, OURS};

impl Measured {
    pub fn cpu(&self) -> f64 {
        median(self.built.iter().map(|built| built.cpu))
    }

    pub fn bytes(&self) -> f64 {
        median(self.built.iter().map(|built: &Built| built.bytes as f64))
    }
}

/// Finds a subject by its name.
pub fn named<'a>(measured: &'a [Measured], name: &str) -> Option<&'a Measured> {
    measured.iter().find(|one| one.subject.name == name)
}

/// Two tables: everything beside hello world, and our features beside our default.
pub fn print(measured: &[Measured], markdown: bool) {
    let Some(hello) = named(measured, HELLO) else {
        return;
    };
    let head = [
        "",
        "packages",
        "lines of `cargo tree`",
        "clean build, CPU s",
        "added to the program, KB",
    ];
    let all = measured.iter().filter(|one| !one.subject.is_feature());
    let rows = all.map(|one| {
        [
            one.subject.name.clone(),
            one.tree.packages.to_string(),
            one.tree.lines.to_string(),
            format!("{:.1}", one.cpu()),
            format!("{:.0}", (one.bytes() - hello.bytes()) / 1e3),
        ]
    });
    table(head, rows.collect(), markdown);
    println!("\nVersions, the newest there are:");
    for one in measured.iter().filter(|one| !one.subject.is_feature()) {
        if !one.tree.direct.is_empty() {
            println!("- {}: {}", one.subject.name, one.tree.direct.join(", "));
        }
    }

    let Some(default) = named(measured, OURS) else {
        return;
    };
    let features: Vec<_> = measured
        .iter()
        .filter(|one| one.subject.is_feature())
        .collect();
    if features.is_empty() {
        return;
    }
    let head = [
        "feature",
        "packages more",
        "lines of `cargo tree` more",
        "CPU s more",
        "KB more",
    ];
    let rows = features.into_iter().map(|one| {
        let more = |count: usize, default: usize| format!("{:+}", count as i64 - default as i64);
        [
            one.subject.name.replace(&format!("{OURS}, "), ""),
            more(one.tree.packages, default.tree.packages),
            more(one.tree.lines, default.tree.lines),
            format!("{:+.1}", one.cpu() - default.cpu()),
            format!("{:+.0}", (one.bytes() - default.bytes()) / 1e3),
        ]
    });
    table(head, rows.collect(), markdown);
}

fn table(head: [&str; 5], rows: Vec<[String; 5]>, markdown: bool) {
    println!();
    if markdown {
        println!("| {} |\n|---|---:|---:|---:|---:|", head.join(" | "));
        for row in rows {
            println!("| {} |", row.join(" | "));
        }
        return;
    }
    let head = head.map(|cell| cell.replace('`', ""));
    let first = rows.iter().map(|row| row[0].len()).max().unwrap_or(0);
    for row in std::iter::once(&head).chain(&rows) {
        print!("{:first$}", row[0]);
        for (cell, title) in row.iter().zip(&head).skip(1) {
            print!("  {cell:>width$}", width = title.len());
        }
        println!();
    }
}
