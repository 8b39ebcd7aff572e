//! A proxy in front of the example's model that keeps what passes through it.

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::http::{Message, write_message};
use crate::model::ModelServer;

/// A running proxy.
pub struct Recorder {
    url: String,
    seen: Arc<Mutex<Vec<(Value, Value)>>>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/proxied/v1/", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            let model = ModelServer::start().unwrap();
            let model = model.base_url();
            let address = model
                .strip_prefix("http://")
                .unwrap()
                .strip_suffix("/v1")
                .unwrap();
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let mut input = BufReader::new(client.try_clone().unwrap());
                let request = Message::read_request(&mut input, u64::MAX).unwrap();
                assert_eq!(request.start, "POST /proxied/v1/chat/completions HTTP/1.1");
                assert_eq!(request.header("authorization"), Some("Bearer k"));

                let mut server = TcpStream::connect(address).unwrap();
                let headers = [("Authorization", "Bearer k")];
                let start = "POST /v1/chat/completions HTTP/1.1";
                write_message(&mut server, start, &headers, &request.body).unwrap();
                let reply = Message::read_reply(&mut BufReader::new(server), u64::MAX).unwrap();
                kept.lock()
                    .unwrap()
                    .push((json(&request.body), json(&reply.body)));
                write_message(&mut client, &reply.start, &[], &reply.body).unwrap();
            }
        });
        Self { url, seen }
    }

    pub fn base_url(&self) -> String {
        self.url.clone()
    }

    /// Every request with its reply.
    pub fn exchanges(&self) -> Vec<(Value, Value)> {
        self.seen.lock().unwrap().clone()
    }

    pub fn last_request(&self) -> Value {
        self.exchanges().pop().unwrap().0
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}
