//! The family of requests over HTTP, as the conventions of HTTP have it.

use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::view::{Distribution, Part, Scale, Shows, View, When};
use crate::span::operation::Operation;

/// The facts of a request stand in the places that [labels](crate::metrics::labels::Labels) say.
pub(super) const SERVER_REQUESTS: View = View {
    name: "http_server_request_duration_seconds",
    help: "Duration of a request that was answered, to the last byte of its body.",
    shows: Shows::Histogram(
        Scale::seconds(bounds::HTTP),
        &[Part::new(
            Distribution::Duration,
            &[Operation::Request],
            &[
                ("http_request_method", Source::Subject),
                ("http_route", Source::Model),
                ("http_response_status_code", Source::ServerPort),
                ("url_scheme", Source::Provider),
                ("error_type", Source::ErrorType),
            ],
        )
        // A request that says no method is none of HTTP.
        .when(When::HasSubject)],
    ),
};
