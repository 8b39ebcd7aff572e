//! OpenTelemetry's SDK with its batch processor and its exporter, all as they are by default.

use std::io;
use std::time::Duration;

use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::Subject;
use crate::work;

pub struct OpenTelemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl OpenTelemetry {
    pub fn to(url: &str) -> io::Result<Box<dyn Subject>> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{url}/v1/traces"))
            .build()
            .map_err(io::Error::other)?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name(work::SERVICE).build())
            .build();
        let tracer = provider.tracer("bench");
        Ok(Box::new(Self { provider, tracer }))
    }

    fn enter(&self, name: &'static str, attributes: Vec<KeyValue>) -> impl Drop + use<> {
        let span = self
            .tracer
            .span_builder(name)
            .with_attributes(attributes)
            .start(&self.tracer);
        Context::current_with_span(span).attach()
    }

    /// As genai-trace says by itself: the operation, the subject's name, the type of the tool and the agent.
    fn read_file(&self, path: &str) -> usize {
        let _current = self.enter(
            work::READ_FILE,
            vec![
                KeyValue::new("gen_ai.operation.name", "execute_tool"),
                KeyValue::new("gen_ai.tool.name", work::TOOL),
                KeyValue::new("gen_ai.tool.type", "function"),
                KeyValue::new("gen_ai.agent.name", work::AGENT),
                KeyValue::new("app.path", path.to_owned()),
                KeyValue::new("app.a", work::A),
                KeyValue::new("app.b", work::B),
            ],
        );
        work::read(path).unwrap_or_default()
    }
}

impl Subject for OpenTelemetry {
    fn run(&self, first: usize, tools: usize) -> usize {
        let _current = self.enter(
            work::RUN,
            vec![
                KeyValue::new("gen_ai.operation.name", "invoke_agent"),
                KeyValue::new("gen_ai.agent.name", work::AGENT),
                KeyValue::new("app.task", work::path(first).to_owned()),
                KeyValue::new("app.a", work::A),
                KeyValue::new("app.b", work::B),
            ],
        );
        (first..first + tools)
            .map(|call| self.read_file(work::path(call)))
            .sum()
    }

    /// It has no deadline of its own.
    fn flush(&self, _: Duration) -> io::Result<()> {
        self.provider.force_flush().map_err(io::Error::other)
    }

    fn end(self: Box<Self>, most: Duration) -> io::Result<()> {
        self.provider
            .shutdown_with_timeout(most)
            .map_err(io::Error::other)
    }
}
