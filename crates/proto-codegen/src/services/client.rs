//! What calls a service.

use prost_build::{Method, Service};

use super::{Kind, RESULT, TONIC, TRANSPORT, comments, message, path, runtime};
use crate::code::line;

pub(super) fn write(service: &Service, module: &str, out: &mut String) {
    let (name, runtime) = (&service.name, runtime());
    line(out, format!("/// What calls `{name}`."));
    line(out, format!("pub mod {module}_client {{"));
    comments(&service.comments, out);
    line(out, "#[derive(Debug, Clone)]");
    line(
        out,
        format!("pub struct {name}Client<T>({runtime}::Client<T>);"),
    );
    line(out, format!("impl<T> {name}Client<T> {TRANSPORT} {{"));
    line(
        out,
        format!(
            "/// Over `transport`.\n\
             pub fn new(transport: T) -> Self {{ Self({runtime}::Client::new(transport)) }}"
        ),
    );
    for method in &service.methods {
        write_method(service, method, out);
    }
    line(out, "}");
    line(out, "}");
}

fn write_method(service: &Service, method: &Method, out: &mut String) {
    let kind = Kind::of(method);
    let question = message(&method.input_type);
    let answer = message(&method.output_type);
    let (request, asked) = match kind {
        Kind::Unary | Kind::ServerStreaming => (
            format!("{TONIC}::IntoRequest<{question}>"),
            "request.into_request()",
        ),
        Kind::ClientStreaming | Kind::Streaming => (
            format!("{TONIC}::IntoStreamingRequest<Message = {question}>"),
            "request",
        ),
    };
    let answer = match kind {
        Kind::Unary | Kind::ClientStreaming => answer,
        Kind::ServerStreaming | Kind::Streaming => format!("{TONIC}::Streaming<{answer}>"),
    };
    comments(&method.comments, out);
    if method.options.deprecated() {
        line(out, "#[deprecated]");
    }
    line(
        out,
        format!(
            "pub async fn {method}(&mut self, request: impl {request}) \
             -> {RESULT}<{TONIC}::Response<{answer}>, {TONIC}::Status> {{\n\
                 self.0.{function}({asked}, {path:?}).await\n\
             }}",
            method = method.name,
            function = kind.function(),
            path = path(service, method),
        ),
    );
}
