//! The value of an attribute, with its type kept from end to end.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of an attribute: what OpenTelemetry allows, with its type kept.
///
/// JSON has no word for NaN and the infinities: they are written as the strings `NaN`,
/// `Infinity` and `-Infinity`, as OTLP writes them. An integer beyond 64 signed bits is read as a float.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A text.
    String(String),
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// A float of double precision.
    Float(f64),
    /// Texts. An empty array of unknown type is read as this one.
    StringArray(Vec<String>),
    /// Truth values.
    BoolArray(Vec<bool>),
    /// Signed integers.
    IntArray(Vec<i64>),
    /// Floats; an array of integers and floats is read as this one.
    FloatArray(Vec<f64>),
}

impl Value {
    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, where it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Float(number) => Some(*number),
            // A display of numbers bears the rounding beyond 2^53.
            #[allow(clippy::cast_precision_loss)]
            Value::Int(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// The truth value, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// A text as it is, anything else as its JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::String(text) => f.write_str(text),
            other => f.write_str(&serde_json::to_string(other).map_err(|_| fmt::Error)?),
        }
    }
}

/// The string for a float that JSON cannot write.
pub(crate) fn non_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The float for such a string.
fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float as JSON has it, or its string where JSON has none.
struct JsonFloat(f64);

impl Serialize for JsonFloat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(non_finite(self.0))
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::String(text) => serializer.serialize_str(text),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Float(number) => JsonFloat(*number).serialize(serializer),
            Value::StringArray(texts) => serializer.collect_seq(texts),
            Value::BoolArray(truths) => serializer.collect_seq(truths),
            Value::IntArray(numbers) => serializer.collect_seq(numbers),
            Value::FloatArray(numbers) => {
                serializer.collect_seq(numbers.iter().map(|number| JsonFloat(*number)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, bool, number or an array of one of these")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        // What no signed integer holds keeps its size rather than its last digits.
        #[allow(clippy::cast_precision_loss)]
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut array = match seq.next_element::<Value>()? {
            None => return Ok(Value::StringArray(Vec::new())),
            Some(Value::String(text)) => Value::StringArray(vec![text]),
            Some(Value::Bool(truth)) => Value::BoolArray(vec![truth]),
            Some(Value::Int(number)) => Value::IntArray(vec![number]),
            Some(Value::Float(number)) => Value::FloatArray(vec![number]),
            Some(_) => {
                return Err(de::Error::custom(
                    "an array in an array is no attribute value",
                ));
            }
        };
        while let Some(element) = seq.next_element::<Value>()? {
            array = match (array, element) {
                (Value::StringArray(mut texts), Value::String(text)) => {
                    texts.push(text);
                    Value::StringArray(texts)
                }
                (Value::BoolArray(mut truths), Value::Bool(truth)) => {
                    truths.push(truth);
                    Value::BoolArray(truths)
                }
                (Value::IntArray(mut numbers), Value::Int(number)) => {
                    numbers.push(number);
                    Value::IntArray(numbers)
                }
                (Value::FloatArray(mut numbers), Value::Float(number)) => {
                    numbers.push(number);
                    Value::FloatArray(numbers)
                }
                #[allow(clippy::cast_precision_loss)]
                (Value::FloatArray(mut numbers), Value::Int(number)) => {
                    numbers.push(number as f64);
                    Value::FloatArray(numbers)
                }
                #[allow(clippy::cast_precision_loss)]
                (Value::IntArray(numbers), Value::Float(number)) => {
                    let mut floats: Vec<f64> = numbers.iter().map(|int| *int as f64).collect();
                    floats.push(number);
                    Value::FloatArray(floats)
                }
                (Value::FloatArray(mut numbers), Value::String(text)) if float(&text).is_some() => {
                    numbers.extend(float(&text));
                    Value::FloatArray(numbers)
                }
                (Value::StringArray(texts), Value::Float(number))
                    if texts.iter().all(|text| float(text).is_some()) =>
                {
                    let said = texts.iter().filter_map(|text| float(text));
                    Value::FloatArray(said.chain([number]).collect())
                }
                _ => return Err(de::Error::custom("the elements of an array differ in type")),
            };
        }
        Ok(array)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(value: &Value) -> Value {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }

    #[test]
    fn every_type_comes_back_as_itself() {
        for value in [
            Value::from("tab\t quote\" nul\0 \u{1f980}"),
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Int(i64::MAX),
            Value::Float(1.0),
            Value::Float(-0.1),
            Value::Float(f64::MAX),
            Value::StringArray(vec!["stop".into(), String::new()]),
            Value::BoolArray(vec![true, false]),
            Value::IntArray(vec![1, -2]),
            Value::FloatArray(vec![1.0, 2.5]),
        ] {
            assert_eq!(there_and_back(&value), value);
        }
    }

    #[test]
    fn numbers_that_json_cannot_write_become_strings() {
        assert_eq!(there_and_back(&Value::Float(f64::NAN)), Value::from("NaN"));
        let infinity = Value::Float(f64::NEG_INFINITY);
        assert_eq!(there_and_back(&infinity), Value::from("-Infinity"));
    }

    #[test]
    fn an_integer_beyond_64_signed_bits_keeps_its_size() {
        let value: Value = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(value, Value::Float(18_446_744_073_709_551_615.0));
    }

    #[test]
    fn mixed_arrays_and_objects_are_refused_by_name() {
        let error = |text| serde_json::from_str::<Value>(text).unwrap_err().to_string();
        assert!(error("[1,\"a\"]").starts_with("the elements of an array differ in type"));
        assert!(error("[[1]]").starts_with("an array in an array"));
        assert!(error("{}").contains("expected a string, bool, number or an array"));
        assert!(error("null").contains("expected a string, bool, number or an array"));
    }
}
