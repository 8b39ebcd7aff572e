//! Programs that are told by variables alone where their backend is, over HTTP and over gRPC.

use std::process::Command;

use crate::backend::Backend;
use crate::folder::Folder;
use crate::grpc_backend::GrpcBackend;

/// A backend, and how programs speak with it.
pub struct Told {
    protocol: &'static str,
    pub port: u16,
    spans: Box<dyn Fn() -> usize>,
}

impl Told {
    /// One for each transport.
    pub fn each() -> [Self; 2] {
        let (http, grpc) = (Backend::new(), GrpcBackend::new());
        [
            Self {
                protocol: "http/protobuf",
                port: http.port(),
                spans: Box::new(move || http.taken().len()),
            },
            Self {
                protocol: "grpc",
                port: grpc.port(),
                spans: Box::new(move || grpc.taken().spans.len()),
            },
        ]
    }

    /// How many spans have come.
    pub fn spans(&self) -> usize {
        (self.spans)()
    }

    /// Runs a program that has three spans: what it says on standard error.
    pub fn run(&self, folder: &Folder, endpoint: &str, variables: &[(&str, &str)]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_program"))
            .env_clear()
            .env("OTEL_SERVICE_NAME", "coder")
            .env("OTEL_TRACES_EXPORTER", "otlp")
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", self.protocol)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .arg("3")
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    }
}
