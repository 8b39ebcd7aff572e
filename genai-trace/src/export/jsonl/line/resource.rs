//! What is known of a process, as `serde_json` would write it: that one would be compiled for it alone.

use super::{push_array, push_bool, push_float, push_int, push_str};
use crate::record::{Attributes, Value};

/// The attributes as JSON.
pub(crate) fn resource_json(attributes: &Attributes) -> Vec<u8> {
    let mut out = Vec::new();
    out.push(b'{');
    for (index, (key, value)) in attributes.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_str(key.into(), &mut out);
        out.push(b':');
        push(value, &mut out);
    }
    out.push(b'}');
    out
}

fn push(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => push_str(text.as_str().into(), out),
        Value::Bool(truth) => push_bool(*truth, out),
        Value::Int(number) => push_int(*number, out),
        Value::Float(number) => push_float(*number, out),
        Value::StringArray(texts) => {
            push_array(texts.iter().map(|text| text.as_str().into()), out, push_str);
        }
        Value::BoolArray(truths) => push_array(truths.iter().copied(), out, push_bool),
        Value::IntArray(numbers) => push_array(numbers.iter().copied(), out, push_int),
        Value::FloatArray(numbers) => push_array(numbers.iter().copied(), out, push_float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_that_of_serde_json() {
        let values = [
            Value::from("a \"text\"\n\u{1}é"),
            Value::from(true),
            Value::from(i64::MIN),
            Value::from(1e-7),
            Value::from(f64::NAN),
            Value::StringArray(vec!["a".to_owned(), "\\".to_owned()]),
            Value::StringArray(Vec::new()),
            Value::BoolArray(vec![true, false]),
            Value::IntArray(vec![1, -2]),
            Value::FloatArray(vec![0.5, f64::INFINITY, 1e300]),
        ];
        for count in 0..=values.len() {
            let keys = (0..).map(|number| format!("key \"{number}\""));
            let attributes: Attributes = keys.zip(values.iter().take(count).cloned()).collect();
            let json = String::from_utf8(resource_json(&attributes)).unwrap();
            assert_eq!(json, serde_json::to_string(&attributes).unwrap());
        }
    }
}
