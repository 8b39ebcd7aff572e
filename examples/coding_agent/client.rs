//! The chat client: one annotated function that speaks the OpenAI chat-completions API.

use std::borrow::Cow;
use std::fmt;
use std::io::BufReader;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use genai_trace::genai_chat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::http::{HttpError, Message, write_message};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A model may think for long before the first byte.
const REPLY_TIMEOUT: Duration = Duration::from_secs(120);
/// The largest reply that is read, in bytes.
const MAX_REPLY: u64 = 16 * 1024 * 1024;

/// Where the model is and which one it is.
pub(crate) struct ChatClient {
    pub(crate) endpoint: Endpoint,
    pub(crate) model: String,
}

/// A chat completion, as far as the agent reads it and its trace tells of it: that is read from the serialised form,
/// which is the provider's own.
#[derive(Deserialize, Serialize)]
pub(crate) struct Completion {
    id: Option<String>,
    model: Option<String>,
    pub(crate) choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Choice {
    /// The assistant's message, which goes back to the model as it came.
    pub(crate) message: Value,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Deserialize, Serialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Deserialize, Serialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

/// Why a chat call failed.
#[derive(Debug)]
pub(crate) enum ChatError {
    Http(HttpError),
    /// The server's own error: its status, its code where it has one, its message.
    Refused {
        status: u16,
        code: Option<String>,
        message: String,
    },
    /// The reply is no chat completion.
    Unreadable(serde_json::Error),
}

impl ChatClient {
    /// Sends one request body and reads the completion.
    #[genai_chat(
        provider = "openai",
        model = self.model,
        request = body,
        server_address = self.endpoint.host,
        server_port = self.endpoint.port,
        err = ChatError::kind
    )]
    pub(crate) fn chat(&self, body: &Value) -> Result<Completion, ChatError> {
        let reply = self.post("/chat/completions", body)?;
        Ok(serde_json::from_slice(&reply)?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Vec<u8>, ChatError> {
        let Endpoint {
            host,
            port,
            prefix,
            key,
        } = &self.endpoint;
        let mut stream = connect(host, *port).map_err(HttpError::Io)?;
        let authorization = key.as_ref().map(|key| format!("Bearer {key}"));
        let host = format!("{host}:{port}");
        let mut headers = vec![
            ("Host", host.as_str()),
            ("Content-Type", "application/json"),
        ];
        headers.extend(
            authorization
                .as_deref()
                .map(|value| ("Authorization", value)),
        );
        let start = format!("POST {prefix}{path} HTTP/1.1");
        write_message(&mut stream, &start, &headers, body.to_string().as_bytes())
            .map_err(HttpError::Io)?;

        let reply = Message::read_reply(&mut BufReader::new(stream), MAX_REPLY)?;
        match reply.status()? {
            200 => Ok(reply.body),
            status => Err(ChatError::refused(status, &reply.body)),
        }
    }
}

fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut failure = std::io::ErrorKind::AddrNotAvailable.into();
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(REPLY_TIMEOUT))?;
                stream.set_write_timeout(Some(REPLY_TIMEOUT))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

impl ChatError {
    /// The value of `error.type`: the provider's code, else the status, else the kind of failure.
    pub(crate) fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::Refused {
                code: Some(code), ..
            } => code.clone().into(),
            Self::Refused { status, .. } => status.to_string().into(),
            Self::Http(HttpError::Io(error)) => format!("{:?}", error.kind()).into(),
            Self::Http(_) => "bad_http".into(),
            Self::Unreadable(_) => "unreadable_reply".into(),
        }
    }

    fn refused(status: u16, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |pointer| {
            body.pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Self::Refused {
            status,
            code: text("/error/code"),
            message: text("/error/message").unwrap_or_else(|| "no message".into()),
        }
    }
}

impl From<HttpError> for ChatError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<serde_json::Error> for ChatError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl fmt::Display for ChatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => write!(f, "the model cannot be reached: {error}"),
            Self::Refused {
                status, message, ..
            } => write!(f, "the model's server says {status}: {message}"),
            Self::Unreadable(error) => write!(f, "the reply is no chat completion: {error}"),
        }
    }
}

impl std::error::Error for ChatError {}
