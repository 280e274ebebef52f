use std::io;
use std::path::Path;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// An upload on its way in, in a file without a name: slow senders hold no
/// memory, and a process that is killed leaves nothing behind.
pub(crate) struct Spool {
    file: File,
    length: usize,
    hash: Sha256,
}

/// An upload that has come in whole.
pub(crate) struct Spooled {
    file: File,
    pub(crate) length: usize,
    pub(crate) sha256: [u8; 32],
}

impl Spool {
    /// Opens one in `folder`, or in the system's own for such files.
    pub(crate) async fn open(folder: Option<&Path>) -> io::Result<Self> {
        let folder = folder.map(Path::to_owned);
        let file = tokio::task::spawn_blocking(move || match folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        })
        .await
        .map_err(io::Error::other)??;
        Ok(Self {
            file: File::from_std(file),
            length: 0,
            hash: Sha256::new(),
        })
    }

    /// Bytes so far.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.hash.update(chunk);
        self.length += chunk.len();
        self.file.write_all(chunk).await
    }

    pub(crate) async fn finish(mut self) -> io::Result<Spooled> {
        self.file.flush().await?;
        Ok(Spooled {
            file: self.file,
            length: self.length,
            sha256: self.hash.finalize().into(),
        })
    }
}

impl Spooled {
    /// A file that was written elsewhere.
    pub(crate) fn of(file: std::fs::File, length: usize, sha256: [u8; 32]) -> Self {
        Self {
            file: File::from_std(file),
            length,
            sha256,
        }
    }

    /// The whole of it, in memory; for when its turn has come.
    pub(crate) async fn read(mut self) -> io::Result<Bytes> {
        self.file.rewind().await?;
        let mut content = Vec::with_capacity(self.length);
        self.file.read_to_end(&mut content).await?;
        Ok(content.into())
    }
}
