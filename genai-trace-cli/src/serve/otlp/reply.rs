//! What is answered to who sends spans, in the form in which they came.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use serde_json::json;

use super::request::Refused;
use crate::serve::answer::of_kind;
use crate::span::LeftOut;

/// When what could not be taken for now may be sent again, in seconds.
const LATER: HeaderValue = HeaderValue::from_static("1");

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Protobuf,
    Json,
}

impl Form {
    /// The form of a request; none where it is another.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Some(Form::Protobuf),
            "application/json" => Some(Form::Json),
            _ => None,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Form::Protobuf => "application/x-protobuf",
            Form::Json => "application/json",
        }
    }
}

/// All has been taken but these spans.
pub(super) fn taken(form: Form, left_out: &LeftOut) -> Response<Body> {
    let rejected = left_out.count;
    let partial = (rejected > 0).then(|| ExportTracePartialSuccess {
        rejected_spans: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: match (rejected, left_out.why().unwrap_or_default()) {
            (1, why) => format!("1 of the spans was left out: {why}"),
            (_, why) => format!("{rejected} of the spans were left out, the first of them: {why}"),
        },
    });
    let body = match form {
        Form::Protobuf => ExportTraceServiceResponse {
            partial_success: partial,
        }
        .encode_to_vec(),
        Form::Json => match partial {
            Some(partial) => json!({ "partialSuccess": {
                "rejectedSpans": partial.rejected_spans.to_string(),
                "errorMessage": partial.error_message,
            } })
            .to_string()
            .into_bytes(),
            None => b"{}".to_vec(),
        },
    };
    of_kind(StatusCode::OK, form.kind(), body)
}

/// Nothing has been taken.
pub(super) fn failed(form: Form, refused: &Refused) -> Response<Body> {
    // Codes of gRPC: an argument that is wrong, a service that is not there for now.
    let is_for_now = refused.status == StatusCode::SERVICE_UNAVAILABLE;
    let code: i32 = if is_for_now { 14 } else { 3 };
    let body = match form {
        Form::Json => json!({ "code": code, "message": refused.why })
            .to_string()
            .into_bytes(),
        Form::Protobuf => {
            // google.rpc.Status
            let mut body = Vec::new();
            prost::encoding::int32::encode(1, &code, &mut body);
            prost::encoding::string::encode(2, &refused.why, &mut body);
            body
        }
    };
    let mut response = of_kind(refused.status, form.kind(), body);
    if is_for_now {
        response.headers_mut().insert(RETRY_AFTER, LATER);
    }
    response
}
