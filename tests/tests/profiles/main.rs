//! How spans are spelt for a backend or a document.

mod every_exporter;
mod lines;
mod tables;
