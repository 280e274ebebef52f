use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use covergen_objects::{Error, Key, ObjectStore};
use rawzip::ReaderAt;
use tokio::runtime::Handle;

use crate::store::entity::part;

/// An upload as one piece of bytes that can be read anywhere, though it lies in
/// parts in the object store. One part of it is in memory. For threads that
/// may wait.
pub(crate) struct Parts {
    objects: Arc<dyn ObjectStore>,
    /// In the order of their bytes, without a gap.
    parts: Vec<part::Model>,
    runtime: Handle,
    held: Mutex<Option<(usize, Bytes)>>,
    /// What the object store answered when a part was not to be had. It is kept
    /// because it says nothing about the archive.
    failure: Mutex<Option<Error>>,
}

impl Parts {
    /// Called on the runtime that the object store belongs to.
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, parts: Vec<part::Model>) -> Self {
        Self {
            objects,
            parts,
            runtime: Handle::current(),
            held: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    /// Bytes of all parts; none where one is missing in between.
    pub(crate) fn length(&self) -> Option<u64> {
        let mut length = 0;
        for part in &self.parts {
            if u64::try_from(part.begin_bytes) != Ok(length) {
                return None;
            }
            length += u64::try_from(part.bytes).ok()?;
        }
        Some(length)
    }

    /// What the object store failed with since this was asked last.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }

    fn part(&self, at: usize) -> io::Result<Bytes> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, bytes)) = &*held
            && *of == at
        {
            return Ok(bytes.clone());
        }
        // Not two parts at once.
        *held = None;
        let bytes = self.runtime.block_on(async {
            let key = Key::parse(&self.parts[at].object_key)?;
            self.objects.get(&key, None).await?.bytes().await
        });
        match bytes {
            Ok(bytes) => {
                *held = Some((at, bytes.clone()));
                Ok(bytes)
            }
            Err(error) => {
                let told = io::Error::other(error.to_string());
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
                Err(told)
            }
        }
    }
}

impl ReaderAt for Parts {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let Ok(offset) = i64::try_from(offset) else {
            return Ok(0);
        };
        let after = self
            .parts
            .partition_point(|part| part.begin_bytes <= offset);
        let Some(at) = after.checked_sub(1) else {
            return Ok(0);
        };
        let Ok(within) = usize::try_from(offset - self.parts[at].begin_bytes) else {
            return Ok(0);
        };
        let length = usize::try_from(self.parts[at].bytes).unwrap_or(0);
        if within >= length || buffer.is_empty() {
            return Ok(0);
        }
        let bytes = self.part(at)?;
        let rest = bytes.get(within..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}
