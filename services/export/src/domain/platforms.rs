//! What the platforms behind the presets take.
//!
//! Bounds are those that the platforms state for uploads of this kind, in
//! their own megabytes; where one states none there is none here.

use covergen_imaging::FileFormat::{self, Jpeg, Png, WebP};

/// The platform of a preset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Platform {
    /// Preset.
    pub(crate) preset: &'static str,
    /// Name shown to people.
    pub(crate) name: &'static str,
    /// Largest file, in bytes.
    pub(crate) max_bytes: Option<usize>,
    /// Formats that it takes, the best first.
    pub(crate) formats: &'static [FileFormat],
}

const MB: usize = 1_000_000;
const PHOTOS: &[FileFormat] = &[Jpeg, Png];
const ALL: &[FileFormat] = &[WebP, Jpeg, Png];

const fn platform(
    preset: &'static str,
    name: &'static str,
    max_bytes: Option<usize>,
    formats: &'static [FileFormat],
) -> Platform {
    Platform {
        preset,
        name,
        max_bytes,
        formats,
    }
}

const PLATFORMS: [Platform; 15] = [
    platform("youtube", "YouTube", Some(2 * MB), PHOTOS),
    platform("open_graph", "Open Graph", Some(8 * MB), &[Jpeg, Png, WebP]),
    platform("instagram_square", "Instagram", Some(8 * MB), PHOTOS),
    platform("instagram_portrait", "Instagram", Some(8 * MB), PHOTOS),
    platform("story", "Instagram Stories", Some(8 * MB), PHOTOS),
    platform("podcast", "Apple Podcasts", Some(512 * 1024), PHOTOS),
    platform("bilibili", "Bilibili", Some(5 * MB), PHOTOS),
    platform(
        "xiaohongshu",
        "Xiaohongshu",
        Some(20 * MB),
        &[Jpeg, Png, WebP],
    ),
    platform("x", "X", Some(5 * MB), &[Jpeg, Png, WebP]),
    platform("pinterest", "Pinterest", Some(20 * MB), &[Jpeg, Png, WebP]),
    platform("linkedin", "LinkedIn", Some(5 * MB), PHOTOS),
    platform("spotify", "Spotify", Some(4 * MB), &[Jpeg]),
    platform("book", "Kindle Direct Publishing", Some(50 * MB), &[Jpeg]),
    platform("wechat", "WeChat", Some(10 * MB), PHOTOS),
    platform("thumbnail", "Any page", None, ALL),
];

impl Platform {
    /// The platform of a preset.
    pub(crate) fn of(preset: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.preset == preset)
    }
}

#[cfg(test)]
mod tests {
    use covergen_render::Preset;

    use super::{PLATFORMS, Platform};

    #[test]
    fn every_preset_has_its_platform_and_no_other_has() {
        for preset in &Preset::ALL {
            let platform = Platform::of(preset.id).unwrap_or_else(|| panic!("{}", preset.id));
            assert!(!platform.formats.is_empty());
        }
        assert_eq!(PLATFORMS.len(), Preset::ALL.len());
    }
}
