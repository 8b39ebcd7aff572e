//! Exchanges with model providers as they were recorded: `RULES.md` beside them says how.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// One recorded call of a provider.
pub struct Exchange {
    /// The file that it stands in.
    pub file: String,
    /// The provider, as `gen_ai.provider.name` calls it.
    pub provider: String,
    /// Which of the provider's calls it is.
    pub api: String,
    /// The path that the request went to, with its query.
    pub path: String,
    /// The body of the request.
    pub request: Value,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The headers of the answer that were kept.
    pub headers: Vec<(String, String)>,
    /// The body of the answer, byte for byte.
    pub body: Vec<u8>,
    /// What the body is.
    pub format: String,
    /// What a span is to say of it; null where it is to say nothing.
    pub expect: Map<String, Value>,
}

impl Exchange {
    fn read(folder: &Path, file: &str) -> Self {
        let text = fs::read(folder.join(file)).expect("the manifest names files that are there");
        let recorded: Value = serde_json::from_slice(&text).expect("a recording is JSON");
        let text = |key: &str| recorded[key].as_str().unwrap_or_default().to_owned();
        let headers = recorded.get("response_headers").and_then(Value::as_object);
        let headers = headers.into_iter().flatten();
        let format = text("format");
        let body = match format.as_str() {
            "json" => recorded["response"].to_string().into_bytes(),
            "json-array-stream" => match recorded["response"].is_array() {
                true => recorded["response"].to_string().into_bytes(),
                false => text("sse").into_bytes(),
            },
            "sse" | "ndjson" => text("sse").into_bytes(),
            "aws-eventstream" => decoded(&text("raw_base64")),
            format => panic!("{file}: {format:?} is no format of RULES.md"),
        };
        Self {
            file: file.to_owned(),
            provider: text("provider"),
            api: text("api"),
            path: path(&text("url")),
            request: recorded["request"].clone(),
            status: recorded["status"]
                .as_u64()
                .and_then(|status| status.try_into().ok())
                .expect("a status"),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            body,
            format,
            expect: recorded["expect"].as_object().expect("expect").clone(),
        }
    }

    /// Whether the answer came in parts.
    pub fn is_streamed(&self) -> bool {
        self.format != "json"
    }

    /// Whether the provider refused the call.
    pub fn is_refused(&self) -> bool {
        self.status >= 400
    }

    /// The model, where the path names it and so the program has to know it.
    pub fn model_of_path(&self) -> Option<String> {
        let path = self.path.split('?').next().unwrap_or_default();
        let google = || path.rsplit_once(':')?.0.rsplit_once("/models/");
        let bedrock = || path.strip_prefix("/model/")?.rsplit_once('/');
        match self.provider.as_str() {
            "aws.bedrock" => bedrock().map(|(model, _)| model.replace("%3A", ":")),
            _ => google().map(|(_, model)| model.to_owned()),
        }
    }

    /// The model that was asked for.
    pub fn model(&self) -> Option<String> {
        let said = self.request.get("model").and_then(Value::as_str);
        self.model_of_path().or(said.map(str::to_owned))
    }

    /// What the spans of functions are to say that give the body alone to whoever reads it: what stands in
    /// the status or in a header only they cannot know.
    pub fn expect_of_body(&self) -> Map<String, Value> {
        let body = String::from_utf8_lossy(&self.body);
        let header = |name: &str| {
            let mut found = self.headers.iter().filter(|(key, _)| key == name);
            found.next().map(|(_, value)| value.as_str())
        };
        let mut expect = self.expect.clone();
        for (key, name) in [
            ("input_tokens", "x-amzn-bedrock-input-token-count"),
            ("output_tokens", "x-amzn-bedrock-output-token-count"),
        ] {
            if header(name).is_some_and(|count| !body.contains(count)) {
                expect.insert(key.to_owned(), Value::Null);
            }
        }
        let error = expect.get("error_type").and_then(Value::as_str);
        if error.is_some_and(|error| !body.contains(error)) {
            expect.remove("error_type");
        }
        expect
    }
}

/// All exchanges of the corpus; none, and a word of that, where there is no corpus.
pub fn exchanges() -> Vec<Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(manifest) = fs::read_to_string(folder.join("manifest.json")) else {
        println!("skipped: no corpus");
        return Vec::new();
    };
    let manifest: Vec<Value> = serde_json::from_str(&manifest).expect("the manifest is JSON");
    let files = manifest.iter().filter_map(|entry| entry["file"].as_str());
    files.map(|file| Exchange::read(&folder, file)).collect()
}

/// What follows the host of `url`.
fn path(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind
        .find('/')
        .map_or("/", |start| &behind[start..])
        .to_owned()
}

/// The bytes that `text` stands for in base 64.
fn decoded(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte);
        let digit = digit.and_then(|digit| u32::try_from(digit).ok());
        bits = bits << 6 | digit.expect("base 64");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff).try_into().expect("eight bits"));
        }
    }
    bytes
}
