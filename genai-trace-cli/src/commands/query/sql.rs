//! From what users write to what SQLite reads: `attributes."key"` is the value of an attribute.

use std::collections::BTreeSet;

/// The columns that hold JSON objects.
const OBJECTS: [&str; 2] = ["attributes", "resource"];
/// In front of the name of such a column where it stands for the members that a query names, and for no others.
pub(super) const PICKED: &str = "picked ";

/// A query, with the members that it reads of columns with JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    text: String,
    members: Vec<Member>,
}

/// `attributes."key"`, with what is written in front of it: `t.attributes."key"`.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    start: usize,
    end: usize,
    /// Up to the name of the column: `t.`.
    table: String,
    column: &'static str,
    key: String,
}

impl Query {
    /// Reads a query, which is one statement.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let tokens = tokens(text);
        let semicolon = tokens.iter().position(|token| token.text == ";");
        if let Some(place) = semicolon
            && let Some(more) = tokens.iter().skip(place).find(|token| token.text != ";")
        {
            return Err(format!(
                "expected one statement, and {:?} begins another",
                more.text
            ));
        }
        if semicolon.unwrap_or(tokens.len()) == 0 {
            return Err("expected a query: there is nothing in it".to_owned());
        }
        let members = tokens
            .windows(3)
            .enumerate()
            .filter_map(|(place, window)| Member::read(text, &tokens, place, window))
            .collect();
        Ok(Self {
            text: text.to_owned(),
            members,
        })
    }

    /// What SQLite is to run.
    pub(super) fn sql(&self) -> String {
        self.written("")
    }

    /// The same, but that members are read of [columns of their own](PICKED): what else is read of the columns with JSON
    /// is read whole.
    pub(super) fn sql_of_picked(&self) -> String {
        self.written(PICKED)
    }

    fn written(&self, front: &str) -> String {
        let mut sql = String::with_capacity(self.text.len());
        let mut done = 0;
        for member in &self.members {
            sql.push_str(self.text.get(done..member.start).unwrap_or_default());
            sql.push_str(&member.sql(front));
            done = member.end;
        }
        sql.push_str(self.text.get(done..).unwrap_or_default());
        sql
    }

    /// The members that are read of the column.
    pub(super) fn keys(&self, column: &str) -> BTreeSet<&str> {
        let of_column = self.members.iter().filter(|member| member.column == column);
        of_column.map(|member| member.key.as_str()).collect()
    }

    /// The name of a column of the answer, as the query has it.
    pub(super) fn name(&self, given: &str) -> String {
        let mut name = given.to_owned();
        for member in &self.members {
            let sql = member.sql("");
            if name == sql {
                return member.key.clone();
            }
            let written = self.text.get(member.start..member.end);
            name = name.replace(&sql, written.unwrap_or_default());
        }
        name
    }
}

impl Member {
    /// What begins with these three tokens, where it is the name of a member: a column, a dot, a name in quotes.
    fn read(text: &str, tokens: &[Token<'_>], place: usize, window: &[Token<'_>]) -> Option<Self> {
        let [column, dot, key] = window else {
            return None;
        };
        let name = column.name()?;
        let column = OBJECTS
            .into_iter()
            .find(|known| name.eq_ignore_ascii_case(known))?;
        if dot.text != "." || key.kind != Kind::Quoted {
            return None;
        }
        // Tables and schemas stand in front with a dot each.
        let mut first = place;
        while let Some([_, dot]) = first.checked_sub(2).and_then(|at| tokens.get(at..first))
            && dot.text == "."
        {
            first -= 2;
        }
        let start = tokens.get(first)?.start;
        let own = tokens.get(place)?.start;
        Some(Self {
            start,
            end: key.start + key.text.len(),
            table: text.get(start..own)?.to_owned(),
            column,
            key: key.name()?,
        })
    }

    fn sql(&self, front: &str) -> String {
        let path = format!("$.{}", serde_json::Value::from(self.key.as_str()));
        format!(
            "({}\"{front}{}\" ->> '{}')",
            self.table,
            self.column,
            path.replace('\'', "''")
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    /// A name in quotes; double ones may as well stand around a text.
    Quoted,
    /// A text, a number, an operator.
    Other,
}

/// A piece of a query that means something, with the byte at which it begins.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    kind: Kind,
    start: usize,
    text: &'a str,
}

impl Token<'_> {
    /// The name that it is.
    fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::Quoted => {
                let mut inside = self.text.chars();
                let (first, last) = (inside.next()?, inside.next_back()?);
                let inside = inside.as_str();
                Some(match first {
                    '[' => inside.to_owned(),
                    _ => inside.replace(&format!("{last}{last}"), &last.to_string()),
                })
            }
            Kind::Other => None,
        }
    }
}

