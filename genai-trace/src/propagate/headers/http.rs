//! Headers of the crate `http`, which hyper, axum, reqwest and ureq have.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Headers;

impl Headers for HeaderMap {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self.get_all(name).iter();
        found.for_each(|value| each(value.to_str().ok()));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        self.remove_all(name);
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            // A map that has no room for one more has 32,768 already.
            let _ = self.try_insert(name, value);
        }
    }

    fn remove_all(&mut self, name: &'static str) {
        HeaderMap::remove(self, name);
    }
}
