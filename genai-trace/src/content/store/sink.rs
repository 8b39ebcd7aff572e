//! Where content goes.

use std::io::{self, ErrorKind};

/// Where content goes: a folder, or what you make of it.
///
/// ```
/// use std::collections::HashMap;
/// use std::io;
/// use std::sync::Mutex;
///
/// use genai_trace::content::{ContentSink, ContentStore};
///
/// #[derive(Default)]
/// struct Bucket(Mutex<HashMap<String, Vec<u8>>>);
///
/// impl ContentSink for Bucket {
///     fn put(&self, reference: &str, bytes: &[u8]) -> io::Result<()> {
///         let mut objects = self.0.lock().map_err(|_| io::Error::other("poisoned"))?;
///         objects.insert(reference.to_owned(), bytes.to_owned());
///         Ok(())
///     }
/// }
///
/// let store = ContentStore::sink(Bucket::default()).everything();
/// # let _ = store;
/// ```
pub trait ContentSink: Send + Sync + 'static {
    /// Stores `bytes`, which are JSON, under `reference`, which is `sha256:` and the 64 hex digits of
    /// their hash. It is called on a thread of the store's, and may take its time. The same reference may
    /// come again, with the same bytes.
    ///
    /// # Errors
    /// They cannot be stored: they are left out, and counted.
    fn put(&self, reference: &str, bytes: &[u8]) -> io::Result<()>;

    /// Reads what is stored under `reference`, for [`ContentStore::read`](super::ContentStore::read).
    ///
    /// # Errors
    /// There is nothing, it cannot be read, or the sink only stores.
    fn get(&self, reference: &str) -> io::Result<Vec<u8>> {
        Err(io::Error::new(
            ErrorKind::Unsupported,
            format!("cannot read {reference:?}: the sink only stores"),
        ))
    }
}
