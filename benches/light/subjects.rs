//! The programs that are built: hello world, and the same with a span by each crate, set up as its own
//! documentation says.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// One program.
pub struct Subject {
    /// What the table calls it; an argument of the command line.
    pub name: String,
    /// What stands below `[dependencies]`.
    dependencies: String,
    source: &'static str,
    /// A span comes out of it.
    pub leaves_a_span: bool,
}

/// Without anything.
pub const HELLO: &str = "hello world";
/// Ours, as it is by default.
pub const OURS: &str = "genai-trace";
/// What most programs have that send spans to a collector.
pub const USUAL: &str = "tracing + OpenTelemetry + OTLP";
/// What the tool's span is called in every program.
pub const SPAN: &str = "execute_tool read_file";

const OTLP: &str = "opentelemetry = \"*\"\nopentelemetry_sdk = \"*\"\nopentelemetry-otlp = \"*\"\n";

/// All of them; `root` is where genai-trace is.
pub fn all(root: &Path) -> io::Result<Vec<Subject>> {
    let peer = |name: &str, dependencies: String, source| Subject {
        name: name.to_owned(),
        dependencies,
        source,
        leaves_a_span: true,
    };
    let mut subjects = vec![
        Subject {
            leaves_a_span: false,
            ..peer(
                HELLO,
                String::new(),
                include_str!("programs/hello.rs.txt"),
            )
        },
        ours(root, OURS.to_owned(), &[]),
        peer(
            "fastrace + JSON",
            "fastrace = { version = \"*\", features = [\"enable\"] }\nserde_json = \"*\"\n".to_owned(),
            include_str!("programs/fastrace_json.rs.txt"),
        ),
        peer(
            "emit + emit_file",
            "emit = \"*\"\nemit_file = \"*\"\n".to_owned(),
            include_str!("programs/emit.rs.txt"),
        ),
        peer(
            "tracing + JSON",
            "tracing = \"*\"\ntracing-subscriber = { version = \"*\", features = [\"json\"] }\ntracing-appender = \"*\"\n"
                .to_owned(),
            include_str!("programs/tracing_json.rs.txt"),
        ),
        peer(
            USUAL,
            format!("tracing = \"*\"\ntracing-subscriber = \"*\"\ntracing-opentelemetry = \"*\"\n{OTLP}"),
            include_str!("programs/tracing_otlp.rs.txt"),
        ),
        peer(
            "fastrace + OTLP",
            format!("fastrace = {{ version = \"*\", features = [\"enable\"] }}\nfastrace-opentelemetry = \"*\"\n{OTLP}"),
            include_str!("programs/fastrace_otlp.rs.txt"),
        ),
        peer(
            "logfire",
            "logfire = \"*\"\n".to_owned(),
            include_str!("programs/logfire.rs.txt"),
        ),
    ];
    let features = features(&fs::read_to_string(root.join("genai-trace/Cargo.toml"))?);
    let together: Vec<_> = features
        .iter()
        .filter(|name| *name != "off")
        .cloned()
        .collect();
    for feature in &features {
        let name = format!("{OURS}, {feature}");
        subjects.push(ours(root, name, std::slice::from_ref(feature)));
    }
    subjects.push(ours(root, format!("{OURS}, all but off"), &together));
    Ok(subjects)
}

fn ours(root: &Path, name: String, features: &[String]) -> Subject {
    Subject {
        name,
        dependencies: format!(
            "genai-trace = {{ path = {:?}, features = {features:?} }}\n",
            root.join("genai-trace")
        ),
        source: include_str!("programs/genai_trace.rs.txt"),
        leaves_a_span: features != ["off"],
    }
}

/// The names below `[features]` in a manifest.
fn features(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| *line != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
        .collect()
}

impl Subject {
    /// A feature alone, or several.
    pub fn is_feature(&self) -> bool {
        self.name.starts_with(OURS) && self.name != OURS
    }

    /// The name as a folder.
    pub fn folder(&self) -> String {
        let kept = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        };
        self.name.chars().map(kept).collect()
    }

    /// Writes the program as a package of its own; versions are looked up anew.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir.join("src"))?;
        let mut manifest = String::from("[workspace]\n\n[package]\nname = \"light\"\n");
        manifest.push_str(
            "version = \"0.0.0\"\nedition = \"2024\"\n\n[profile.release]\nstrip = true\n",
        );
        write!(manifest, "\n[dependencies]\n{}", self.dependencies).map_err(io::Error::other)?;
        fs::write(dir.join("Cargo.toml"), manifest)?;
        fs::write(dir.join("src/main.rs"), self.source)?;
        match fs::remove_file(dir.join("Cargo.lock")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
