//! Clients and servers by tonic, with the project's limits.

use prost_build::{Service, ServiceGenerator};

use crate::names::{RUNTIME, snake};

/// Writes tonic's client and server of each service, then the two functions
/// that build them with the limits of [`RUNTIME`]`::codec`.
///
/// Client and server are generated apart because their codecs differ: a server
/// validates what it decodes, a client does not judge what a server answers.
pub(crate) struct Services {
    client: Box<dyn ServiceGenerator>,
    server: Box<dyn ServiceGenerator>,
}

impl Services {
    pub(crate) fn new() -> Self {
        let client = tonic_prost_build::configure()
            .build_server(false)
            .compile_well_known_types(true);
        let server = tonic_prost_build::configure()
            .build_client(false)
            .compile_well_known_types(true)
            .codec_path(format!("{RUNTIME}::codec::ValidatingCodec"));
        Self {
            client: client.service_generator(),
            server: server.service_generator(),
        }
    }
}

impl ServiceGenerator for Services {
    fn generate(&mut self, service: Service, buffer: &mut String) {
        let name = service.name.clone();
        let module = snake(&service.proto_name);
        self.client.generate(service.clone(), buffer);
        self.server.generate(service, buffer);
        let bounds = format!(
            ".max_decoding_message_size({RUNTIME}::codec::MAX_MESSAGE_BYTES)\
             .max_encoding_message_size({RUNTIME}::codec::MAX_MESSAGE_BYTES)\
             .accept_compressed(::tonic::codec::CompressionEncoding::Gzip)"
        );
        buffer.push_str(&format!(
            "/// Serves `api` as `{name}`: requests are validated before it sees them, and \
             messages are bounded.\n\
             pub fn {module}<T: {module}_server::{name}>(api: T) -> {module}_server::{name}Server<T> {{\n\
                 {module}_server::{name}Server::new(api){bounds}\n\
             }}\n\
             /// Calls `{name}` over `transport`, with bounded messages.\n\
             pub fn {module}_client<T>(transport: T) -> {module}_client::{name}Client<T>\n\
             where\n\
                 T: ::tonic::client::GrpcService<::tonic::body::Body>,\n\
                 T::Error: Into<::tonic::codegen::StdError>,\n\
                 T::ResponseBody: ::tonic::codegen::Body<Data = ::tonic::codegen::Bytes> + ::core::marker::Send + 'static,\n\
                 <T::ResponseBody as ::tonic::codegen::Body>::Error: Into<::tonic::codegen::StdError> + ::core::marker::Send,\n\
             {{\n\
                 {module}_client::{name}Client::new(transport){bounds}\n\
             }}\n"
        ));
    }
}
