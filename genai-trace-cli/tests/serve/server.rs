//! The server that is asked, and whoever asks it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// The trace of the fixture.
pub(crate) const TRACE: &str = "5f4f0de8d3496d3ff2b385d4cc9bd3df";
/// Longer nothing may take here, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server of its own, which ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// Where it is, `127.0.0.1:4319`.
    pub(crate) address: String,
    /// The first address that it printed, whole.
    pub(crate) url: String,
    pub(crate) out: BufReader<std::process::ChildStdout>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
        command
            .args(["serve", "--port", "0"])
            .args(arguments)
            .current_dir(folder);
        Self::spawn(command.stdin(Stdio::null()))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let url = line(&mut out);
        let address = url
            .strip_prefix("http://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        Self {
            address: address.replace("0.0.0.0", "127.0.0.1"),
            url: url.clone(),
            child,
            out,
        }
    }

    /// Of a folder that has the fixture as its traces file.
    pub(crate) fn of_fixture(folder: &Path) -> Self {
        std::fs::copy(fixture("run.jsonl"), folder.join("traces.jsonl")).unwrap();
        let server = Self::start(folder, &[]);
        server.until("/api/runs", |runs| {
            runs["total"] == 1 && runs["loading"] == 1.0
        });
        server
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let address = &self.address;
        send(
            address,
            &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"),
            b"",
        )
    }

    pub(crate) fn json(&self, path: &str) -> Json {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        post(
            &self.address,
            path,
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
    }

    /// Asks until the answer is as wanted.
    pub(crate) fn until(&self, path: &str, is_wanted: impl Fn(&Json) -> bool) -> Json {
        let mut last = Json::Null;
        eventually(path, || {
            last = self.json(path);
            is_wanted(&last).then(|| last.clone())
        })
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        line(&mut self.out)
    }

    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
        let child = &mut self.child;
        eventually("the end of the server", || child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }
}

fn line(out: &mut impl BufRead) -> String {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The lines of the fixture.
pub(crate) fn lines() -> Vec<String> {
    let text = std::fs::read_to_string(fixture("run.jsonl")).unwrap();
    text.lines().map(|line| format!("{line}\n")).collect()
}

pub(crate) fn post(address: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers: String = headers
        .iter()
        .map(|(key, value)| format!("{key}: {value}\r\n"))
        .collect();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    send(address, &head, body)
}

/// Sends a request as it stands.
pub(crate) fn send(address: &str, head: &str, body: &[u8]) -> Answer {
    let mut stream = connect(address);
    // It may be refused before all of it was sent.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end =
        end.unwrap_or_else(|| panic!("no answer to {head}: {:?}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = bytes[end + 4..].to_vec();
    let body = match head.contains("transfer-encoding: chunked") {
        true => panic!("it says how long it is: {head}"),
        false => body,
    };
    Answer { status, head, body }
}

pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Tries until there is something.
pub(crate) fn eventually<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        thread::sleep(Duration::from_millis(20));
    }
}
