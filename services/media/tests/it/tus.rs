//! Somebody who sends uploads in parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use covergen_identity::Principal;
use covergen_imaging::{Encoding, Picture, encode};
use covergen_proto::media::v1::{
    AppendUploadHeader, AppendUploadRequest, CreateUploadHeader, CreateUploadRequest,
    DeleteUploadRequest, GetUploadRequest, Upload, append_upload_request, create_upload_request,
};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::UnboundedReceiverStream;
use toml::Table;
use tonic::{Response, Status};

use crate::world::{World, eventually};

/// Bytes of a message.
const PIECE_BYTES: usize = 4_000;

/// Parts small enough that a photo has many.
pub(crate) fn small_parts(table: &mut Table) {
    table.insert("upload_part_bytes".to_owned(), 10_000.into());
}

/// A picture that does not shrink: three bytes a pixel.
pub(crate) fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let pixels = (0..width * height).flat_map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        [red, green, blue, 255]
    });
    let picture = Picture::new(width, height, pixels.collect()).unwrap();
    encode(&picture, Encoding::PREVIEW).unwrap()
}

/// What is told of a file.
pub(crate) fn told(length: usize, name: &str) -> CreateUploadHeader {
    CreateUploadHeader {
        length: Some(i64::try_from(length).unwrap()),
        metadata: format!("filename {}", STANDARD.encode(name)),
        ..CreateUploadHeader::default()
    }
}

/// A person who sends.
pub(crate) struct Sender<'a> {
    world: &'a World,
    pub(crate) who: Principal,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let who = world.harness.creator();
        Self { world, who }
    }

    /// The same person, after a restart.
    pub(crate) fn again(world: &'a World, who: Principal) -> Self {
        Self { world, who }
    }

    pub(crate) async fn create(
        &self,
        header: CreateUploadHeader,
        first: &[u8],
    ) -> Result<Upload, Status> {
        use create_upload_request::Part;
        let chunks = first
            .chunks(PIECE_BYTES)
            .map(|chunk| Part::Chunk(Bytes::copy_from_slice(chunk)));
        let parts = std::iter::once(Part::Header(header)).chain(chunks);
        let parts = parts.map(|part| CreateUploadRequest { part: Some(part) });
        let parts: Vec<_> = parts.collect();
        let mut client = self.world.user(&self.who);
        let answer = client.create_upload(futures::stream::iter(parts)).await?;
        Ok(answer.into_inner())
    }

    /// A new upload of so many bytes, which begins with these.
    pub(crate) async fn begin(&self, length: usize, name: &str, first: &[u8]) -> Upload {
        self.create(told(length, name), first).await.unwrap()
    }

    pub(crate) async fn append(
        &self,
        id: &str,
        offset: usize,
        bytes: &[u8],
    ) -> Result<Upload, Status> {
        self.append_checked(id, offset, bytes, "").await
    }

    pub(crate) async fn append_checked(
        &self,
        id: &str,
        offset: usize,
        bytes: &[u8],
        checksum: &str,
    ) -> Result<Upload, Status> {
        let chunks = bytes.chunks(PIECE_BYTES).map(chunk);
        let head = place(id, offset, checksum);
        let parts: Vec<_> = std::iter::once(head).chain(chunks).collect();
        let mut client = self.world.user(&self.who);
        let answer = client.append_upload(futures::stream::iter(parts)).await?;
        Ok(answer.into_inner())
    }

    /// Begins to append, and leaves the line open.
    pub(crate) fn append_slowly(&self, id: &str) -> Line {
        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(place(id, 0, "")).unwrap();
        let mut client = self.world.user(&self.who);
        let answer = tokio::spawn(async move {
            let parts = UnboundedReceiverStream::new(receiver);
            client.append_upload(parts).await
        });
        Line { sender, answer }
    }

    pub(crate) async fn get(&self, id: &str) -> Result<Upload, Status> {
        let request = GetUploadRequest {
            upload_id: id.to_owned(),
        };
        let mut client = self.world.user(&self.who);
        Ok(client.get_upload(request).await?.into_inner())
    }

    /// Bytes that are told as stored.
    pub(crate) async fn offset(&self, id: &str) -> i64 {
        self.get(id).await.unwrap().offset
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<Upload, Status> {
        let request = DeleteUploadRequest {
            upload_id: id.to_owned(),
            request_id: format!("end {id}"),
        };
        let mut client = self.world.user(&self.who);
        Ok(client.delete_upload(request).await?.into_inner())
    }
}

/// A request whose body goes on.
pub(crate) struct Line {
    sender: UnboundedSender<AppendUploadRequest>,
    pub(crate) answer: JoinHandle<Result<Response<Upload>, Status>>,
}

impl Line {
    pub(crate) fn send(&self, bytes: &[u8]) {
        for bytes in bytes.chunks(PIECE_BYTES) {
            self.sender.send(chunk(bytes)).unwrap();
        }
    }

    /// The body ends as it should.
    pub(crate) async fn finish(self) -> Result<Response<Upload>, Status> {
        drop(self.sender);
        self.answer.await.unwrap()
    }

    /// The line is cut.
    pub(crate) fn cut(self) {
        self.answer.abort();
    }
}

fn part(part: append_upload_request::Part) -> AppendUploadRequest {
    AppendUploadRequest { part: Some(part) }
}

fn place(id: &str, offset: usize, checksum: &str) -> AppendUploadRequest {
    part(append_upload_request::Part::Header(AppendUploadHeader {
        upload_id: id.to_owned(),
        offset: Some(i64::try_from(offset).unwrap()),
        checksum: checksum.to_owned(),
    }))
}

fn chunk(bytes: &[u8]) -> AppendUploadRequest {
    let bytes = Bytes::copy_from_slice(bytes);
    part(append_upload_request::Part::Chunk(bytes))
}

/// Waits until neither a part nor its row is left.
pub(crate) async fn until_no_parts(world: &World) {
    eventually("no part is left", async || {
        world.objects("uploads").is_empty()
            && world.sql("UPDATE upload_parts SET bytes = bytes").await == 0
    })
    .await;
}