/// The tokens of a query, as SQLite has them, without blanks and comments.
fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = sql.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = first_token(rest);
        if let Some(kind) = kind
            && let Some(text) = rest.get(..length)
        {
            tokens.push(Token { kind, start, text });
        }
        start += length;
    }
    tokens
}

/// What a text begins with, and how long that is; no kind for what means nothing.
fn first_token(rest: &str) -> (Option<Kind>, usize) {
    let until = |end: &str, from: usize| {
        let behind = rest.get(from..).unwrap_or_default();
        behind
            .find(end)
            .map_or(rest.len(), |found| from + found + end.len())
    };
    let length = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    if rest.starts_with("--") {
        return (None, until("\n", 2));
    }
    if rest.starts_with("/*") {
        return (None, until("*/", 2));
    }
    match rest.chars().next() {
        Some(c) if c.is_whitespace() => (None, length(char::is_whitespace)),
        Some('\'') => (Some(Kind::Other), quoted(rest, '\'')),
        Some(quote @ ('"' | '`')) => (Some(Kind::Quoted), quoted(rest, quote)),
        Some('[') => (Some(Kind::Quoted), until("]", 1)),
        Some(c) if is_word(c) && !c.is_ascii_digit() => (Some(Kind::Word), length(is_word)),
        Some(c) if c.is_ascii_digit() => (Some(Kind::Other), length(is_word)),
        Some(c) => (Some(Kind::Other), c.len_utf8()),
        None => (None, 1),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// How long the text in quotes is; a quote inside stands twice.
fn quoted(rest: &str, quote: char) -> usize {
    let mut ends = rest
        .match_indices(quote)
        .map(|(at, _)| at)
        .skip(1)
        .peekable();
    while let Some(end) = ends.next() {
        if ends.next_if_eq(&(end + 1)).is_none() {
            return end + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> String {
        Query::read(text).unwrap().sql()
    }

    #[test]
    fn a_member_is_read_from_its_column_whatever_stands_around_it() {
        assert_eq!(
            sql(r#"select -attributes."a.b" from traces"#),
            r#"select -("attributes" ->> '$."a.b"') from traces"#
        );
        assert_eq!(
            sql(r#"SELECT t . Attributes . "k", main.t."attributes".[k] FROM traces t"#),
            r#"SELECT (t . "attributes" ->> '$."k"'), (main.t."attributes" ->> '$."k"') FROM traces t"#
        );
        assert_eq!(
            sql(r#"attributes/* the */."it's ""k""""#),
            r#"("attributes" ->> '$."it''s \"k\""')"#
        );
    }

    #[test]
    fn texts_comments_and_other_names_stay_as_they_are() {
        for same in [
            r#"select 'attributes."k"', 'it''s attributes."k"'"#,
            "select 1 -- attributes.\"k\"\n",
            r#"select 1 /* attributes."k" "#,
            r#"select json_extract(attributes, '$.k'), my_attributes."k", attributes.k, "attributes"#,
            "select 'é', ünïcode FROM t WHERE x = 1e5;",
        ] {
            assert_eq!(sql(same), same);
        }
    }

    #[test]
    fn columns_of_the_answer_are_called_as_the_query_has_them() {
        let query = Query::read(r#"select attributes."m", sum(t.attributes."n")"#).unwrap();
        assert_eq!(query.name(r#"("attributes" ->> '$."m"')"#), "m");
        assert_eq!(
            query.name(r#"sum((t."attributes" ->> '$."n"'))"#),
            r#"sum(t.attributes."n")"#
        );
        assert_eq!(query.name("count(*)"), "count(*)");
        assert_eq!(query.keys("attributes"), BTreeSet::from(["m", "n"]));
        assert!(query.keys("resource").is_empty());
    }

    #[test]
    fn a_query_is_one_statement() {
        assert!(Query::read("select 1; -- done").is_ok());
        assert_eq!(
            Query::read("select 1; drop table spans").unwrap_err(),
            "expected one statement, and \"drop\" begins another"
        );
        for nothing in ["", " ;", "-- nothing"] {
            assert!(Query::read(nothing).is_err(), "{nothing:?}");
        }
    }
}
