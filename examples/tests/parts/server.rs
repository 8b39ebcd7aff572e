use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpStream};

use serde_json::{Value, json};

use crate::http::{Message, write_message};
use crate::model::ModelServer;

/// Sends raw bytes and reads the status, the body and the `Allow` header.
fn send(server: &ModelServer, bytes: &[u8]) -> (u16, Value, Option<String>) {
    let url = server.base_url();
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/v1")
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let reply = Message::read_reply(&mut BufReader::new(stream), u64::MAX).unwrap();
    let allow = reply.header("allow").map(str::to_owned);
    (
        reply.status().unwrap(),
        serde_json::from_slice(&reply.body).unwrap(),
        allow,
    )
}

fn post(server: &ModelServer, body: &Value) -> (u16, Value) {
    let mut bytes = Vec::new();
    let headers = [("Authorization", "Bearer any")];
    let start = "POST /v1/chat/completions HTTP/1.1";
    write_message(&mut bytes, start, &headers, body.to_string().as_bytes()).unwrap();
    let (status, body, _) = send(server, &bytes);
    (status, body)
}

fn tool(name: &str) -> Value {
    json!({ "type": "function", "function": { "name": name, "parameters": {} } })
}

fn request(messages: Value, tools: &[&str]) -> Value {
    let tools: Vec<Value> = tools.iter().map(|name| tool(name)).collect();
    json!({ "model": "m", "messages": messages, "tools": tools })
}

#[test]
fn bad_http_gets_the_status_that_says_so() {
    let server = ModelServer::start().unwrap();
    let path = "/v1/chat/completions";
    let cases = [
        (
            format!("POST {path} HTTP/1.1\r\nno colon\r\n\r\n"),
            400,
            "bad_request",
        ),
        ("nonsense\r\n\r\n".to_owned(), 400, "bad_request"),
        (
            "POST /v1/models HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_owned(),
            404,
            "unknown_url",
        ),
        (
            format!("GET {path} HTTP/1.1\r\n\r\n"),
            405,
            "method_not_allowed",
        ),
        (
            format!("POST {path} HTTP/1.1\r\n\r\n"),
            411,
            "length_required",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
            400,
            "bad_request",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"),
            413,
            "request_too_large",
        ),
        (format!("POST {path} HTTP/2\r\n\r\n"), 505, "http_version"),
        (
            format!("POST {path} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}"),
            401,
            "invalid_api_key",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000)),
            400,
            "bad_request",
        ),
    ];
    for (bytes, status, code) in cases {
        let (got, body, allow) = send(&server, bytes.as_bytes());
        let shown = bytes.get(..bytes.len().min(80)).unwrap();
        assert_eq!(
            (got, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{shown}"
        );
        assert_eq!(allow.as_deref(), (status == 405).then_some("POST"));
    }
}

#[test]
fn bad_requests_get_a_400_that_names_the_fault() {
    let server = ModelServer::start().unwrap();
    let user = json!({ "role": "user", "content": "how many TODO?" });
    let asks = |tool: &str| {
        json!({ "role": "assistant", "content": null, "tool_calls": [{
            "id": "1", "type": "function", "function": { "name": tool, "arguments": "{}" },
        }] })
    };
    let result = json!({ "role": "tool", "tool_call_id": "1", "content": "{}" });
    let stranger = json!({ "role": "tool", "tool_call_id": "2", "content": "{}" });
    let cases = [
        (json!([]), "invalid_request"),
        (json!({ "model": "m" }), "invalid_request"),
        (json!({ "messages": [] }), "invalid_request"),
        (
            request(json!([{ "role": "judge", "content": "x" }]), &[]),
            "invalid_request",
        ),
        (request(json!([]), &["search"]), "no_question"),
        (
            request(json!([{ "role": "system", "content": "x" }]), &[]),
            "no_question",
        ),
        (
            request(json!([user, asks("search")]), &["search"]),
            "missing_tool_result",
        ),
        (
            request(json!([user, asks("search"), user]), &["search"]),
            "missing_tool_result",
        ),
        (
            request(json!([user, asks("search"), stranger]), &["search"]),
            "unknown_tool_call",
        ),
        (
            request(json!([user, result]), &["search"]),
            "unknown_tool_call",
        ),
        (
            request(json!([user, asks("rm"), result]), &["search"]),
            "tool_not_offered",
        ),
        (
            json!({ "model": "m", "messages": [user], "stream": true }),
            "unsupported",
        ),
    ];
    for (body, code) in cases {
        let (status, reply) = post(&server, &body);
        assert_eq!(
            (status, reply["error"]["code"].as_str()),
            (400, Some(code)),
            "{body}"
        );
        assert_eq!(reply["error"]["type"], "invalid_request_error");
        assert!(!reply["error"]["message"].as_str().unwrap().is_empty());
    }
    let head = "POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer k\r\n";
    let bytes = format!("{head}Content-Length: 3\r\n\r\n{{..");
    assert_eq!(
        send(&server, bytes.as_bytes()).1["error"]["code"],
        "invalid_json"
    );
}

