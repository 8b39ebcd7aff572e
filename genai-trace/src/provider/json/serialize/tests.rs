use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{Error, SerializeSeq, SerializeStruct, Serializer};
use serde_json::{Value as Json, json};

use super::super::limits::Limits;
use super::from_serialize;

const FACTS: Limits = Limits::of(false);

fn written<T: Serialize>(value: &T) -> Option<Json> {
    from_serialize(value, &FACTS)
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Newtype(u8);

#[derive(Serialize)]
struct Tuple(u8, &'static str);

#[derive(Serialize)]
struct Struct {
    a: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<u8>,
    c: Vec<Enum>,
}

#[derive(Serialize)]
enum Enum {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { a: u8 },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tagged {
    ToolUse { name: &'static str },
}

#[derive(Serialize)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    more: BTreeMap<String, Json>,
}

#[test]
fn every_type_is_written_as_serde_json_writes_it() {
    fn same<T: Serialize>(value: T) {
        assert_eq!(written(&value), serde_json::to_value(&value).ok());
    }
    same(Unit);
    same(Newtype(1));
    same(Tuple(1, "a"));
    same(Struct {
        a: None,
        b: None,
        c: vec![
            Enum::Unit,
            Enum::Newtype(1),
            Enum::Tuple(1, 2),
            Enum::Struct { a: 1 },
        ],
    });
    same(Tagged::ToolUse { name: "read" });
    same(Flat {
        a: 1,
        more: BTreeMap::from([("b".to_owned(), json!([1, {"c": null}]))]),
    });
    same((1_i8, -2_i16, 3_u32, -4_i64, 1.5_f32, 'c', "text", true, ()));
    same(BTreeMap::from([(1, "a"), (2, "b")]));
    same(BTreeMap::from([(true, "a")]));
    same(BTreeMap::from([('c', "a")]));
    same(json!({"a": [1, 2.5, "b", null, {"c": true}]}));
    same(f64::NAN);
    same(u128::from(u64::MAX));
}

#[test]
fn what_json_cannot_hold_is_not_said() {
    assert_eq!(written(&u128::MAX), Some(Json::Null));
    assert_eq!(written(&i128::MIN), Some(Json::Null));
    assert_eq!(written(&f64::INFINITY), Some(Json::Null));
    let keyed = BTreeMap::from([((1, 2), "a")]);
    assert_eq!(written(&keyed), Some(json!({})));
}

#[test]
fn bytes_are_numbers_up_to_the_limit() {
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&[7; 1000])
        }
    }
    assert_eq!(written(&Bytes), Some(json!(vec![7; 16])));
}

#[test]
fn the_last_of_two_members_holds() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 2)])
        }
    }
    assert_eq!(written(&Twice), Some(json!({"a": 2})));
}

#[test]
fn a_type_that_fails_half_way_says_nothing() {
    struct Half;
    impl Serialize for Half {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut list = serializer.serialize_seq(None)?;
            list.serialize_element(&1)?;
            Err(S::Error::custom("no"))
        }
    }
    assert_eq!(written(&json!([1])), Some(json!([1])));
    assert_eq!(written(&[Half]), None);
}

#[test]
fn text_that_is_json_already_is_read_however_long_it_is() {
    struct Raw(String);
    impl Serialize for Raw {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut raw = serializer.serialize_struct("$serde_json::private::RawValue", 1)?;
            raw.serialize_field("$serde_json::private::RawValue", &self.0)?;
            raw.end()
        }
    }
    let long = json!({"a": "x".repeat(3 * FACTS.text), "b": [1]});
    let value = written(&Raw(long.to_string())).expect("JSON");
    assert_eq!(value["b"], json!([1]));
    assert_eq!(value["a"].as_str().map(str::len), Some(FACTS.text));
}

#[test]
fn what_is_too_deep_is_null_and_not_asked() {
    struct Deep(usize);
    impl Serialize for Deep {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            assert!(self.0 <= FACTS.depth, "asked below the limit");
            [Deep(self.0 + 1)].serialize(serializer)
        }
    }
    let mut value = written(&Deep(0)).expect("JSON");
    let mut depth = 0;
    while let Some(inner) = value.get_mut(0).map(Json::take) {
        value = inner;
        depth += 1;
    }
    assert_eq!(depth, FACTS.depth);
    assert_eq!(value, Json::Null);
}

#[test]
fn long_texts_and_lists_of_numbers_are_cut() {
    let value = written(&("é".repeat(FACTS.text), vec![1; 1000])).expect("JSON");
    assert_eq!(value[0].as_str().map(str::len), Some(FACTS.text));
    assert_eq!(value[1].as_array().map(Vec::len), Some(FACTS.numbers));
}
