//! The client and the server of each service.

mod client;
mod server;

use prost_build::{Comments, Method, Service, ServiceGenerator};

use crate::names::{RUNTIME, snake};

/// Writes a module with the client of each service and one with its server,
/// then the two functions that build them.
///
/// What is common to all of them is in [`RUNTIME`]`::grpc`, so that what is
/// written here is little more than names: it is compiled for each method.
pub(crate) struct Services;

impl ServiceGenerator for Services {
    fn generate(&mut self, service: Service, out: &mut String) {
        let name = &service.name;
        let module = snake(&service.proto_name);
        client::write(&service, &module, out);
        server::write(&service, &module, out);
        out.push_str(&format!(
            "/// Serves `api` as `{name}`: requests are validated before it sees them, and \
             messages are bounded.\n\
             pub fn {module}<T: {module}_server::{name}>(api: T) -> {module}_server::{name}Server<T> {{\n\
                 {module}_server::{name}Server::new(api)\n\
             }}\n\
             /// Calls `{name}` over `transport`, with bounded messages.\n\
             pub fn {module}_client<T>(transport: T) -> {module}_client::{name}Client<T>\n\
             {TRANSPORT} {{\n\
                 {module}_client::{name}Client::new(transport)\n\
             }}\n"
        ));
    }
}

/// What a client asks of what it calls over.
const TRANSPORT: &str = "where \
     T: ::tonic::client::GrpcService<::tonic::body::Body>, \
     T::ResponseBody: ::tonic::codegen::Body<Data = ::tonic::codegen::Bytes> + ::core::marker::Send + 'static, \
     <T::ResponseBody as ::tonic::codegen::Body>::Error: ::core::convert::Into<::tonic::codegen::StdError>,";

/// Which sides of a method are streams.
#[derive(Clone, Copy)]
enum Kind {
    Unary,
    ServerStreaming,
    ClientStreaming,
    Streaming,
}

impl Kind {
    fn of(method: &Method) -> Self {
        match (method.client_streaming, method.server_streaming) {
            (false, false) => Self::Unary,
            (false, true) => Self::ServerStreaming,
            (true, false) => Self::ClientStreaming,
            (true, true) => Self::Streaming,
        }
    }

    /// Of the functions that call and serve it.
    fn function(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ServerStreaming => "server_streaming",
            Self::ClientStreaming => "client_streaming",
            Self::Streaming => "streaming",
        }
    }
}

/// The service's name on the wire.
fn full_name(service: &Service) -> String {
    let (package, name) = (&service.package, &service.proto_name);
    if package.is_empty() {
        return name.clone();
    }
    format!("{package}.{name}")
}

fn path(service: &Service, method: &Method) -> String {
    format!("/{}/{}", full_name(service), method.proto_name)
}

/// A message's type as it is called from within a service's module.
fn message(name: &str) -> String {
    if name.starts_with("::") {
        name.to_owned()
    } else {
        format!("super::{name}")
    }
}

fn comments(comments: &Comments, out: &mut String) {
    comments.append_with_indent(0, out);
}

/// The name of the type of a method's stream of answers.
fn stream_name(method: &Method) -> String {
    format!("{}Stream", method.proto_name)
}

const TONIC: &str = "::tonic";
const RESULT: &str = "::core::result::Result";

fn runtime() -> String {
    format!("{RUNTIME}::grpc")
}
