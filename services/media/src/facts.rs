//! What is kept about an upload beside its pixels.

use covergen_imaging::{ColourModel, Exif, Place, Source};
use serde::{Deserialize, Serialize};

/// The uploaded file before it was written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceFacts {
    pub(crate) content_type: String,
    pub(crate) bytes: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) orientation: i32,
    pub(crate) color_model: String,
    pub(crate) bit_depth: i32,
    pub(crate) profile_converted: bool,
    pub(crate) frames: i32,
}

/// What a camera wrote, as far as somebody asked for it to be kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CameraFacts {
    pub(crate) camera_make: String,
    pub(crate) camera_model: String,
    pub(crate) lens_model: String,
    pub(crate) taken_at: String,
    pub(crate) exposure_time: String,
    pub(crate) f_number: Option<f64>,
    pub(crate) iso: Option<i32>,
    pub(crate) focal_length_mm: Option<f64>,
    pub(crate) location: Option<LocationFacts>,
}

/// Where it was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LocationFacts {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) altitude_m: Option<f64>,
}

/// What an uploader asked to be kept of a file's metadata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Camera, lens, exposure and time.
    pub(crate) metadata: bool,
    /// The place as well.
    pub(crate) location: bool,
}

impl SourceFacts {
    pub(crate) fn of(source: &Source, bytes: usize) -> Self {
        Self {
            content_type: source.format.media_type().to_owned(),
            bytes: small(bytes),
            width: small(source.width),
            height: small(source.height),
            orientation: i32::from(source.exif.orientation.unwrap_or(1)),
            color_model: match source.colour {
                ColourModel::Rgb => "rgb",
                ColourModel::Gray => "gray",
                ColourModel::Cmyk => "cmyk",
                ColourModel::Palette => "palette",
            }
            .to_owned(),
            bit_depth: i32::from(source.bit_depth),
            profile_converted: source.converted,
            frames: small(source.frames),
        }
    }
}

impl CameraFacts {
    /// What is kept; `None` where nothing is asked for or nothing is there.
    pub(crate) fn of(exif: &Exif, keep: Keep) -> Option<Self> {
        if !keep.metadata {
            return None;
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let facts = Self {
            camera_make: text(&exif.make),
            camera_model: text(&exif.model),
            lens_model: text(&exif.lens),
            taken_at: text(&exif.taken_at),
            exposure_time: exif.exposure_time.map(seconds).unwrap_or_default(),
            f_number: exif.f_number,
            iso: exif.iso.and_then(|iso| i32::try_from(iso).ok()),
            focal_length_mm: exif.focal_length_mm,
            location: exif
                .place
                .filter(|_| keep.location)
                .map(LocationFacts::from),
        };
        (facts != Self::default()).then_some(facts)
    }
}

impl From<Place> for LocationFacts {
    fn from(place: Place) -> Self {
        Self {
            latitude: place.latitude,
            longitude: place.longitude,
            altitude_m: place.altitude_m,
        }
    }
}

/// `1/250`, `0.8` or `30`, as photographers write it.
fn seconds((over, under): (u32, u32)) -> String {
    let value = f64::from(over) / f64::from(under);
    if value < 0.4 {
        format!("1/{:.0}", 1.0 / value)
    } else {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").unwrap_or(&text).to_owned()
    }
}

/// The caps are far below what the column holds.
pub(crate) fn small<T: TryInto<i32>>(value: T) -> i32 {
    value.try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use covergen_imaging::{Exif, Place};

    use super::{CameraFacts, Keep, seconds};

    #[test]
    fn exposures_read_as_photographers_write_them() {
        let told = [(1, 250), (10, 2500), (4, 10), (30, 1), (13, 10)].map(seconds);
        assert_eq!(told, ["1/250", "1/250", "0.4", "30", "1.3"]);
    }

    #[test]
    fn nothing_is_kept_unasked_and_the_place_only_when_asked_for() {
        let exif = Exif {
            make: Some("Lumen".to_owned()),
            place: Some(Place {
                latitude: 1.0,
                longitude: 2.0,
                altitude_m: None,
            }),
            ..Exif::default()
        };
        let kept = |metadata, location| CameraFacts::of(&exif, Keep { metadata, location });
        assert_eq!(kept(false, false), None);
        assert_eq!(kept(false, true), None);
        assert_eq!(kept(true, false).unwrap().location, None);
        assert!(kept(true, true).unwrap().location.is_some());
        let nothing = Keep {
            metadata: true,
            location: true,
        };
        assert_eq!(CameraFacts::of(&Exif::default(), nothing), None);
    }
}
