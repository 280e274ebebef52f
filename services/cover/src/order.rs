//! What a request asks for, checked: the form in which it is stored and
//! carried out.

use std::sync::Arc;

use covergen_ids::{AssetId, BulkId, CoverId, TaskId};
use covergen_imaging::{Chroma, Encoding, FileFormat, PngLevel};
use covergen_render::{Brief, Preset, Size};
use covergen_studio::{Design, Pictures};
use serde::{Deserialize, Serialize};

use crate::look::Look;

/// A checked request with everything chosen. Stored as JSON with the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) template_id: String,
    pub(crate) template_version: u32,
    pub(crate) palette_id: String,
    pub(crate) seed: u64,
    pub(crate) variants: u32,
    pub(crate) sizes: Vec<OrderedSize>,
    pub(crate) formats: Vec<Format>,
    pub(crate) watermark: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub(crate) look: Look,
}

/// Orders stored before there were choices have none, and stay as they are.
fn is_plain(look: &Look) -> bool {
    *look == Look::default()
}

/// A size, and the preset that named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderedSize {
    pub(crate) preset: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Png,
    Jpeg,
    Webp,
}

impl Format {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "png" => Some(Self::Png),
            "jpeg" => Some(Self::Jpeg),
            "webp" => Some(Self::Webp),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
        }
    }

    /// How files that are kept are encoded.
    pub(crate) const fn encoding(self, quality: u8) -> Encoding {
        match self {
            Self::Png => Encoding::Png {
                level: PngLevel::Delivery,
            },
            Self::Jpeg => Encoding::Jpeg {
                quality,
                // Type on flat colour shows halved chroma at once.
                chroma: Chroma::Full,
                progressive: true,
            },
            Self::Webp => Encoding::WebP { quality },
        }
    }

    pub(crate) fn of(file: FileFormat) -> Self {
        match file {
            FileFormat::Png => Self::Png,
            FileFormat::Jpeg => Self::Jpeg,
            FileFormat::WebP => Self::Webp,
        }
    }
}

impl OrderedSize {
    /// Reads a size of the contract: a preset, or a width and a height.
    pub(crate) fn read(size: &covergen_proto::cover::v1::Size) -> Result<Self, String> {
        let (width, height) = (size.width.unsigned_abs(), size.height.unsigned_abs());
        if size.preset.is_empty() {
            if width == 0 || height == 0 {
                return Err("give a preset, or a width and a height".to_owned());
            }
            let size = Size::new(width, height).map_err(|error| error.to_string())?;
            return Ok(Self {
                preset: String::new(),
                width: size.width,
                height: size.height,
            });
        }
        if width != 0 || height != 0 {
            return Err("give a preset or a width and a height, not both".to_owned());
        }
        let preset = Preset::parse(&size.preset).map_err(|error| error.to_string())?;
        Ok(Self {
            preset: preset.id.to_owned(),
            width: preset.size.width,
            height: preset.size.height,
        })
    }
}

