//! The table of faces and their lazily loaded data.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use parley::fontique::Blob;
use skrifa::{FontRef, MetadataProvider};
use unicode_script::Script;

use super::{bundled, fetched};
use crate::Error;
use crate::scene::Weight;

/// Index into [`FACES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FaceId(pub(super) usize);

impl FaceId {
    pub(crate) fn slug(self) -> &'static str {
        FACES[self.0].slug
    }
}

/// Where a face's bytes come from.
pub(super) enum Source {
    Bundled(&'static [u8]),
    /// A file of the fetched folder, and what needs it.
    File(&'static str, &'static str),
}

/// What a face is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Latin and its neighbours; a scene may name it.
    Latin,
    /// Stands in for one script, in one weight.
    Script(Script, Weight),
    /// Han with the letter forms of a region, and that region's own scripts.
    Han(Region, Weight),
    Emoji,
}

/// Whose forms of Han characters a face draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    Simplified,
    Traditional,
    Japanese,
    Korean,
}

pub(super) struct Face {
    pub(super) slug: &'static str,
    pub(super) purpose: Purpose,
    pub(super) source: Source,
}

impl Face {
    pub(super) fn is_selectable(&self) -> bool {
        self.purpose == Purpose::Latin
    }

    pub(super) fn file(&self) -> Option<&'static str> {
        match self.source {
            Source::Bundled(_) => None,
            Source::File(file, _) => Some(file),
        }
    }
}

const fn latin(slug: &'static str, bytes: &'static [u8]) -> Face {
    Face {
        slug,
        purpose: Purpose::Latin,
        source: Source::Bundled(bytes),
    }
}

const fn script(slug: &'static str, script: Script, weight: Weight, bytes: &'static [u8]) -> Face {
    Face {
        slug,
        purpose: Purpose::Script(script, weight),
        source: Source::Bundled(bytes),
    }
}

const fn han(slug: &'static str, region: Region, weight: Weight, file: &'static str) -> Face {
    let needs = match region {
        Region::Simplified | Region::Traditional => "Han glyphs",
        Region::Japanese => "Japanese glyphs",
        Region::Korean => "Hangul glyphs",
    };
    Face {
        slug,
        purpose: Purpose::Han(region, weight),
        source: Source::File(file, needs),
    }
}

use Region::{Japanese, Korean, Simplified, Traditional};
use Weight::{Display, Text};

