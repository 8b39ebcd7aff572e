//! A table of prices of the user's own.

mod entry;
mod pattern;

use serde_json::Value as Json;

use self::entry::Entry;
use super::call::Call;
use super::error::Fault;

/// A table of prices of the user's own.
#[derive(Debug)]
pub(super) struct Table {
    entries: Vec<Entry>,
}

impl Table {
    /// Reads a table.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let json: Json = serde_json::from_str(text).map_err(Fault::Json)?;
        let expected = "an object with the key prices, a list of entries";
        let object = json
            .as_object()
            .ok_or_else(|| wrong("the whole", &json, expected))?;
        if let Some((key, value)) = object.iter().find(|(key, _)| *key != "prices") {
            return Err(wrong(key, value, "no key but prices"));
        }
        let list = object
            .get("prices")
            .and_then(Json::as_array)
            .ok_or_else(|| {
                wrong(
                    "prices",
                    object.get("prices").unwrap_or(&Json::Null),
                    "a list of entries",
                )
            })?;
        let entries = list.iter().enumerate();
        let entries =
            entries.map(|(index, entry)| Entry::parse(entry, &format!("prices[{index}]")));
        Ok(Self {
            entries: entries.collect::<Result<_, _>>()?,
        })
    }

    /// The first entry for `model`, as it was called on the day of the call.
    pub(super) fn find(&self, call: &Call<'_>, model: &str) -> Option<&Entry> {
        let day = call.day();
        self.entries
            .iter()
            .find(|entry| entry.is_for(call.provider, model, day))
    }
}

/// What stands at `place` means nothing.
fn wrong(place: &str, value: &Json, expected: &str) -> Fault {
    Fault::Value {
        place: place.to_owned(),
        value: value.to_string(),
        expected: expected.to_owned(),
    }
}