impl Order {
    /// The seed of one variant. Variants differ by it alone; the step is odd
    /// and large, so that neighbours look unlike.
    pub(crate) const fn variant_seed(&self, variant: u32) -> u64 {
        self.seed
            .wrapping_add((variant as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The design of one variant in one size.
    pub(crate) fn design(&self, variant: u32, size: &OrderedSize, pictures: &Pictures) -> Design {
        let size = Size {
            width: size.width,
            height: size.height,
        };
        let mut brief = Brief {
            subtitle: Some(self.subtitle.clone()).filter(|text| !text.is_empty()),
            palette: Some(self.palette_id.clone()).filter(|id| !id.is_empty()),
            seed: self.variant_seed(variant),
            watermark: self.watermark,
            ..Brief::new(self.title.clone(), size)
        };
        self.look.apply(&mut brief);
        Design {
            pictures: pictures.clone(),
            document: self.look.document.clone().map(Arc::new),
            ..Design::new(self.template_id.clone(), self.template_version, brief)
        }
    }

    /// Units it costs: one for each variant.
    pub(crate) fn units(&self) -> i32 {
        i32::try_from(self.variants).unwrap_or(i32::MAX)
    }

    /// Every picture of the order as `(variant, size, format)`, by index.
    pub(crate) fn pictures(&self) -> Vec<(u32, usize, Format)> {
        let mut pictures = Vec::new();
        for variant in 0..self.variants {
            for size in 0..self.sizes.len() {
                for format in &self.formats {
                    pictures.push((variant, size, *format));
                }
            }
        }
        pictures
    }
}

/// First index of cover ids; assets have the indexes below it.
const COVERS: u32 = 1 << 20;

/// The id of a variant's cover: always the same for the same task.
pub(crate) fn cover_id(task: TaskId, variant: u32) -> CoverId {
    CoverId::derived(&task.uuid(), COVERS + variant)
}

/// Indexes that one execution has of its own, covers among them.
const EXECUTION: u32 = COVERS << 1;

/// The id of a picture's asset: always the same for the same execution of a
/// task. Under what an execution has deleted nothing is stored any more.
pub(crate) fn asset_id(task: TaskId, execution: i32, picture: usize) -> AssetId {
    let former = execution.saturating_sub(1).max(0).unsigned_abs();
    let index = EXECUTION
        .wrapping_mul(former)
        .wrapping_add(u32::try_from(picture).unwrap_or(u32::MAX));
    AssetId::derived(&task.uuid(), index)
}

/// The id of the task that makes a row of a bulk, at a given try: always the
/// same, so that no row is made twice.
pub(crate) fn row_task_id(bulk: BulkId, row: i32, attempt: i32) -> TaskId {
    // Ten thousand rows at most, so rows of one try never meet those of the
    // next.
    let index = attempt
        .unsigned_abs()
        .wrapping_mul(1 << 14)
        .wrapping_add(row.unsigned_abs());
    TaskId::derived(&bulk.uuid(), index)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use covergen_ids::{AssetId, BulkId, Clock, TaskId};
    use covergen_studio::Pictures;

    use super::{Format, Order, OrderedSize, asset_id, row_task_id};
    use crate::look::Look;
    use covergen_proto::cover::v1::Size;

    fn size(preset: &str, width: i32, height: i32) -> Size {
        Size {
            preset: preset.to_owned(),
            width,
            height,
        }
    }

    #[test]
    fn a_size_is_a_preset_or_two_numbers_and_never_both_or_neither() {
        let read = |given: Size| OrderedSize::read(&given);
        assert_eq!(read(size("youtube", 0, 0)).unwrap().width, 1280);
        assert_eq!(read(size("", 100, 200)).unwrap().height, 200);
        for bad in [
            size("", 0, 0),
            size("", 100, 0),
            size("youtube", 1280, 720),
            size("no_such_place", 0, 0),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_execution_has_assets_of_its_own_and_the_first_has_those_it_always_had() {
        let task = TaskId::new(&Clock::system());
        let ids: HashSet<AssetId> = (1..=20)
            .flat_map(|execution| (0..128).map(move |at| asset_id(task, execution, at)))
            .collect();
        assert_eq!(ids.len(), 20 * 128);
        assert_eq!(asset_id(task, 1, 5), AssetId::derived(&task.uuid(), 5));
    }

    #[test]
    fn the_first_variant_has_the_seed_that_was_asked_for_and_others_differ() {
        let order = Order {
            title: "One".to_owned(),
            subtitle: String::new(),
            template_id: "aurora".to_owned(),
            template_version: 1,
            palette_id: String::new(),
            seed: 7,
            variants: 2,
            sizes: vec![OrderedSize::read(&size("youtube", 0, 0)).unwrap()],
            formats: vec![Format::Png, Format::Jpeg],
            watermark: true,
            look: Look::default(),
        };
        let seed = |variant| {
            let design = order.design(variant, &order.sizes[0], &Pictures::new());
            design.brief.seed
        };
        assert_eq!(seed(0), 7);
        assert_ne!(seed(1), 7);
        assert_eq!(order.pictures().len(), 4);
    }

    #[test]
    fn an_order_stored_before_there_were_choices_reads_and_writes_as_it_was() {
        let stored = r#"{"title":"One","subtitle":"","template_id":"aurora","template_version":1,"palette_id":"","seed":7,"variants":1,"sizes":[],"formats":["png"],"watermark":true}"#;
        let order: Order = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_string(&order).unwrap(), stored);
    }

    #[test]
    fn no_two_rows_and_tries_share_a_task() {
        let bulk = BulkId::new(&Clock::system());
        let mut seen = HashSet::new();
        for attempt in 1..=3 {
            for row in (1..=10_000).step_by(7) {
                assert!(seen.insert(row_task_id(bulk, row, attempt)));
            }
        }
        assert_eq!(row_task_id(bulk, 1, 1), row_task_id(bulk, 1, 1));
    }
}
