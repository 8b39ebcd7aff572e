use serde_json::{Value as Json, json};

use super::{AwsEventStream, Wire};
use crate::provider::stream::checksum::checksum;

/// A frame with text headers.
fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in headers {
        bytes.push(u8::try_from(name.len()).expect("a short name"));
        bytes.extend(name.as_bytes());
        bytes.push(7);
        bytes.extend(
            u16::try_from(value.len())
                .expect("a short value")
                .to_be_bytes(),
        );
        bytes.extend(value.as_bytes());
    }
    raw(&bytes, payload)
}

fn raw(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).expect("a short frame").to_be_bytes();
    let mut frame = Vec::new();
    frame.extend(word(16 + headers.len() + payload.len()));
    frame.extend(word(headers.len()));
    frame.extend(checksum(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(checksum(&frame).to_be_bytes());
    frame
}

fn event(name: &str, payload: &Json) -> Vec<u8> {
    let headers = [(":message-type", "event"), (":event-type", name)];
    frame(&headers, payload.to_string().as_bytes())
}

fn read(pieces: &[&[u8]]) -> Vec<(Option<String>, Json)> {
    let mut wire = AwsEventStream::default();
    let mut given = Vec::new();
    let mut each = |event: Option<&str>, body: &Json| {
        given.push((event.map(str::to_owned), body.clone()));
    };
    for piece in pieces {
        wire.feed(piece, &mut each);
    }
    wire.end(&mut each);
    given
}

fn two() -> Vec<u8> {
    let mut bytes = event("messageStart", &json!({"role": "assistant"}));
    bytes.extend(event("messageStop", &json!({"stopReason": "end_turn"})));
    bytes
}

fn said() -> Vec<(Option<String>, Json)> {
    vec![
        (
            Some("messageStart".to_owned()),
            json!({"role": "assistant"}),
        ),
        (
            Some("messageStop".to_owned()),
            json!({"stopReason": "end_turn"}),
        ),
    ]
}

#[test]
fn frames_are_read_wherever_they_are_cut() {
    let bytes = two();
    assert_eq!(read(&[&bytes]), said());
    for at in 0..bytes.len() {
        let (before, behind) = bytes.split_at(at);
        assert_eq!(read(&[before, behind]), said(), "cut at {at}");
    }
    let single: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(read(&single), said());
}

#[test]
fn json_in_base64_is_given_as_json() {
    // {"a":1}
    let bytes = event("chunk", &json!({"bytes": "eyJhIjoxfQ==", "p": "abc"}));
    assert_eq!(
        read(&[&bytes]),
        [(Some("chunk".to_owned()), json!({"a": 1}))]
    );
}

#[test]
fn an_exception_is_given_with_its_type() {
    let headers = [
        (":message-type", "exception"),
        (":exception-type", "throttlingException"),
    ];
    let bytes = frame(&headers, br#"{"message":"slow down"}"#);
    let body = json!({"__type": "throttlingException", "message": "slow down"});
    assert_eq!(read(&[&bytes]), [(Some("exception".to_owned()), body)]);
    let headers = [
        (":message-type", "error"),
        (":error-code", "500"),
        (":error-message", "oh"),
    ];
    let body = json!({"__type": "500", "message": "oh"});
    assert_eq!(
        read(&[&frame(&headers, b"")]),
        [(Some("error".to_owned()), body)]
    );
}

#[test]
fn headers_of_all_types_are_passed_over() {
    let mut headers = Vec::new();
    for (kind, length) in [
        (0, 0),
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 4),
        (5, 8),
        (8, 8),
        (9, 16),
    ] {
        headers.extend([1, b'x', kind]);
        headers.extend(std::iter::repeat_n(0xAB, length));
    }
    headers.extend([1, b'y', 6, 0, 2, 1, 2]);
    headers.extend([11]);
    headers.extend(b":event-type");
    headers.extend([7, 0, 1, b'e']);
    let bytes = raw(&headers, b"{}");
    assert_eq!(read(&[&bytes]), [(Some("e".to_owned()), json!({}))]);
}

#[test]
fn a_frame_with_a_wrong_checksum_is_left_out() {
    let mut bytes = two();
    bytes[40] ^= 1;
    assert_eq!(read(&[&bytes]), said()[1..]);
}

#[test]
fn what_is_no_frame_is_passed_over() {
    let mut bytes = b"garbage \0\0\0\x20 more".to_vec();
    bytes.extend(two());
    assert_eq!(read(&[&bytes]), said());
    let single: Vec<_> = bytes.chunks(3).collect();
    assert_eq!(read(&single), said());
}

#[test]
fn a_frame_that_is_too_long_is_left_out_without_being_kept() {
    let length = u32::try_from(super::LONGEST + 1).expect("a length");
    let mut prelude = length.to_be_bytes().to_vec();
    prelude.extend(0_u32.to_be_bytes());
    prelude.extend(checksum(&prelude).to_be_bytes());
    let mut wire = AwsEventStream::default();
    let mut given = 0;
    let mut each = |_: Option<&str>, _: &Json| given += 1;
    wire.feed(&prelude, &mut each);
    let mut left = super::LONGEST + 1 - prelude.len();
    let piece = vec![0; 1 << 20];
    while left > 0 {
        let some = left.min(piece.len());
        wire.feed(&piece[..some], &mut each);
        left -= some;
        assert!(wire.begun.capacity() < 64);
    }
    wire.feed(&two(), &mut each);
    assert_eq!(given, 2);
}
