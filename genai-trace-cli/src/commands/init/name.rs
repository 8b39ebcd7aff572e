//! What a package may be called, as cargo judges it; where cargo warns, this is strict.

/// Words of the language, reserved ones included.
const KEYWORDS: [&str; 53] = [
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Crates that come with the compiler.
const STANDARD: [&str; 6] = ["alloc", "core", "proc-macro", "proc_macro", "std", "test"];

/// Folders that cargo keeps beside programs.
const FOLDERS: [&str; 4] = ["build", "deps", "examples", "incremental"];

/// Files that Windows has no room for, whatever their ending.
const DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Why a package cannot be called `name`, if so.
pub(super) fn check(name: &str) -> Result<(), String> {
    let strange = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    let lower = name.to_lowercase();
    let why = match name.chars().next() {
        None => "a name has at least one letter".to_owned(),
        Some(_) if strange.is_some() => {
            let strange = strange.unwrap_or_default();
            format!("{strange:?} is not among the letters a to z, digits, - and _")
        }
        Some(first) if first.is_ascii_digit() || first == '-' => {
            format!("it begins with {first:?}, and not with a letter or _")
        }
        _ if KEYWORDS.contains(&name) => "it is a word of the language".to_owned(),
        _ if STANDARD.contains(&name) => "a crate of the compiler is called so".to_owned(),
        _ if FOLDERS.contains(&name) => {
            "cargo keeps a folder of that name beside programs".to_owned()
        }
        _ if DEVICES.contains(&lower.as_str()) => "Windows has a device of that name".to_owned(),
        _ if matches!(
            lower.replace('-', "_").as_str(),
            "genai_trace" | "serde_json"
        ) =>
        {
            "it is what the package depends on".to_owned()
        }
        Some(_) => return Ok(()),
    };
    Err(format!(
        "a package cannot be called {name:?}: {why}; give it another name by --name"
    ))
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use super::check;

    #[test]
    fn names_as_cargo_takes_them_are_taken() {
        for name in [
            "agent",
            "my-agent",
            "my_agent2",
            "_agent",
            "a",
            "Agent",
            "generator",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_cargo_refuses_or_warns_of_is_refused_with_the_reason() {
        for (name, why) in [
            ("", "a name has at least one letter"),
            ("2nd", "it begins with '2', and not with a letter or _"),
            ("-agent", "it begins with '-', and not with a letter or _"),
            (
                "my agent",
                "' ' is not among the letters a to z, digits, - and _",
            ),
            (
                "café",
                "'é' is not among the letters a to z, digits, - and _",
            ),
            (
                "a\u{1b}[2J",
                "'\\u{1b}' is not among the letters a to z, digits, - and _",
            ),
            ("match", "it is a word of the language"),
            ("gen", "it is a word of the language"),
            ("_", "it is a word of the language"),
            ("test", "a crate of the compiler is called so"),
            ("deps", "cargo keeps a folder of that name beside programs"),
            ("CON", "Windows has a device of that name"),
            ("genai-trace", "it is what the package depends on"),
        ] {
            let error = check(name).unwrap_err();
            let expected = format!(
                "a package cannot be called {name:?}: {why}; give it another name by --name"
            );
            assert_eq!(error, expected);
        }
    }
}
