//! What stands in a request.

use std::io::Read;

use axum::http::{HeaderValue, StatusCode};
use flate2::read::MultiGzDecoder;
use genai_trace::SpanRecord;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde_json::Value as Json;

use super::reply::Form;
use crate::span::records_of;

/// The longest body once it is no longer compressed.
const LONGEST_PLAIN: u64 = 128 << 20;

/// The spans of a request, and how many in it are none.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) records: Vec<SpanRecord>,
    pub(super) rejected: usize,
}

/// Why a request is not taken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refused {
    pub(super) const fn new(status: StatusCode, why: String) -> Self {
        Self { status, why }
    }

    /// It may be sent again.
    pub(super) const fn for_now(why: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, why)
    }

    const fn wrong(why: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, why)
    }
}

/// A body as it was before it was compressed.
pub(super) fn plain(encoding: Option<&HeaderValue>, body: &[u8]) -> Result<Vec<u8>, Refused> {
    let said = encoding.map(|encoding| encoding.to_str().unwrap_or_default());
    match said.map(str::trim) {
        None | Some("identity" | "") => Ok(body.to_vec()),
        Some("gzip") => {
            let mut plain = Vec::new();
            let read = MultiGzDecoder::new(body)
                .take(LONGEST_PLAIN + 1)
                .read_to_end(&mut plain);
            read.map_err(|error| Refused::wrong(format!("the body is no gzip: {error}")))?;
            match u64::try_from(plain.len()).is_ok_and(|length| length <= LONGEST_PLAIN) {
                true => Ok(plain),
                false => Err(Refused::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!(
                        "the body has more than {LONGEST_PLAIN} bytes once it is no longer compressed"
                    ),
                )),
            }
        }
        Some(other) => Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("the content encoding is {other:?}: expected gzip or none"),
        )),
    }
}

/// The spans in a body.
pub(super) fn spans(form: Form, body: &[u8]) -> Result<Found, Refused> {
    let wrong = |error: &dyn std::fmt::Display| {
        Refused::wrong(format!("the body is no ExportTraceServiceRequest: {error}"))
    };
    let document: Json = match form {
        Form::Protobuf => {
            let request = ExportTraceServiceRequest::decode(body).map_err(|error| wrong(&error))?;
            serde_json::to_value(request).map_err(|error| wrong(&error))?
        }
        Form::Json => serde_json::from_slice(body).map_err(|error| wrong(&error))?,
    };
    let resources = match (document.as_object(), document.get("resourceSpans")) {
        (None, _) => return Err(wrong(&"it is no object")),
        (_, None | Some(Json::Null)) => &[],
        (_, Some(Json::Array(resources))) => resources.as_slice(),
        (_, Some(_)) => return Err(wrong(&"resourceSpans is no list")),
    };
    let records = records_of(resources);
    let list = |object: &Json, key: &str| object.get(key).and_then(Json::as_array).cloned();
    let scopes = resources
        .iter()
        .filter_map(|of| list(of, "scopeSpans"))
        .flatten();
    let sent: usize = scopes
        .filter_map(|of| list(&of, "spans"))
        .map(|spans| spans.len())
        .sum();
    Ok(Found {
        rejected: sent.saturating_sub(records.len()),
        records,
    })
}
