//! The engine on S3 and what speaks its protocol.

use std::io;
use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ClientOptions, GetOptions, GetRange, MultipartUpload, ObjectMeta,
    ObjectStore as _, ObjectStoreExt as _, PutMode as S3Mode, PutMultipartOptions, PutOptions,
    RetryConfig,
};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use url::Url;

use crate::key::check_folder;
use crate::store::{check_content_type, check_size, resolve};
use crate::{Config, Error, Key, Meta, Object, ObjectStore, Page, PutMode, Result};

/// Size of one part of a large upload; S3 takes at most 10,000 parts of at
/// least 5 MiB.
const PART_BYTES: usize = 8 * 1024 * 1024;

const MAX_RETRIES: usize = 3;

/// The S3 engine.
#[derive(Debug)]
pub(crate) struct S3 {
    store: AmazonS3,
    /// Folder of the bucket that holds everything; empty or ending in a slash.
    prefix: String,
    max_object_bytes: u64,
}

impl S3 {
    /// Makes a client; the first call reaches out.
    pub(crate) fn open(url: &Url, config: &Config) -> Result<Self> {
        // Fails only when the program has chosen a provider before, which is
        // then the one to use.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bucket = url
            .host_str()
            .ok_or_else(|| Error::Config("s3:// needs a bucket".to_owned()))?;
        let folder = url.path().trim_matches('/');
        check_folder(folder)?;
        let silence = Duration::from_millis(config.timeout_ms.max(1));
        let client = ClientOptions::new()
            // A bound on silence, not on the whole: large bodies take time.
            .with_timeout_disabled()
            .with_read_timeout(silence)
            .with_connect_timeout(silence.min(Duration::from_secs(5)));
        let retry = RetryConfig {
            max_retries: MAX_RETRIES,
            retry_timeout: silence * 2,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retry);
        let mut plain = false;
        for (name, value) in url.query_pairs() {
            builder = match name.as_ref() {
                "endpoint" => {
                    plain = value.starts_with("http://");
                    builder.with_endpoint(value)
                }
                "region" => builder.with_region(value),
                other => {
                    return Err(Error::Config(format!("unknown parameter {other:?} in url")));
                }
            };
        }
        builder = builder.with_client_options(client.with_allow_http(plain));
        if let (Some(id), Some(secret)) = (&config.access_key_id, &config.secret_access_key) {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret.expose_secret());
        }
        if let Some(token) = &config.session_token {
            builder = builder.with_token(token.expose_secret());
        }
        Ok(Self {
            store: builder.build().map_err(|e| Error::Config(e.to_string()))?,
            prefix: if folder.is_empty() {
                String::new()
            } else {
                format!("{folder}/")
            },
            max_object_bytes: config.max_object_bytes,
        })
    }

    fn path(&self, key: &str) -> Result<Path> {
        Path::parse(format!("{}{key}", self.prefix))
            .map_err(|e| Error::Unavailable(format!("{key}: {e}")))
    }

    fn meta(&self, key: Key, found: &ObjectMeta, attributes: Option<&Attributes>) -> Meta {
        let content_type = attributes
            .and_then(|all| all.get(&Attribute::ContentType))
            .map(|value| value.as_ref().to_owned());
        let at = found.last_modified.timestamp();
        Meta {
            key,
            size_bytes: found.size,
            content_type,
            etag: etag(found.e_tag.as_deref()),
            modified_at: OffsetDateTime::from_unix_timestamp(at)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        }
    }

    fn key_of(&self, path: &Path) -> Option<Key> {
        let text = path.as_ref().strip_prefix(&self.prefix)?;
        Key::parse(text).ok()
    }

    async fn put_whole(
        &self,
        key: &Key,
        body: Bytes,
        content_type: &str,
        mode: PutMode,
    ) -> Result<Meta> {
        let size_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let options = PutOptions {
            mode: match mode {
                PutMode::Replace => S3Mode::Overwrite,
                PutMode::IfAbsent => S3Mode::Create,
            },
            attributes: attributes(content_type),
            ..PutOptions::default()
        };
        let put = self
            .store
            .put_opts(&self.path(key.as_str())?, body.into(), options)
            .await
            .map_err(|e| failure(key, e))?;
        Ok(stored(key, size_bytes, content_type, put.e_tag.as_deref()))
    }

    /// Sends the parts of a large body; the object appears with the last.
    async fn put_parts(
        &self,
        key: &Key,
        mut parts: Parts,
        first: Bytes,
        content_type: &str,
    ) -> Result<Meta> {
        let options = PutMultipartOptions {
            attributes: attributes(content_type),
            ..PutMultipartOptions::default()
        };
        let mut upload = self
            .store
            .put_multipart_opts(&self.path(key.as_str())?, options)
            .await
            .map_err(|e| failure(key, e))?;
        match send(key, upload.as_mut(), &mut parts, first).await {
            Ok(tag) => Ok(stored(key, parts.size_bytes, content_type, tag.as_deref())),
            Err(error) => {
                // Parts that nobody completes would be kept, and paid for.
                if let Err(left) = upload.abort().await {
                    tracing::warn!(%key, error = %left, "an upload could not be cleared away");
                }
                Err(error)
            }
        }
    }
}

async fn send(
    key: &Key,
    upload: &mut dyn MultipartUpload,
    parts: &mut Parts,
    first: Bytes,
) -> Result<Option<String>> {
    let mut part = Some(first);
    while let Some(bytes) = part {
        upload
            .put_part(bytes.into())
            .await
            .map_err(|e| failure(key, e))?;
        part = parts.next().await?;
    }
    let done = upload.complete().await.map_err(|e| failure(key, e))?;
    Ok(done.e_tag)
}

