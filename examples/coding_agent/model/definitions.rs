//! What a text file defines: a line that starts an item without being indented counts as one.
//!
//! The rule is by extension and knows words, not grammar. A line counts if, after words such as
//! `pub` and `async`, it begins with one of the language's item words; what follows is the name.

/// How one language begins its items.
struct Language {
    extensions: &'static [&'static str],
    /// Words that may stand before the item's word.
    before: &'static [&'static str],
    items: &'static [&'static str],
}

const LANGUAGES: [Language; 6] = [
    Language {
        extensions: &["rs"],
        before: &["pub", "async", "unsafe", "default", "extern"],
        items: &[
            "fn",
            "struct",
            "enum",
            "union",
            "trait",
            "mod",
            "type",
            "static",
            "const",
            "macro_rules!",
        ],
    },
    Language {
        extensions: &["py"],
        before: &["async"],
        items: &["def", "class"],
    },
    Language {
        extensions: &["js", "mjs", "jsx", "ts", "tsx"],
        before: &["export", "default", "async", "abstract"],
        items: &[
            "function",
            "class",
            "const",
            "let",
            "interface",
            "type",
            "enum",
        ],
    },
    Language {
        extensions: &["go"],
        before: &[],
        items: &["func", "type", "var", "const"],
    },
    Language {
        extensions: &["c", "h", "cc", "cpp", "hpp"],
        before: &["static", "extern", "typedef"],
        items: &["struct", "enum", "union", "class", "namespace", "#define"],
    },
    Language {
        extensions: &["java", "kt"],
        before: &["public", "final", "abstract"],
        items: &["class", "interface", "enum", "record", "object"],
    },
];

/// Whether the file is source code of a language that is known here.
pub(super) fn is_source(path: &str) -> bool {
    language(path).is_some()
}

/// Whether it is known here what such a file defines.
pub(super) fn are_known(path: &str) -> bool {
    of(path, "").is_some()
}

/// What the text defines, in order; none where the kind of file is not known.
pub(super) fn of(path: &str, text: &str) -> Option<Vec<String>> {
    let lines = text.lines();
    if let Some(language) = language(path) {
        return Some(lines.filter_map(|line| language.item(line)).collect());
    }
    match extension(path) {
        "md" => Some(headings(text)),
        "toml" | "lock" => {
            let tables = lines.filter(|line| line.starts_with('['));
            Some(tables.map(|line| line.trim_end().to_owned()).collect())
        }
        _ => None,
    }
}

fn language(path: &str) -> Option<&'static Language> {
    let extension = extension(path);
    LANGUAGES
        .iter()
        .find(|language| language.extensions.contains(&extension))
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

impl Language {
    /// `struct Name` for a line that begins an item.
    fn item(&self, line: &str) -> Option<String> {
        if line.starts_with(char::is_whitespace) {
            return None;
        }
        let mut words = line.split_whitespace().peekable();
        // `pub(crate)` and `extern "C"` are words before the item like any other.
        while words.next_if(|word| self.is_before(word)).is_some() {}
        let mut kind = words.next().filter(|word| self.items.contains(word))?;
        let mut name = words.next()?;
        // `const fn` and `const unsafe fn` are functions, `static mut` is a static.
        while self.items.contains(&name) || self.before.contains(&name) || name == "mut" {
            if self.items.contains(&name) {
                kind = name;
            }
            name = words.next()?;
        }
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let name = end.map_or(name, |end| name.split_at(end).0);
        (!name.is_empty()).then(|| format!("{} {name}", kind.trim_end_matches('!')))
    }

    fn is_before(&self, word: &str) -> bool {
        let stem = word.split('(').next().unwrap_or(word);
        self.before.contains(&stem) || (word.starts_with('"') && self.before.contains(&"extern"))
    }
}

/// The headings of Markdown, but not the comments in its code blocks.
fn headings(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut headings = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code && line.starts_with('#') {
            headings.push(line.trim_end().to_owned());
        }
    }
    headings
}
