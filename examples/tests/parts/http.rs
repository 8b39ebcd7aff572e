use std::io::Cursor;

use crate::endpoint::{Endpoint, EndpointError};
use crate::http::{HttpError, Message};

fn reply(bytes: &str, limit: u64) -> Result<Message, HttpError> {
    Message::read_reply(&mut Cursor::new(bytes), limit)
}

#[test]
fn a_reply_may_be_counted_chunked_or_open_ended() {
    let head = "HTTP/1.1 200 OK\r\n";
    for rest in [
        "Content-Length: 5\r\n\r\nhellomore",
        "transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        "\r\nhello",
    ] {
        let message = reply(&format!("{head}{rest}"), 5).unwrap();
        assert_eq!(message.status().unwrap(), 200);
        assert_eq!(message.body, b"hello");
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused() {
    let head = "HTTP/1.1 200 OK\r\n";
    for rest in [
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "\r\nhello",
    ] {
        let refused = reply(&format!("{head}{rest}"), 4);
        assert!(matches!(refused, Err(HttpError::TooLarge(4))), "{rest}");
    }
}

#[test]
fn a_message_that_ends_early_is_an_error() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    ] {
        assert!(reply(bytes, 100).is_err(), "{bytes}");
    }
    assert!(reply("SMTP 200\r\n\r\n", 100).unwrap().status().is_err());
}

#[test]
fn a_base_url_is_split_into_its_parts() {
    let parse = |url| Endpoint::parse(url, Some("key".into()));
    let endpoint = parse("http://localhost:11434/v1/").unwrap();
    assert_eq!(
        (endpoint.host.as_str(), endpoint.port),
        ("localhost", 11434)
    );
    assert_eq!(endpoint.prefix, "/v1");
    let endpoint = parse("http://[::1]:80").unwrap();
    assert_eq!((endpoint.host.as_str(), endpoint.port), ("::1", 80));
    assert_eq!(parse("http://[::1]/v1").unwrap().host, "::1");
    assert_eq!(parse("http://proxy/v1").unwrap().port, 80);
    assert_eq!(
        parse("https://api.openai.com/v1"),
        Err(EndpointError::NeedsTls)
    );
    for bad in [
        "",
        "http://",
        "http://:80",
        "ftp://x",
        "http://x:99999",
        "http://x:y/v1",
    ] {
        assert_eq!(parse(bad), Err(EndpointError::NoUrl(bad.into())), "{bad}");
    }
}
