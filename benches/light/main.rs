//! What a crate for tracing weighs: packages, a clean release build, and the size of the program,
//! beside hello world. See `../README.md`.

// Other programs of this package use more of these two.
#[allow(dead_code)]
#[path = "../src/machine.rs"]
mod machine;
#[allow(dead_code)]
#[path = "../src/stats.rs"]
mod stats;

mod bars;
mod cli;
mod collector;
mod measure;
mod report;
mod subjects;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cli::Options;
use collector::Collector;
use measure::{Built, Package, Tree};
use subjects::{HELLO, Subject};

/// A subject and what was measured of it.
struct Measured {
    subject: Subject,
    tree: Tree,
    /// One a round.
    built: Vec<Built>,
}

fn main() -> ExitCode {
    let options = match cli::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(misuse) => {
            eprintln!("{misuse}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("light: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let dir = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("benches/target"), PathBuf::from)
        .join("light");
    let subjects = chosen(subjects::all(&root)?, &options.names)?;
    let collector = Collector::start()?;
    let mut packages = Vec::new();
    let mut measured = Vec::new();
    for subject in subjects {
        let package = Package::new(&dir, &subject)?;
        let tree = package.tree()?;
        packages.push(package);
        measured.push(Measured {
            subject,
            tree,
            built: Vec::new(),
        });
    }
    for round in 0..options.rounds {
        // In turn from the front and from the back, so that a machine that grows slower does not
        // always hit the same.
        let mut order: Vec<_> = (0..packages.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let (package, measured) = (&packages[index], &mut measured[index]);
            let built = package.build()?;
            measured.built.push(built);
            // It takes long: a look at it meanwhile.
            eprintln!(
                "round {}, {}: {:.1} CPU s, {} bytes",
                round + 1,
                measured.subject.name,
                built.cpu,
                built.bytes
            );
            package.run(&measured.subject, &collector)?;
        }
    }
    println!("{}; {} rounds", machine::describe(), options.rounds);
    report::print(&measured, options.markdown);
    bars::hold(&measured)
}

/// The subjects that were named, or all; hello world is always there.
fn chosen(all: Vec<Subject>, names: &[String]) -> io::Result<Vec<Subject>> {
    if let Some(name) = names
        .iter()
        .find(|name| !all.iter().any(|subject| subject.name == **name))
    {
        let known: Vec<_> = all.iter().map(|subject| subject.name.as_str()).collect();
        let message = format!("no subject `{name}`; there are {}", known.join("; "));
        return Err(io::Error::other(message));
    }
    let is_chosen = |subject: &Subject| {
        names.is_empty() || subject.name == HELLO || names.contains(&subject.name)
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}
