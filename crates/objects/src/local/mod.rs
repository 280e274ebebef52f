//! The engine in a local folder.
//!
//! Objects are plain files under their keys, so that other tools can read
//! them. What a file cannot hold (media type, checksum) stands in a small file
//! beside it, under `.meta`; unfinished ones under `.tmp`. Keys have no
//! segments that begin with a dot, so these names are free.
//!
//! Reading order: `sidecar`, `put`, `walk`.

mod put;
mod sidecar;
mod walk;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::stream::BoxStream;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::key::check_folder;
use crate::store::{check_content_type, check_size, resolve};
use crate::{Body, Config, Error, Key, Meta, Object, ObjectStore, Page, PutMode, Result};

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// Unfinished files of this age belong to nobody any more.
const STALE: Duration = Duration::from_secs(86_400);

/// Puts of different keys seldom share a lock.
const LOCKS: usize = 64;

/// The local engine.
#[derive(Debug)]
pub(crate) struct Local {
    inner: Arc<Inner>,
}

/// What blocking work needs.
#[derive(Debug)]
struct Inner {
    root: PathBuf,
    max_object_bytes: u64,
    locks: Vec<Mutex<()>>,
}

impl Inner {
    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn meta_path(&self, key: &Key) -> PathBuf {
        self.root.join(".meta").join(key.as_str())
    }

    /// A new name for an unfinished file.
    fn temporary(&self) -> PathBuf {
        let name = uuid::Uuid::now_v7().simple().to_string();
        self.root.join(".tmp").join(name)
    }

    /// One change of a key at a time.
    fn lock(&self, key: &Key) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let locks = u64::try_from(self.locks.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % locks).unwrap_or(0);
        self.locks[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn meta_of(&self, key: &Key, file: &fs::Metadata) -> Meta {
        let entry = sidecar::find(&self.meta_path(key), file);
        let modified = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Meta {
            key: key.clone(),
            size_bytes: file.len(),
            content_type: Some(entry.content_type),
            etag: entry.etag,
            modified_at: OffsetDateTime::from(modified),
        }
    }

    fn open(&self, key: &Key) -> Result<(File, Meta)> {
        let file = File::open(self.path(key)).map_err(|e| failure(key, &e))?;
        let about = file.metadata().map_err(|e| failure(key, &e))?;
        // A folder of other keys can be opened, but is no object.
        if !about.is_file() {
            return Err(Error::NotFound(key.clone()));
        }
        let meta = self.meta_of(key, &about);
        Ok((file, meta))
    }

    fn delete(&self, key: &Key) -> Result<()> {
        let _lock = self.lock(key);
        let path = self.path(key);
        if path.is_dir() {
            return Ok(());
        }
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(e) if is_absent(&e) => return Ok(()),
            Err(e) => return Err(failure(key, &e)),
        }
        put::sync_folder(path.parent()).map_err(|e| failure(key, &e))?;
        let meta = self.meta_path(key);
        let _ = fs::remove_file(&meta);
        // Empty folders would keep their names from becoming objects.
        for path in [path, meta] {
            for folder in path.ancestors().skip(1) {
                if folder == self.root || fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// A file or one of its folders does not exist (or is a file).
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn failure(key: &Key, error: &io::Error) -> Error {
    match error.kind() {
        _ if is_absent(error) => Error::NotFound(key.clone()),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::Denied(error.to_string())
        }
        _ => Error::Unavailable(error.to_string()),
    }
}

impl Local {
    /// Opens a folder and clears away what former processes left unfinished.
    pub(crate) async fn open(root: PathBuf, config: &Config) -> Result<Self> {
        let inner = Arc::new(Inner {
            root,
            max_object_bytes: config.max_object_bytes,
            locks: (0..LOCKS).map(|_| Mutex::default()).collect(),
        });
        let local = Self { inner };
        local
            .blocking(|inner| {
                let unavailable =
                    |e: io::Error| Error::Unavailable(format!("{}: {e}", inner.root.display()));
                for folder in [".tmp", ".meta"] {
                    fs::create_dir_all(inner.root.join(folder)).map_err(unavailable)?;
                }
                sweep(&inner.root.join(".tmp")).map_err(unavailable)
            })
            .await?;
        Ok(local)
    }

    async fn blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|e| Error::Unavailable(e.to_string()))?
    }
}

/// Removes unfinished files that nobody can be writing any more.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        match entry.and_then(|entry| sweep_file(&entry)) {
            // Another process put it in its place meanwhile, or swept it.
            Err(e) if is_absent(&e) => {}
            swept => swept?,
        }
    }
    Ok(())
}

