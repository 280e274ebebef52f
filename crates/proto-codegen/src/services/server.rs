//! What serves a service, and what it asks of its handlers.

use prost_build::{Method, Service};

use super::{Kind, RESULT, TONIC, comments, full_name, message, path, runtime, stream_name};
use crate::code::line;
use crate::names::RUNTIME;

pub(super) fn write(service: &Service, module: &str, out: &mut String) {
    line(out, format!("/// What serves `{}`.", service.name));
    line(out, format!("pub mod {module}_server {{"));
    write_trait(service, out);
    write_server(service, out);
    line(out, "}");
}

fn write_trait(service: &Service, out: &mut String) {
    comments(&service.comments, out);
    line(out, format!("#[{TONIC}::async_trait]"));
    line(
        out,
        format!(
            "pub trait {}: ::core::marker::Send + ::core::marker::Sync + 'static {{",
            service.name
        ),
    );
    for method in &service.methods {
        let kind = Kind::of(method);
        let (question, answer) = (message(&method.input_type), message(&method.output_type));
        let question = match kind {
            Kind::Unary | Kind::ServerStreaming => question,
            Kind::ClientStreaming | Kind::Streaming => format!("{TONIC}::Streaming<{question}>"),
        };
        let answer = match kind {
            Kind::Unary | Kind::ClientStreaming => answer,
            Kind::ServerStreaming | Kind::Streaming => {
                let name = stream_name(method);
                line(
                    out,
                    format!(
                        "/// The answers of `{}`.\n\
                         type {name}: {TONIC}::codegen::tokio_stream::Stream<\
                         Item = {RESULT}<{answer}, {TONIC}::Status>> \
                         + ::core::marker::Send + 'static;",
                        method.proto_name
                    ),
                );
                format!("Self::{name}")
            }
        };
        comments(&method.comments, out);
        line(
            out,
            format!(
                "async fn {}(&self, request: {TONIC}::Request<{question}>) \
                 -> {RESULT}<{TONIC}::Response<{answer}>, {TONIC}::Status>;",
                method.name
            ),
        );
    }
    line(out, "}");
}

fn write_server(service: &Service, out: &mut String) {
    let (name, runtime) = (&service.name, runtime());
    comments(&service.comments, out);
    line(
        out,
        format!(
            "#[derive(Debug)]\n\
             pub struct {name}Server<T>(::std::sync::Arc<T>);\n\
             impl<T> {name}Server<T> {{\n\
                 /// Served by `api`.\n\
                 pub fn new(api: T) -> Self {{ Self(::std::sync::Arc::new(api)) }}\n\
             }}\n\
             impl<T> ::core::clone::Clone for {name}Server<T> {{\n\
                 fn clone(&self) -> Self {{ Self(::std::sync::Arc::clone(&self.0)) }}\n\
             }}\n\
             impl<T> {TONIC}::server::NamedService for {name}Server<T> {{\n\
                 const NAME: &'static str = \"{full_name}\";\n\
             }}\n\
             impl<T: {name}> {TONIC}::codegen::Service<{TONIC}::codegen::http::Request<{TONIC}::body::Body>> \
             for {name}Server<T> {{\n\
                 type Response = {TONIC}::codegen::http::Response<{TONIC}::body::Body>;\n\
                 type Error = ::core::convert::Infallible;\n\
                 type Future = {TONIC}::codegen::BoxFuture<Self::Response, Self::Error>;\n\
                 fn poll_ready(&mut self, _cx: &mut ::core::task::Context<'_>) \
                 -> ::core::task::Poll<{RESULT}<(), Self::Error>> {{\n\
                     ::core::task::Poll::Ready(Ok(()))\n\
                 }}\n\
                 fn call(&mut self, request: {TONIC}::codegen::http::Request<{TONIC}::body::Body>) -> Self::Future {{\n\
                     let api = ::std::sync::Arc::clone(&self.0);\n\
                     match request.uri().path() {{",
            full_name = full_name(service),
        ),
    );
    for method in &service.methods {
        write_arm(service, method, out);
    }
    line(
        out,
        format!("_ => ::std::boxed::Box::pin(::core::future::ready(Ok({runtime}::unknown()))),"),
    );
    line(out, "}\n}\n}");
}

fn write_arm(service: &Service, method: &Method, out: &mut String) {
    let (kind, runtime) = (Kind::of(method), runtime());
    let (path, name, method_name) = (path(service, method), &service.name, &method.name);
    let (question, result) = (message(&method.input_type), message(&method.output_type));
    // The library may call what serves a stream more than once, so that has a
    // reference of its own for each call.
    let answer = match kind {
        Kind::Unary => format!(
            "Ok({runtime}::unary(request, {RUNTIME}::codec::read, |request| async move {{ \
             <T as {name}>::{method_name}(&*api, request).await }}).await)"
        ),
        Kind::ServerStreaming | Kind::ClientStreaming | Kind::Streaming => format!(
            "let handler = {runtime}::service_fn(move |request: {TONIC}::Request<{asked}>| {{ \
                 let api = ::std::sync::Arc::clone(&api); \
                 async move {{ <T as {name}>::{method_name}(&*api, request).await }} \
             }});\n\
             Ok({RUNTIME}::codec::streams::<{result}, {question}>().{function}(handler, request).await)",
            asked = match kind {
                Kind::ServerStreaming => question.clone(),
                _ => format!("{TONIC}::Streaming<{question}>"),
            },
            function = kind.function(),
        ),
    };
    line(
        out,
        format!("{path:?} => ::std::boxed::Box::pin(async move {{ {answer} }}),"),
    );
}
