//! The response to a call of a model, as reqwest has it.

use reqwest::{Body, Response, ResponseBuilderExt};

use crate::model_calls::Answered;
use crate::span::model_call::ModelCall;

/// The same response, whose body ends `call`.
pub(super) fn follow(call: ModelCall, response: Response) -> Response {
    let url = response.url().clone();
    let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
    // By this the response knows again where it came from.
    let named = http::Response::builder().url(url).body(());
    if let Ok(named) = named {
        parts.extensions.extend(named.into_parts().0.extensions);
    }
    let body = Answered::new(call, parts.status, &parts.headers, body);
    http::Response::from_parts(parts, Body::wrap(body)).into()
}