#[test]
fn only_tools_of_the_request_are_asked_for() {
    let server = ModelServer::start().unwrap();
    let question = "Which files are there, where is TODO, which file is the largest?";
    let messages = json!([{ "role": "user", "content": question }]);
    let names = |reply: &Value| -> Vec<String> {
        let calls = reply["choices"][0]["message"]["tool_calls"].as_array();
        let name = |call: &Value| call["function"]["name"].as_str().unwrap().to_owned();
        calls.into_iter().flatten().map(name).collect()
    };
    let (_, reply) = post(
        &server,
        &request(messages.clone(), &["list_files", "search"]),
    );
    assert_eq!(names(&reply), ["list_files"]);
    assert_eq!(reply["choices"][0]["finish_reason"], "tool_calls");
    let (_, reply) = post(&server, &request(messages.clone(), &["search"]));
    assert_eq!(names(&reply), ["search", "search"]);
    let (status, reply) = post(&server, &request(messages, &[]));
    assert_eq!((status, names(&reply).len()), (200, 0));
    assert_eq!(reply["choices"][0]["finish_reason"], "stop");
    let answer = reply["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(answer.contains("could not be"), "{answer}");
}

#[test]
fn a_large_file_is_read_part_after_part_where_its_lines_cannot_be_counted() {
    let server = ModelServer::start().unwrap();
    let mut messages = vec![json!({ "role": "user", "content": "Which file is the largest?" })];
    let listing = json!({
        "total_files": 1, "total_bytes": 90_000, "by_extension": { "rs": 1 },
        "files": [{ "path": "odd/name.rs", "bytes": 90_000 }],
    });
    let refusal = json!({ "error": { "type": "too_large", "message": "too large" } });
    let part = |text: &str, more: bool| json!({ "text": text, "more": more });
    let steps = [
        (json!({}), listing),
        (json!({ "path": "odd/name.rs" }), refusal),
        (
            json!({ "path": "odd/name.rs", "from_line": 1, "lines": 400 }),
            part("fn a() {}", true),
        ),
        (
            json!({ "path": "odd/name.rs", "from_line": 401, "lines": 400 }),
            part("struct B;", false),
        ),
    ];
    for (arguments, result) in steps {
        let body = request(json!(messages), &["list_files", "read_file"]);
        let (_, reply) = post(&server, &body);
        let message = reply["choices"][0]["message"].clone();
        let call = &message["tool_calls"][0];
        let asked: Value =
            serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(asked, arguments);
        assert_eq!(message["tool_calls"].as_array().unwrap().len(), 1);
        let (id, content) = (call["id"].clone(), result.to_string());
        messages.push(message);
        messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
    }
    let (_, reply) = post(
        &server,
        &request(json!(messages), &["list_files", "read_file"]),
    );
    let answer = reply["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(
        answer.contains("It defines 2 items: fn a, struct B."),
        "{answer}"
    );
}

#[test]
fn the_same_request_gets_the_same_reply() {
    let server = ModelServer::start().unwrap();
    let messages = json!([{ "role": "user", "content": "Where is TODO?" }]);
    let body = request(messages, &["list_files", "search"]);
    let reply = |_| {
        let (_, mut reply) = post(&server, &body);
        reply["created"] = Value::Null;
        reply
    };
    let replies: Vec<Value> = (0..2).map(reply).collect();
    assert_eq!(replies[0], replies[1]);
}

#[test]
fn a_stopped_server_takes_no_more_connections() {
    let server = ModelServer::start().unwrap();
    let url = server.base_url();
    drop(server);
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/v1")
        .unwrap();
    assert!(TcpStream::connect(address).is_err());
}
