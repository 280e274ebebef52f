use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use covergen_identity::Principal;
use covergen_ids::UploadId;
use covergen_objects::{Key, PutMode};
use covergen_store::CommandDraft;
use futures::StreamExt as _;
use futures::stream::BoxStream;

use super::App;
use super::complete_upload::{COMPLETE_UPLOAD, payload};
use crate::error::Error;
use crate::store::entity::upload::{Kind, State};
use crate::store::entity::{part, upload};
use crate::store::uploads::{self, Advance};
use crate::tus::Checksum;

/// Media type of parts, which are nobody's to look at.
const OCTETS: &str = "application/octet-stream";

/// Bytes on their way in.
pub(crate) type Incoming = BoxStream<'static, Result<Bytes, Error>>;

/// What is added to an upload, and where.
pub(crate) struct Append {
    pub(crate) id: UploadId,
    pub(crate) offset: i64,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) incoming: Incoming,
}

/// One sender's turn at an upload.
struct Sender {
    app: Arc<App>,
    upload: upload::Model,
    /// Tells it from senders before and after.
    writer: String,
    /// Parts that are stored and not yet counted.
    waiting: Vec<part::Model>,
    /// The last of them may still be on its way into the object store.
    is_storing: bool,
    /// Bytes that are no part yet.
    rest: BytesMut,
    /// Bytes counted, waiting and at rest.
    received: i64,
}

impl App {
    /// Adds bytes at an offset. What came in before the stream broke off is
    /// kept, unless it was to be checked as a whole. The last byte makes an
    /// asset of it all.
    pub(crate) async fn append_upload(
        self: &Arc<Self>,
        who: &Principal,
        append: Append,
    ) -> Result<upload::Model, Error> {
        let Append {
            id,
            offset,
            checksum,
            incoming,
        } = append;
        let upload = self.get_upload(who, id).await?;
        // Whoever lost the answer to the last part hears it again.
        failed(&upload)?;
        if upload.stored_bytes != offset {
            return Err(Error::OffsetMismatch {
                stored_bytes: upload.stored_bytes,
            });
        }
        let upload = if upload.state == State::Receiving {
            self.receive_parts(upload, checksum, incoming).await?
        } else {
            nothing_more(incoming, upload).await?
        };
        // An archive is worked on by the command that was left: nobody could
        // wait for so many pictures.
        if upload.state != State::Processing || upload.kind == Kind::Archive {
            return Ok(upload);
        }
        match self.complete_upload(id).await {
            Ok(()) => {}
            // The command that was left comes again until it has worked.
            Err(error) => {
                tracing::warn!(%error, "an upload that came in whole is looked at later");
            }
        }
        let upload = self.get_upload(who, id).await?;
        failed(&upload)?;
        Ok(upload)
    }

    async fn receive_parts(
        self: &Arc<Self>,
        upload: upload::Model,
        mut checksum: Option<Checksum>,
        mut incoming: Incoming,
    ) -> Result<upload::Model, Error> {
        let mut sender = self.turn_of(upload).await?;
        let ended = loop {
            match incoming.next().await {
                Some(Ok(chunk)) => {
                    if let Some(checksum) = &mut checksum {
                        checksum.update(&chunk);
                    }
                    let taken = sender.take(chunk, checksum.is_none()).await;
                    if let Err(error) = taken {
                        sender.discard().await;
                        return Err(error);
                    }
                }
                Some(Err(error)) => break Err(error),
                None => break Ok(()),
            }
        };
        // Bytes that were to be checked as a whole are none of it in part.
        let is_good = match checksum {
            Some(checksum) => ended.is_ok() && checksum.fits(),
            None => true,
        };
        if !is_good {
            sender.discard().await;
            return Err(ended.err().unwrap_or(Error::ChecksumMismatch));
        }
        if let Err(error) = sender.finish().await {
            sender.discard().await;
            return Err(error);
        }
        ended.map(|()| sender.upload)
    }

    /// Makes this call the one whose bytes are taken.
    async fn turn_of(self: &Arc<Self>, upload: upload::Model) -> Result<Sender, Error> {
        if upload.parts >= self.config.upload_parts {
            return Err(Error::TooManyParts {
                limit: self.config.upload_parts,
            });
        }
        let writer = self.store.clock().uuid_v7().simple().to_string();
        let tx = self.store.begin().await?;
        if !uploads::take_over(&tx, upload.id, upload.stored_bytes, &writer).await? {
            // It came on since it was read: the sender before had something
            // left to count.
            return Err(match uploads::any(&tx, upload.id).await? {
                Some(now) if now.stored_bytes != upload.stored_bytes => Error::OffsetMismatch {
                    stored_bytes: now.stored_bytes,
                },
                Some(_) => Error::TakenOver,
                None => Error::UploadNotFound,
            });
        }
        tx.commit().await?;
        Ok(Sender {
            app: Arc::clone(self),
            received: upload.stored_bytes,
            upload,
            writer,
            waiting: Vec::new(),
            is_storing: false,
            rest: BytesMut::new(),
        })
    }
}

