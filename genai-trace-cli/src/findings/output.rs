//! In which form findings are said: options that commands have in common.

use clap::Args;

use super::{Findings, Rule, github, sarif, text};
use crate::out;
use crate::reading::Judged;

/// In which form findings are said.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// How many findings of each rule are listed; 0 for all that are kept, which are 1000
    #[arg(short, long, default_value_t = 10, value_name = "COUNT")]
    number: usize,
    /// Prints one JSON document instead of text
    #[arg(long, group = "form")]
    json: bool,
    /// Prints SARIF 2.1.0, which code hosts show beside the code
    #[arg(long, group = "form")]
    sarif: bool,
    /// Prints annotations as GitHub's workflows read them
    #[arg(long, group = "form")]
    github: bool,
}

impl Output {
    /// What was found in this form; `rules` are all that were looked at.
    pub(crate) fn render(&self, findings: &Findings, judged: &Judged, rules: &[&Rule]) -> String {
        match (self.json, self.sarif, self.github) {
            (true, ..) => format!("{}\n", findings.document(judged)),
            (_, true, _) => format!("{}\n", sarif::document(findings, judged, rules)),
            (.., true) => github::lines(findings, judged),
            _ => {
                let most = match self.number {
                    0 => usize::MAX,
                    number => number,
                };
                text::text(findings, judged, most, out::is_coloured())
            }
        }
    }
}

/// The rule that a user names, of `rules`.
pub(crate) fn named(rules: &[&'static Rule], name: &str) -> Result<&'static str, String> {
    let found = rules.iter().find(|rule| rule.id == name);
    found.map(|rule| rule.id).ok_or_else(|| {
        let all: Vec<_> = rules.iter().map(|rule| rule.id).collect();
        format!(
            "there is no rule {name:?}: expected one of {}",
            all.join(", ")
        )
    })
}

/// Every rule with what it is about.
pub(crate) fn explained(rules: &[&Rule]) -> String {
    let mut out = String::new();
    for rule in rules {
        let level = rule.level.as_str();
        out.push_str(&format!(
            "{} ({level}): {}\n  {}\n\n",
            rule.id, rule.summary, rule.help
        ));
    }
    out
}
