//! What is said of things, as the messages of OTLP have it.

use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value,
};
use serde_json::{Map, Value as Json};

use crate::record::{Attributes, Value};

pub(super) fn attributes(attributes: &Attributes) -> Vec<KeyValue> {
    let pairs = attributes.iter();
    pairs.map(|(key, said)| pair(key, value(said))).collect()
}

/// The members of an object, each with its own type.
pub(super) fn members(object: &Map<String, Json>) -> Vec<KeyValue> {
    let pairs = object.iter().map(|(key, said)| KeyValue {
        key: key.clone(),
        value: Some(value_of_json(said)),
        ..KeyValue::default()
    });
    pairs.collect()
}

pub(super) fn pair(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn value(value: &Value) -> any_value::Value {
    use any_value::Value::{BoolValue, DoubleValue, IntValue, StringValue};
    match value {
        Value::String(text) => StringValue(text.clone()),
        Value::Bool(truth) => BoolValue(*truth),
        Value::Int(number) => IntValue(*number),
        Value::Float(number) => DoubleValue(*number),
        Value::StringArray(texts) => array(texts.iter().cloned().map(StringValue)),
        Value::BoolArray(truths) => array(truths.iter().copied().map(BoolValue)),
        Value::IntArray(numbers) => array(numbers.iter().copied().map(IntValue)),
        Value::FloatArray(numbers) => array(numbers.iter().copied().map(DoubleValue)),
    }
}

fn array(values: impl Iterator<Item = any_value::Value>) -> any_value::Value {
    let values = values.map(|value| AnyValue { value: Some(value) });
    any_value::Value::ArrayValue(ArrayValue {
        values: values.collect(),
    })
}

/// A structure as it is: an array stays one, an object becomes a list of pairs, and nothing is empty.
fn value_of_json(json: &Json) -> AnyValue {
    use any_value::Value::{
        ArrayValue as Array, BoolValue, DoubleValue, IntValue, KvlistValue, StringValue,
    };
    let value = match json {
        Json::Null => None,
        Json::Bool(truth) => Some(BoolValue(*truth)),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Some(IntValue(number)),
            None => number.as_f64().map(DoubleValue),
        },
        Json::String(text) => Some(StringValue(text.clone())),
        Json::Array(values) => Some(Array(ArrayValue {
            values: values.iter().map(value_of_json).collect(),
        })),
        Json::Object(object) => Some(KvlistValue(KeyValueList {
            values: members(object),
        })),
    };
    AnyValue { value }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Said;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_structure_stays_one_with_the_types_of_its_parts() {
        let document = json!({ "parts": [{ "text": "hi", "n": 3 }, 0.5, null, true] });
        let said = members(document.as_object().unwrap());
        assert_eq!((said.len(), said[0].key.as_str()), (1, "parts"));
        let Some(Said::ArrayValue(parts)) = said[0].value.clone().unwrap().value else {
            panic!("an array stays one");
        };
        let [object, float, nothing, truth] = parts.values.as_slice() else {
            panic!("there are four");
        };
        let Some(Said::KvlistValue(object)) = &object.value else {
            panic!("an object is a list of pairs");
        };
        let members = [
            ("n", Said::IntValue(3)),
            ("text", Said::StringValue("hi".to_owned())),
        ];
        let mut sorted = object.values.clone();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        assert_eq!(sorted, members.map(|(key, value)| pair(key, value)));
        assert_eq!(float.value, Some(Said::DoubleValue(0.5)));
        assert_eq!(nothing.value, None);
        assert_eq!(truth.value, Some(Said::BoolValue(true)));
    }
}
