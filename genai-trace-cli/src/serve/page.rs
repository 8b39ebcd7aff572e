//! The viewer's page, which is in the program.

/// What is sent of the page, by its path: nothing else is, whatever the path says.
const FILES: [(&str, &str, &[u8]); 4] = [
    ("/", HTML, include_bytes!("page/index.html")),
    ("/app.js", SCRIPT, include_bytes!("page/app.js")),
    ("/style.css", STYLE, include_bytes!("page/style.css")),
    ("/favicon.svg", PICTURE, include_bytes!("page/favicon.svg")),
];

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// The file at a path, and what it is.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let known = FILES.iter().find(|(known, _, _)| *known == path);
    known.map(|(_, kind, bytes)| (*kind, *bytes))
}