fn sweep_file(entry: &fs::DirEntry) -> io::Result<()> {
    let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
    if age > STALE {
        fs::remove_file(entry.path())?;
    }
    Ok(())
}

/// Reads a range of an open file in chunks.
fn chunks(file: File, range: Range<u64>, key: Key) -> Body {
    let file = tokio::fs::File::from_std(file);
    let start = (file, range.start, range.end, false);
    futures::stream::try_unfold(start, move |(mut file, at, end, placed)| {
        let key = key.clone();
        async move {
            if at >= end {
                return Ok(None);
            }
            let read = async {
                if !placed {
                    file.seek(SeekFrom::Start(at)).await?;
                }
                let want = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
                let mut chunk = BytesMut::with_capacity(want);
                (&mut file)
                    .take(u64::try_from(want).unwrap_or(0))
                    .read_buf(&mut chunk)
                    .await?;
                if chunk.is_empty() {
                    return Err(io::Error::from(ErrorKind::UnexpectedEof));
                }
                Ok(chunk.freeze())
            };
            let chunk: Bytes = read.await.map_err(|e| failure(&key, &e))?;
            let next = at + u64::try_from(chunk.len()).unwrap_or(0);
            Ok(Some((chunk, (file, next, end, true))))
        }
    })
    .boxed()
}

#[async_trait]
impl ObjectStore for Local {
    async fn put(&self, key: &Key, body: Bytes, content_type: &str, mode: PutMode) -> Result<Meta> {
        check_content_type(content_type)?;
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        check_size(size, self.inner.max_object_bytes)?;
        let (key, content_type) = (key.clone(), content_type.to_owned());
        self.blocking(move |inner| {
            let mut draft = put::Draft::create(inner)?;
            draft.write(&body)?;
            draft.publish(inner, &key, content_type, mode)
        })
        .await
    }

    async fn put_stream(
        &self,
        key: &Key,
        mut body: BoxStream<'static, io::Result<Bytes>>,
        content_type: &str,
    ) -> Result<Meta> {
        check_content_type(content_type)?;
        let mut draft = self.blocking(put::Draft::create).await?;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(Error::Body)?;
            draft = self
                .blocking(move |inner| {
                    draft.write(&chunk)?;
                    check_size(draft.size_bytes(), inner.max_object_bytes)?;
                    Ok(draft)
                })
                .await?;
        }
        let (key, content_type) = (key.clone(), content_type.to_owned());
        self.blocking(move |inner| draft.publish(inner, &key, content_type, PutMode::Replace))
            .await
    }

    async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object> {
        let name = key.clone();
        let (file, meta) = self.blocking(move |inner| inner.open(&name)).await?;
        let range = resolve(range.as_ref(), meta.size_bytes)?;
        Ok(Object {
            body: chunks(file, range.clone(), key.clone()),
            meta,
            range,
        })
    }

    async fn head(&self, key: &Key) -> Result<Meta> {
        let key = key.clone();
        self.blocking(move |inner| Ok(inner.open(&key)?.1)).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let key = key.clone();
        self.blocking(move |inner| inner.delete(&key)).await
    }

    async fn list(&self, folder: &str, after: Option<&Key>, limit: usize) -> Result<Page> {
        check_folder(folder)?;
        let (folder, after) = (folder.to_owned(), after.cloned());
        self.blocking(move |inner| walk::list(inner, &folder, after.as_ref(), limit.min(1_000)))
            .await
    }

    async fn ping(&self) -> Result<()> {
        // Writing is what fails first: a full disk, a read-only mount.
        self.blocking(|inner| {
            put::Draft::create(inner)?.write(b"ping")?;
            Ok(())
        })
        .await
    }
}
