//! How AWS says within a stream that something went wrong.

use serde_json::Value as Json;

use crate::provider::facts::Fault;
use crate::provider::fault::fault;
use crate::provider::json::text;
use crate::provider::origin::Origin;

/// What a part of a stream says went wrong: a frame with a type, or a member that is named for its
/// exception.
pub(super) fn of_part(event: Option<&str>, body: &Json) -> Option<Fault> {
    if has_type(body) {
        return Some(fault(body, &Origin::default()));
    }
    if let Some(event) = event.filter(|event| event.ends_with("Exception")) {
        return Some(Fault::new(Some(event.to_owned()), text(body, "message")));
    }
    let mut members = body.as_object()?.iter();
    let (name, said) =
        members.find(|(name, said)| name.ends_with("Exception") && said.is_object())?;
    Some(Fault::new(Some(name.clone()), text(said, "message")))
}

/// Whether `body` names an error as AWS does.
pub(super) fn has_type(body: &Json) -> bool {
    body.get("__type").is_some_and(Json::is_string)
}