/// Every face. Order matters only among faces of one purpose.
pub(super) static FACES: &[Face] = &[
    latin("inter-extrabold", bundled::INTER_EXTRABOLD),
    latin("inter-medium", bundled::INTER_MEDIUM),
    latin("space-grotesk-bold", bundled::SPACE_GROTESK_BOLD),
    latin("space-grotesk-medium", bundled::SPACE_GROTESK_MEDIUM),
    latin("bricolage-extrabold", bundled::BRICOLAGE_EXTRABOLD),
    latin("anton", bundled::ANTON),
    latin("fraunces-black", bundled::FRAUNCES_BLACK),
    latin("instrument-serif", bundled::INSTRUMENT_SERIF),
    latin("unbounded-extrabold", bundled::UNBOUNDED_EXTRABOLD),
    latin("archivo-black", bundled::ARCHIVO_BLACK),
    latin("playfair-extrabold", bundled::PLAYFAIR_EXTRABOLD),
    latin("bebas-neue", bundled::BEBAS_NEUE),
    latin("bodoni-extrabold", bundled::BODONI_EXTRABOLD),
    latin("caprasimo", bundled::CAPRASIMO),
    latin("dm-serif-display", bundled::DM_SERIF_DISPLAY),
    latin(
        "jetbrains-mono-extrabold",
        bundled::JETBRAINS_MONO_EXTRABOLD,
    ),
    latin("syne-extrabold", bundled::SYNE_EXTRABOLD),
    script(
        "noto-kufi-arabic",
        Script::Arabic,
        Display,
        bundled::KUFI_ARABIC,
    ),
    script(
        "noto-sans-arabic",
        Script::Arabic,
        Text,
        bundled::SANS_ARABIC,
    ),
    script(
        "noto-devanagari-display",
        Script::Devanagari,
        Display,
        bundled::DEVANAGARI_DISPLAY,
    ),
    script(
        "noto-devanagari-text",
        Script::Devanagari,
        Text,
        bundled::DEVANAGARI_TEXT,
    ),
    script(
        "noto-hebrew-display",
        Script::Hebrew,
        Display,
        bundled::HEBREW_DISPLAY,
    ),
    script(
        "noto-hebrew-text",
        Script::Hebrew,
        Text,
        bundled::HEBREW_TEXT,
    ),
    script(
        "noto-thai-display",
        Script::Thai,
        Display,
        bundled::THAI_DISPLAY,
    ),
    script("noto-thai-text", Script::Thai, Text, bundled::THAI_TEXT),
    han(
        "noto-sc-display",
        Simplified,
        Display,
        "NotoSansSC-Black.ttf",
    ),
    han("noto-sc-text", Simplified, Text, "NotoSansSC-Medium.ttf"),
    han(
        "noto-tc-display",
        Traditional,
        Display,
        "NotoSansTC-Black.ttf",
    ),
    han("noto-tc-text", Traditional, Text, "NotoSansTC-Medium.ttf"),
    han("noto-jp-display", Japanese, Display, "NotoSansJP-Black.ttf"),
    han("noto-jp-text", Japanese, Text, "NotoSansJP-Medium.ttf"),
    han("noto-kr-display", Korean, Display, "NotoSansKR-Black.ttf"),
    han("noto-kr-text", Korean, Text, "NotoSansKR-Medium.ttf"),
    Face {
        slug: "noto-emoji",
        purpose: Purpose::Emoji,
        source: Source::File("NotoColorEmoji-Regular.ttf", "colour emoji"),
    },
];

/// Inter in the weight asked for: what every Latin face falls back to.
pub(super) fn inter(weight: Weight) -> FaceId {
    FaceId(match weight {
        Display => 0,
        Text => 1,
    })
}

/// The face that stands in for Cyrillic and rarer Latin before Inter does:
/// serifs for serifs.
pub(super) fn companion(face: FaceId) -> Option<FaceId> {
    match face.slug() {
        "fraunces-black" | "instrument-serif" | "bodoni-extrabold" | "dm-serif-display"
        | "caprasimo" => FACES
            .iter()
            .position(|face| face.slug == "playfair-extrabold")
            .map(FaceId),
        _ => None,
    }
}

pub(super) fn find(wanted: impl Fn(Purpose) -> bool) -> Option<FaceId> {
    FACES
        .iter()
        .position(|face| wanted(face.purpose))
        .map(FaceId)
}

/// A face's bytes, once they were needed. A failure is not kept, so a file
/// that is fetched later is found without a restart.
pub(super) struct Loaded {
    blob: OnceLock<Blob<u8>>,
}

impl Loaded {
    pub(super) fn new(_face: &Face) -> Self {
        Self {
            blob: OnceLock::new(),
        }
    }

    pub(super) fn get(&self, face: &Face, dir: &Path) -> Result<&Blob<u8>, Error> {
        if let Some(blob) = self.blob.get() {
            return Ok(blob);
        }
        let blob = match face.source {
            Source::Bundled(bytes) => Blob::new(Arc::new(bytes)),
            Source::File(file, needs) => {
                let bytes = fetched::read(dir, file, needs)?;
                Blob::new(Arc::new(bytes.into_boxed_slice()))
            }
        };
        // A second thread may have been quicker; its copy wins.
        Ok(self.blob.get_or_init(|| blob))
    }

    /// Whether the loaded face maps the character to a glyph.
    pub(super) fn covers(&self, character: char) -> bool {
        self.blob
            .get()
            .and_then(|blob| FontRef::new(blob.data()).ok())
            .and_then(|font| font.charmap().map(character))
            .is_some_and(|glyph| glyph.to_u32() != 0)
    }
}
