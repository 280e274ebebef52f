use std::path::PathBuf;

use covergen_imaging::Limits;
use secrecy::SecretString;
use serde::Deserialize;

use crate::domain::MAX_ASSET_BYTES;

/// The `[services.media]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// What image addresses are signed with, at least 32 characters. Without
    /// one it is derived from the keys of internal tokens, and addresses given
    /// out before those rotate stop working then.
    pub(crate) url_key: Option<SecretString>,
    /// Former keys, whose addresses still work.
    pub(crate) previous_url_keys: Vec<SecretString>,
    /// Pictures decoded or resized at once; 0 means one per core, at most 8.
    /// Each takes up to 240 MB where it has 20 megapixels.
    pub(crate) concurrent_pictures: usize,
    /// Uploads taken in at once, each up to 32 MiB in memory; more wait their
    /// turn.
    pub(crate) concurrent_uploads: usize,
    /// Uploads of people received at once, each into a file; more are refused
    /// for the moment.
    pub(crate) concurrent_receptions: usize,
    /// Folder for uploads on their way in; by default the system's own for
    /// temporary files.
    pub(crate) spool_folder: Option<PathBuf>,
    /// Longest upload of a person, in bytes; at most 32 MiB. The BFF has a
    /// limit of its own.
    pub(crate) upload_max_bytes: usize,
    /// Most pixels of an upload.
    pub(crate) upload_max_pixels: u64,
    /// Longest side of an upload, in pixels.
    pub(crate) upload_max_side_px: u32,
    /// Most frames of an uploaded animation.
    pub(crate) upload_max_frames: u32,
    /// How long decoding and writing an upload anew may take, in milliseconds.
    pub(crate) upload_timeout_ms: u64,
    /// Room that the uploads of a workspace may take, in bytes.
    pub(crate) workspace_bytes: i64,
    /// Uploads that a workspace may have.
    pub(crate) workspace_uploads: i32,
    /// Senders of parts at once, each with one part in memory; more are refused
    /// for the moment.
    pub(crate) concurrent_appends: usize,
    /// Length of the parts that an upload is stored in while it comes in, in
    /// bytes: what a crash can lose.
    pub(crate) upload_part_bytes: usize,
    /// Parts that an upload may come in.
    pub(crate) upload_parts: i32,
    /// How long an upload is kept after its last part, in milliseconds.
    pub(crate) upload_expires_ms: i64,
    /// Uploads of a person that may be coming in at once.
    pub(crate) open_uploads: u64,
    /// How long those may be together, in bytes.
    pub(crate) open_upload_bytes: i64,
    /// Longest archive of pictures, in bytes. The BFF has a limit of its own.
    pub(crate) archive_max_bytes: usize,
    /// Files that an archive may hold.
    pub(crate) archive_entries: usize,
    /// Archives worked on at once, each with one part in memory; more wait
    /// their turn.
    pub(crate) concurrent_archives: usize,
    /// Age at which an object without an asset is taken for what an
    /// interrupted upload left, in milliseconds.
    pub(crate) orphan_after_ms: i64,
    /// How long one attempt at deleting an object may take before another
    /// takes over, in milliseconds.
    pub(crate) deletion_lease_ms: i64,
    /// How long nothing is stored under an id that a service has deleted, in
    /// milliseconds: far longer than anybody may be late who was stopped in
    /// the middle of storing.
    pub(crate) tombstones_ms: i64,
    /// Pause between two sweeps for leftovers, in milliseconds.
    pub(crate) sweep_interval_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url_key: None,
            previous_url_keys: Vec::new(),
            concurrent_pictures: 0,
            concurrent_uploads: 16,
            concurrent_receptions: 256,
            spool_folder: None,
            upload_max_bytes: 10 * 1024 * 1024,
            upload_max_pixels: 20_000_000,
            upload_max_side_px: 8192,
            upload_max_frames: 64,
            upload_timeout_ms: 20_000,
            workspace_bytes: 2 * 1024 * 1024 * 1024,
            workspace_uploads: 5000,
            concurrent_appends: 64,
            upload_part_bytes: 2 * 1024 * 1024,
            upload_parts: 1000,
            upload_expires_ms: 24 * 3_600_000,
            open_uploads: 50,
            open_upload_bytes: 1024 * 1024 * 1024,
            archive_max_bytes: 512 * 1024 * 1024,
            archive_entries: 500,
            concurrent_archives: 2,
            orphan_after_ms: 3_600_000,
            deletion_lease_ms: 60_000,
            tombstones_ms: 7 * 24 * 3_600_000,
            sweep_interval_ms: 3_600_000,
        }
    }
}

impl Config {
    /// What an upload may be. Never more than what can be read back.
    pub(crate) fn upload_limits(&self) -> Limits {
        Limits {
            max_bytes: self.upload_max_bytes.min(MAX_ASSET_BYTES),
            max_side_px: self
                .upload_max_side_px
                .min(crate::domain::LIMITS.max_side_px),
            max_pixels: self.upload_max_pixels.min(crate::domain::LIMITS.max_pixels),
            max_frames: self.upload_max_frames,
        }
    }
}
