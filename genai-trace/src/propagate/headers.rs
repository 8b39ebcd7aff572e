//! What a carrier is read from and put into: maps and lists of names and texts, as they are.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "tonic")]
mod tonic;

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use serde_json::{Map, Value as Json};

/// Names and texts that travel with a message: headers of a request, metadata of a queue.
///
/// [`Carrier::extract`](crate::Carrier::extract) reads them and [`Carrier::inject`](crate::Carrier::inject)
/// writes them. They are maps of texts, lists of pairs (also of bytes, as queues have them), JSON objects,
/// and with the features of these names the maps of `http` and `tonic`. For a type of your own say the three
/// below.
pub trait Headers {
    /// Calls `each` with everything that stands under `name`, in any case: with none where that is no
    /// text.
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>));

    /// Puts `value` under `name`, in the place of all that stands there, in any case.
    fn replace(&mut self, name: &'static str, value: &str);

    /// Takes away what stands under `name`, in any case.
    fn remove_all(&mut self, name: &'static str);
}

impl<S: BuildHasher> Headers for HashMap<String, String, S> {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| each(Some(value)));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove_all(&mut self, name: &'static str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}

impl Headers for BTreeMap<String, String> {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| each(Some(value)));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove_all(&mut self, name: &'static str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}

impl Headers for Vec<(String, String)> {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| each(Some(value)));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        self.push((name.to_owned(), value.to_owned()));
    }

    fn remove_all(&mut self, name: &'static str) {
        self.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }
}

impl Headers for Vec<(String, Vec<u8>)> {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| each(std::str::from_utf8(value).ok()));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        self.push((name.to_owned(), value.as_bytes().to_vec()));
    }

    fn remove_all(&mut self, name: &'static str) {
        self.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }
}

impl Headers for Map<String, Json> {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.for_each(|(_, value)| each(value.as_str()));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        self.insert(name.to_owned(), value.into());
    }

    fn remove_all(&mut self, name: &'static str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}
