//! Files to prints, a bounded number at a time: a decoded picture is large.

use std::sync::Arc;

use covergen_imaging::{Limits, decode};
use tokio::sync::Semaphore;

use crate::domain::pdq::Print;
use crate::error::Error;

/// Pictures decoded at a time: each may take 80 MB for a moment.
const AT_A_TIME: usize = 2;

/// Pictures being decoded or waiting for it; more are turned away.
const ADMITTED: usize = 32;

/// What a file may ask of this process.
const LIMITS: Limits = Limits {
    max_bytes: 32 * 1024 * 1024,
    max_side_px: 16_383,
    max_pixels: 20_000_000,
    max_frames: 1_024,
};

/// Hashes pictures.
pub(crate) struct Printer {
    admitted: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            working: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Printer {
    /// The print of a PNG, JPEG or WebP file, which stands in `field`.
    pub(crate) async fn print(&self, field: &str, bytes: Vec<u8>) -> Result<Print, Error> {
        let _admitted = self.admitted.try_acquire().map_err(|_| Error::Busy)?;
        let working = Arc::clone(&self.working).acquire_owned().await;
        let working = working.map_err(|_| Error::Interrupted)?;
        let printed = tokio::task::spawn_blocking(move || {
            let print = decode(&bytes, &LIMITS).map(|picture| Print::of(&picture));
            drop(working);
            print
        });
        let printed = printed.await.map_err(|_| Error::Interrupted)?;
        printed.map_err(|error| Error::Picture {
            field: field.to_owned(),
            problem: error.to_string(),
        })
    }
}