/// Cuts a body into parts.
struct Parts {
    body: BoxStream<'static, io::Result<Bytes>>,
    rest: BytesMut,
    ended: bool,
    size_bytes: u64,
    limit_bytes: u64,
}

impl Parts {
    fn new(body: BoxStream<'static, io::Result<Bytes>>, limit_bytes: u64) -> Self {
        Self {
            body,
            rest: BytesMut::new(),
            ended: false,
            size_bytes: 0,
            limit_bytes,
        }
    }

    /// The next part, full unless it is the last; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.rest.len() < PART_BYTES && !self.ended {
            match self.body.next().await {
                Some(chunk) => {
                    let chunk = chunk.map_err(Error::Body)?;
                    self.size_bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                    check_size(self.size_bytes, self.limit_bytes)?;
                    self.rest.extend_from_slice(&chunk);
                }
                None => self.ended = true,
            }
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let part = self.rest.len().min(PART_BYTES);
        Ok(Some(self.rest.split_to(part).freeze()))
    }
}

fn attributes(content_type: &str) -> Attributes {
    Attributes::from_iter([(Attribute::ContentType, content_type.to_owned())])
}

/// Without the quotes that belong to the header.
fn etag(text: Option<&str>) -> String {
    text.unwrap_or_default().trim_matches('"').to_owned()
}

fn stored(key: &Key, size_bytes: u64, content_type: &str, tag: Option<&str>) -> Meta {
    Meta {
        key: key.clone(),
        size_bytes,
        content_type: Some(content_type.to_owned()),
        etag: etag(tag),
        modified_at: OffsetDateTime::now_utc(),
    }
}

fn failure(key: &Key, error: object_store::Error) -> Error {
    use object_store::Error as S3Error;
    match error {
        S3Error::NotFound { .. } => Error::NotFound(key.clone()),
        S3Error::AlreadyExists { .. } | S3Error::Precondition { .. } => {
            Error::AlreadyExists(key.clone())
        }
        S3Error::PermissionDenied { .. } | S3Error::Unauthenticated { .. } => {
            Error::Denied(error.to_string())
        }
        other => Error::Unavailable(other.to_string()),
    }
}

#[async_trait]
impl ObjectStore for S3 {
    async fn put(&self, key: &Key, body: Bytes, content_type: &str, mode: PutMode) -> Result<Meta> {
        check_content_type(content_type)?;
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        check_size(size, self.max_object_bytes)?;
        self.put_whole(key, body, content_type, mode).await
    }

    async fn put_stream(
        &self,
        key: &Key,
        body: BoxStream<'static, io::Result<Bytes>>,
        content_type: &str,
    ) -> Result<Meta> {
        check_content_type(content_type)?;
        let mut parts = Parts::new(body, self.max_object_bytes);
        let first = parts.next().await?.unwrap_or_default();
        // What fits into one part needs no upload in parts.
        if first.len() < PART_BYTES {
            let mode = PutMode::Replace;
            return self.put_whole(key, first, content_type, mode).await;
        }
        self.put_parts(key, parts, first, content_type).await
    }

    async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object> {
        if range.as_ref().is_some_and(Range::is_empty) {
            let size_bytes = self.head(key).await?.size_bytes;
            return Err(Error::RangeNotSatisfiable { size_bytes });
        }
        let options = GetOptions {
            range: range.clone().map(GetRange::Bounded),
            ..GetOptions::default()
        };
        match self
            .store
            .get_opts(&self.path(key.as_str())?, options)
            .await
        {
            Ok(found) => {
                let name = key.clone();
                Ok(Object {
                    meta: self.meta(key.clone(), &found.meta, Some(&found.attributes)),
                    range: found.range.clone(),
                    body: found
                        .into_stream()
                        .map_err(move |e| failure(&name, e))
                        .boxed(),
                })
            }
            Err(error) => {
                let error = failure(key, error);
                // A range outside is told by a status that the client takes
                // for any other failure; the size tells which it was.
                if range.is_some() && matches!(error, Error::Unavailable(_)) {
                    resolve(range.as_ref(), self.head(key).await?.size_bytes)?;
                }
                Err(error)
            }
        }
    }

    async fn head(&self, key: &Key) -> Result<Meta> {
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        let found = self
            .store
            .get_opts(&self.path(key.as_str())?, options)
            .await
            .map_err(|e| failure(key, e))?;
        Ok(self.meta(key.clone(), &found.meta, Some(&found.attributes)))
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        match self.store.delete(&self.path(key.as_str())?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(key, error)),
        }
    }

    async fn list(&self, folder: &str, after: Option<&Key>, limit: usize) -> Result<Page> {
        check_folder(folder)?;
        let limit = limit.min(1_000);
        let prefix = format!("{}{folder}", self.prefix);
        let prefix = Path::parse(prefix).map_err(|e| Error::Unavailable(e.to_string()))?;
        let mut found = match after {
            Some(after) => {
                let offset = self.path(after.as_str())?;
                self.store.list_with_offset(Some(&prefix), &offset)
            }
            None => self.store.list(Some(&prefix)),
        };
        let mut objects = Vec::new();
        // One more tells whether there is a next page.
        while objects.len() <= limit {
            let Some(next) = found.next().await else {
                break;
            };
            let meta = next.map_err(|e| Error::Unavailable(e.to_string()))?;
            if let Some(key) = self.key_of(&meta.location) {
                objects.push(self.meta(key, &meta, None));
            }
        }
        let more = objects.len() > limit;
        objects.truncate(limit);
        let next = objects.last().filter(|_| more).map(|meta| meta.key.clone());
        Ok(Page { objects, next })
    }

    async fn ping(&self) -> Result<()> {
        self.list("", None, 1).await.map(drop)
    }
}