/// Why no asset could be made of an upload, if none could.
fn failed(upload: &upload::Model) -> Result<(), Error> {
    match (&upload.error_reason, &upload.error_message) {
        (Some(reason), Some(message)) => Err(Error::UploadFailed {
            reason: reason.clone(),
            message: message.clone(),
        }),
        _ => Ok(()),
    }
}

/// All is there: what comes now is too much.
async fn nothing_more(mut incoming: Incoming, row: upload::Model) -> Result<upload::Model, Error> {
    match incoming.next().await {
        Some(Ok(chunk)) if !chunk.is_empty() => Err(Error::UploadTooLong {
            total_bytes: row.total_bytes,
        }),
        Some(Err(error)) => Err(error),
        _ => Ok(row),
    }
}

impl Sender {
    /// Takes a chunk in, and stores each part as it is full.
    async fn take(&mut self, chunk: Bytes, counts_at_once: bool) -> Result<(), Error> {
        self.received += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        if self.received > self.upload.total_bytes {
            return Err(Error::UploadTooLong {
                total_bytes: self.upload.total_bytes,
            });
        }
        self.rest.extend_from_slice(&chunk);
        let part_bytes = self.app.config.upload_part_bytes.max(1);
        while self.rest.len() >= part_bytes {
            let part = self.rest.split_to(part_bytes).freeze();
            self.store(part).await?;
            if counts_at_once {
                self.count().await?;
            }
        }
        Ok(())
    }

    /// Stores what is left and counts everything.
    async fn finish(&mut self) -> Result<(), Error> {
        let rest = self.rest.split().freeze();
        if !rest.is_empty() {
            self.store(rest).await?;
        }
        self.count().await
    }

    /// Stores one part. Its row comes first, so that a crash leaves nothing
    /// that is not known.
    async fn store(&mut self, content: Bytes) -> Result<(), Error> {
        let waiting = i32::try_from(self.waiting.len()).unwrap_or(i32::MAX);
        let limit = self.app.config.upload_parts;
        if self.upload.parts.saturating_add(waiting) >= limit {
            return Err(Error::TooManyParts { limit });
        }
        let name = self.app.store.clock().uuid_v7().simple().to_string();
        let key = format!("uploads/{}/{name}", self.upload.id.uuid().simple());
        let waiting = self.waiting.iter().map(|part| i64::from(part.bytes));
        let tx = self.app.store.begin().await?;
        let row = part::Model {
            object_key: key.clone(),
            upload_id: self.upload.id,
            workspace_id: self.upload.workspace_id,
            state: part::State::Pending,
            begin_bytes: self.upload.stored_bytes + waiting.sum::<i64>(),
            bytes: i32::try_from(content.len()).unwrap_or(i32::MAX),
            touched_at_ms: tx.lease_now_ms(),
        };
        if !uploads::insert_part(&tx, &self.writer, &row).await? {
            return Err(Error::TakenOver);
        }
        tx.commit().await?;
        self.waiting.push(row);
        self.is_storing = true;
        let key = Key::parse(&key)?;
        let put = self
            .app
            .objects
            .put(&key, content, OCTETS, PutMode::Replace);
        // Well within the lease after which a removal takes it for gone.
        let lease = u64::try_from(self.app.config.deletion_lease_ms).unwrap_or(0);
        tokio::time::timeout(Duration::from_millis((lease / 2).max(1)), put)
            .await
            .map_err(|_| Error::Interrupted)??;
        self.is_storing = false;
        Ok(())
    }

    /// Counts the parts in that are waiting: from here on they are told of.
    async fn count(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let added: i64 = self.waiting.iter().map(|part| i64::from(part.bytes)).sum();
        let from = self.upload.stored_bytes;
        let to = from + added;
        let state = if to == self.upload.total_bytes {
            State::Processing
        } else {
            State::Receiving
        };
        let tx = self.app.store.begin().await?;
        let change = Advance {
            upload: self.upload.id,
            writer: &self.writer,
            from,
            to,
            state,
            expires_at_ms: tx
                .now_ms()
                .saturating_add(self.app.config.upload_expires_ms),
        };
        if !uploads::advance(&tx, change, &self.waiting).await? {
            return Err(Error::TakenOver);
        }
        if state == State::Processing {
            let id = self.upload.id;
            let draft = CommandDraft::new(COMPLETE_UPLOAD, &id, payload(id, 0)?);
            tx.command(draft.workspace(self.upload.workspace_id))
                .await?;
        }
        let expires_at_ms = change.expires_at_ms;
        tx.commit().await?;
        self.upload.parts += i32::try_from(self.waiting.len()).unwrap_or(i32::MAX);
        self.upload.stored_bytes = to;
        self.upload.state = state;
        self.upload.expires_at_ms = expires_at_ms;
        self.waiting.clear();
        Ok(())
    }

    /// Removes what does not count. What cannot be removed now is swept later.
    async fn discard(&mut self) {
        self.rest.clear();
        if self.is_storing {
            // It could come after its removal, so it is left to the sweep.
            self.waiting.pop();
        }
        for part in self.waiting.drain(..) {
            // Whether a commit went through is not always known: what counts
            // by now stays.
            if let Err(error) = self.app.remove_uncounted(&part.object_key).await {
                tracing::debug!(%error, "a part that does not count is swept later");
            }
        }
    }
}
