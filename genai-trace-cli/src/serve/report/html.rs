//! The page as one file: its style and its scripts stand in it, and so do its data.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value as Json;

use super::super::page;

/// What this file may do: nothing but what stands in it.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// Writes the page with `data` in it, which it reads instead of asking a server.
pub(super) fn write(out: &mut impl Write, data: &Json) -> io::Result<()> {
    let frame = page::text("index.html").unwrap_or_default();
    let style: String = page::names()
        .filter(|name| name.ends_with(".css"))
        .filter_map(page::text)
        .collect();
    // The lines that would fetch something go; what they would fetch comes in their place.
    let mut lines = frame.lines();
    for line in lines.by_ref().take_while(|line| !line.contains("</head>")) {
        if !line.starts_with("<link") && !line.starts_with("<script") {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">"
    )?;
    if let Some(icon) = page::text("favicon.svg") {
        writeln!(
            out,
            "<link rel=\"icon\" href=\"{}\">",
            address("image/svg+xml", icon)
        )?;
    }
    writeln!(out, "<style>\n{style}</style>")?;
    writeln!(out, "<script type=\"importmap\">{}</script>", modules())?;
    write!(out, "<script type=\"application/json\" id=\"data\">")?;
    serde_json::to_writer(Escaped(&mut *out), data)?;
    writeln!(out, "</script>")?;
    writeln!(
        out,
        "<script type=\"module\">import \"page/app.js\";</script>\n</head>"
    )?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The modules of the page by name: a module that is no file of its own is imported by a name that the page maps.
fn modules() -> String {
    let scripts = page::names().filter(|name| name.ends_with(".js"));
    let modules = scripts.filter_map(|name| {
        let text = page::text(name)?.replace("from \"./", "from \"page/");
        let text = address("text/javascript", &text);
        Some(format!("\n\"page/{name}\":\"{text}\""))
    });
    let modules: Vec<String> = modules.collect();
    format!("{{\"imports\":{{{}}}}}", modules.join(","))
}

/// A text as an address that has it in itself.
fn address(kind: &str, text: &str) -> String {
    let mut address = format!("data:{kind};charset=utf-8,");
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => address.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'(' | b')' | b';' | b'/' | b':' | b'='
            | b',' | b'$' | b'+' => address.push(char::from(byte)),
            // Writing into a text does not fail.
            _ => _ = write!(address, "%{byte:02X}"),
        }
    }
    address
}

/// JSON in which no character is left that means something to HTML; such characters stand only in its strings.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let is_special = |byte: &u8| matches!(byte, b'<' | b'>' | b'&');
        for part in bytes.split_inclusive(is_special) {
            match part.split_last() {
                Some((last, plain)) if is_special(last) => {
                    self.0.write_all(plain)?;
                    write!(self.0, "\\u{last:04x}")?;
                }
                _ => self.0.write_all(part)?,
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(data: &Json) -> String {
        let mut out = Vec::new();
        write(&mut out, data).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn content_cannot_end_the_script_that_it_stands_in() {
        let hostile = json!({ "</script><script>": "</ScRiPt><!--<script> & ]]> \u{2028}" });
        let page = written(&hostile);
        let (_, data) = page.split_once("id=\"data\">").unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        assert!(!data.contains(['<', '>', '&']), "{data}");
        assert_eq!(serde_json::from_str::<Json>(data).unwrap(), hostile);
        assert_eq!(
            page.matches("<script").count(),
            written(&json!({})).matches("<script").count()
        );
    }

    #[test]
    fn nothing_is_fetched_from_anywhere() {
        let page = written(&json!({}));
        for fetched in ["src=", "href=\"/", "href=\"http", "@import", "url("] {
            assert!(!page.contains(fetched), "{fetched}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn every_module_is_there_under_the_name_by_which_others_import_it() {
        let page = written(&json!({}));
        for name in page::names().filter(|name| name.ends_with(".js")) {
            assert!(
                page.contains(&format!("\"page/{name}\":\"data:text/javascript")),
                "{name}"
            );
        }
        assert!(!page.contains("from%20%22./"));
    }
}
