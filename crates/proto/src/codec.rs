//! The codec of every server: what it decodes is valid.

use std::marker::PhantomData;

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::ProstEncoder;

use crate::Validate;
use crate::status::undecodable;

/// Longest message, in bytes, that a service or client takes or sends. Larger
/// things travel as streams.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Encodes answers and decodes requests as protobuf, and validates each
/// request before anybody sees it.
///
/// Validation sits in the codec rather than in a wrapper around the service so
/// that it covers each message of a client's stream as well, and cannot be
/// left out by building the server in another way.
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
        let request = Request::decode(bytes).map_err(|error| undecodable(&error))?;
        request.check()?;
        Ok(Some(request))
    }
}
