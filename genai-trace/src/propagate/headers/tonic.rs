//! Metadata of gRPC, as the crate `tonic` has it.

use tonic::metadata::{AsciiMetadataKey, MetadataMap, MetadataValue};

use super::Headers;

impl Headers for MetadataMap {
    fn each_value(&self, name: &str, each: &mut dyn FnMut(Option<&str>)) {
        let found = self.get_all(name).iter();
        found.for_each(|value| each(value.to_str().ok()));
    }

    fn replace(&mut self, name: &'static str, value: &str) {
        MetadataMap::remove(self, name);
        let name = name.to_ascii_lowercase().parse::<AsciiMetadataKey>();
        if let (Ok(name), Ok(value)) = (name, MetadataValue::try_from(value)) {
            self.insert(name, value);
        }
    }

    fn remove_all(&mut self, name: &'static str) {
        MetadataMap::remove(self, name);
    }
}
