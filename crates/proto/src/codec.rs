//! What every server decodes is valid.

use std::marker::PhantomData;

use bytes::{Buf as _, Bytes};
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder};
use tonic::server::Grpc;
use tonic_prost::ProstEncoder;

use crate::Validate;
use crate::status::undecodable;

pub use covergen_grpc::MAX_MESSAGE_BYTES;

/// The request that `message` is, once it is valid.
///
/// # Errors
/// INVALID_ARGUMENT with every rule that it breaks.
pub fn read<Request: Message + Validate + Default>(message: Bytes) -> Result<Request, Status> {
    let request = Request::decode(message).map_err(|error| undecodable(&error))?;
    request.check()?;
    Ok(request)
}

/// What serves methods with streams: the library, with this codec and the
/// limit of [`MAX_MESSAGE_BYTES`].
#[must_use]
pub fn streams<Answer, Request>() -> Grpc<ValidatingCodec<Answer, Request>>
where
    Answer: Message + Send + 'static,
    Request: Message + Validate + Default + Send + 'static,
{
    Grpc::new(ValidatingCodec::default())
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
        .accept_compressed(CompressionEncoding::Gzip)
}

/// Encodes answers and decodes requests as protobuf, and validates each
/// request before anybody sees it.
///
/// Validation sits where messages are decoded rather than in a wrapper around
/// the service so that it covers each message of a client's stream as well, and
/// cannot be left out by building the server in another way.
#[derive(Debug)]
pub struct ValidatingCodec<Answer, Request>(PhantomData<(Answer, Request)>);

impl<Answer, Request> Default for ValidatingCodec<Answer, Request> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<Answer, Request> Codec for ValidatingCodec<Answer, Request>
where
    Answer: Message + Send + 'static,
    Request: Message + Validate + Default + Send + 'static,
{
    type Encode = Answer;
    type Decode = Request;
    type Encoder = ProstEncoder<Answer>;
    type Decoder = ValidatingDecoder<Request>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        ValidatingDecoder(PhantomData)
    }
}

/// Decodes and validates; see [`ValidatingCodec`].
#[derive(Debug)]
pub struct ValidatingDecoder<Request>(PhantomData<Request>);

impl<Request: Message + Validate + Default> Decoder for ValidatingDecoder<Request> {
    type Item = Request;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Request>, Status> {
        let length = bytes.remaining();
        read(bytes.copy_to_bytes(length)).map(Some)
    }
}
