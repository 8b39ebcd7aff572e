//! Answers, with the headers that every one has.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

/// What a page may do: nothing but what came with the program.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EVERYWHERE: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (CACHE_CONTROL, "no-store"),
];

/// Puts into an answer what every one has.
pub(super) fn dress(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Bytes of some kind.
pub(super) fn of_kind(
    status: StatusCode,
    kind: &'static str,
    bytes: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

pub(super) fn plain(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    of_kind(status, "text/plain; charset=utf-8", text)
}

/// A document.
pub(super) fn document(status: StatusCode, document: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(document) {
        Ok(bytes) => of_kind(status, "application/json", bytes),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Why there is no answer.
pub(super) fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    let text = json!({ "error": why }).to_string();
    of_kind(status, "application/json", text)
}
