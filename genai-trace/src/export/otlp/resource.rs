//! Which process the data is of: what was said of it, and what it knows of itself.

use std::env::consts;
use std::sync::{Mutex, PoisonError};
use std::{env, process};

use opentelemetry_proto::tonic::resource::v1::Resource;

use super::value::attributes;
use crate::record::Attributes;

/// What is told of a process: what was said of it, and the rest as the
/// [conventions](https://opentelemetry.io/docs/specs/semconv/resource/) have it. Lines of a file go without that
/// rest: who reads them sits beside the process.
pub(super) fn resource(said: &Attributes) -> Resource {
    let mut all = said.clone();
    let mut add = |key: &str, value: Option<String>| {
        if let (None, Some(value)) = (all.get(key), value) {
            all.insert(key, value);
        }
    };
    add(
        "telemetry.sdk.name",
        Some(env!("CARGO_PKG_NAME").to_owned()),
    );
    add("telemetry.sdk.language", Some("rust".to_owned()));
    add(
        "telemetry.sdk.version",
        Some(env!("CARGO_PKG_VERSION").to_owned()),
    );
    add("service.instance.id", instance());
    add("host.name", gethostname::gethostname().into_string().ok());
    add("host.arch", Some(architecture().to_owned()));
    add("os.type", Some(system().to_owned()));
    let program = env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_name());
    add(
        "process.executable.name",
        name.map(|name| name.to_string_lossy().into_owned()),
    );
    if all.get("process.pid").is_none() {
        all.insert("process.pid", i64::from(process::id()));
    }
    Resource {
        attributes: attributes(&all),
        ..Resource::default()
    }
}

/// A number of this process alone, in the form of a UUID (version 4); a forked child has another.
fn instance() -> Option<String> {
    static KNOWN: Mutex<Option<(u32, String)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let pid = process::id();
    if known.as_ref().is_none_or(|(of, _)| *of != pid) {
        *known = Some((pid, uuid()?));
    }
    known.as_ref().map(|(_, id)| id.clone())
}

fn uuid() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    let random = u128::from_be_bytes(bytes);
    // The version and the variant stand in the 13th and the 17th digit.
    let number = random & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
    let digits = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part));
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("-"))
}

/// The architecture, as `host.arch` spells it.
fn architecture() -> &'static str {
    match consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

/// The system, as `os.type` spells it.
fn system() -> &'static str {
    match consts::OS {
        "macos" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(resource: &'a Resource, key: &str) -> &'a str {
        use opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue;
        let mut attributes = resource.attributes.iter();
        let pair = attributes.find(|pair| pair.key == key).unwrap();
        match &pair.value.as_ref().unwrap().value {
            Some(StringValue(text)) => text,
            other => panic!("{key} is {other:?}"),
        }
    }

    #[test]
    fn a_process_is_told_by_what_was_said_of_it_and_what_it_knows_of_itself() {
        let said = Attributes::from_iter([("service.name", "coder"), ("host.name", "build-7")]);
        let told = resource(&said);
        assert_eq!(text(&told, "service.name"), "coder");
        assert_eq!(text(&told, "host.name"), "build-7");
        assert_eq!(text(&told, "telemetry.sdk.language"), "rust");
        assert!(!text(&told, "process.executable.name").is_empty());
        let mut keys: Vec<_> = told.attributes.iter().map(|pair| &pair.key).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn an_instance_is_the_same_for_the_whole_process() {
        let (first, second) = (instance().unwrap(), instance().unwrap());
        assert_eq!(first, second);
        assert_ne!(first, uuid().unwrap());
        let parts: Vec<_> = first.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        let digit = |at: usize| first.as_bytes().get(at).copied();
        assert_eq!(digit(14), Some(b'4'));
        assert!(digit(19).is_some_and(|digit| b"89ab".contains(&digit)));
    }
}
