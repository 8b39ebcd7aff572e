//! What a question asks for, by its words.

/// Words that stand for text to count, with the text as it is searched.
const MARKERS: [(&str, &str); 6] = [
    ("todo", "TODO"),
    ("fixme", "FIXME"),
    ("hack", "HACK"),
    ("unsafe", "unsafe"),
    ("unwrap", "unwrap"),
    ("panic", "panic"),
];

/// The parts of a question; more than one may be asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// Which files and crates there are.
    pub(super) inventory: bool,
    /// Which file is the largest and what it defines.
    pub(super) largest: bool,
    /// Texts to count.
    pub(super) terms: Vec<String>,
    /// Paths that the question names.
    pub(super) paths: Vec<String>,
    /// Whether these paths are to be deleted.
    pub(super) delete: bool,
    /// Command lines to run, in words.
    pub(super) commands: Vec<Vec<String>>,
}

impl Question {
    /// Reads a question: quoted text is a path, a command (after "run") or a text to count.
    pub(super) fn read(text: &str) -> Self {
        let (quoted, plain) = split_quotes(text);
        let lower = plain.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let says = |any: &[&str]| words.iter().any(|word| any.contains(word));

        let mut question = Self {
            largest: says(&["largest", "biggest", "longest"]),
            delete: says(&["delete", "remove", "erase"]),
            ..Self::default()
        };
        for (word, term) in MARKERS {
            if words
                .iter()
                .any(|said| said.strip_suffix('s').unwrap_or(said) == word)
            {
                question.terms.push(term.to_owned());
            }
        }
        for quote in quoted {
            if is_path(&quote) {
                question.paths.push(quote);
            } else if says(&["run", "execute"]) {
                question
                    .commands
                    .push(quote.split_whitespace().map(str::to_owned).collect());
            } else if !question.terms.contains(&quote) {
                question.terms.push(quote);
            }
        }
        for word in plain.split_whitespace() {
            let word = word
                .trim_matches([',', ';', ':', '?', '!', '(', ')'])
                .trim_end_matches('.');
            if is_path(word) {
                question.paths.push(word.to_owned());
            }
        }
        question.inventory = says(&[
            "crate",
            "crates",
            "files",
            "overview",
            "structure",
            "layout",
        ]) || question == Self::default();
        question
    }
}

/// Takes what stands in backticks or double quotes out of the text.
fn split_quotes(text: &str) -> (Vec<String>, String) {
    let mut quoted = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['`', '"']) {
        let (before, from) = rest.split_at(start);
        let mut inside = from.chars();
        let end = inside
            .next()
            .and_then(|quote| inside.as_str().split_once(quote));
        let Some((quote, after)) = end else { break };
        plain.push_str(before);
        plain.push(' ');
        if !quote.trim().is_empty() {
            quoted.push(quote.to_owned());
        }
        rest = after;
    }
    plain.push_str(rest);
    (quoted, plain)
}

/// Whether a word looks like a path: a name with an extension, or one that starts from a folder.
fn is_path(word: &str) -> bool {
    if word.contains(char::is_whitespace) || word.contains("://") || ["e.g", "i.e"].contains(&word)
    {
        return false;
    }
    let name = word.rsplit('/').next().unwrap_or(word);
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let named = extension.is_some_and(|(_, extension)| {
        (1..=8).contains(&extension.len())
            && extension.starts_with(|c: char| c.is_ascii_alphabetic())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let from_folder = ["/", "./", "../"]
        .iter()
        .any(|start| word.starts_with(start));
    (named || from_folder) && word.len() > 1
}
