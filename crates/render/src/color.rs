//! Colours: sRGB bytes in scenes, OKLCH where palettes are made, OKLab where
//! colours are mixed, and the contrast of one over another.

mod contrast;
mod oklab;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use contrast::LumaRange;
pub use contrast::{apca, wcag};
pub(crate) use oklab::Lab;

use crate::Error;

/// An sRGB colour with straight alpha, written `#rrggbb` or `#rrggbbaa`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity: 255 is opaque.
    pub a: u8,
}

impl Color {
    /// Opaque white.
    pub const WHITE: Self = Self::rgb(255, 255, 255);
    /// Opaque black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);

    /// An opaque colour.
    #[must_use]
    pub const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b, a: 255 }
    }

    /// The same colour with another opacity, 0–255.
    #[must_use]
    pub const fn with_alpha(self, a: u8) -> Self {
        Self { a, ..self }
    }

    /// From OKLCH: lightness 0–1, chroma 0–0.4, hue in degrees. Chroma is
    /// lowered until the colour exists in sRGB.
    #[must_use]
    pub fn oklch(lightness: f32, chroma: f32, hue_degrees: f32) -> Self {
        oklab::from_lch(lightness, chroma, hue_degrees)
    }

    /// This colour with its lightness moved by `delta` (in OKLCH).
    #[must_use]
    pub fn lighter(self, delta: f32) -> Self {
        let lab = Lab::from(self);
        Lab {
            l: (lab.l + delta).clamp(0.0, 1.0),
            ..lab
        }
        .to_color()
        .with_alpha(self.a)
    }

    /// The mixture of two colours in OKLab; `t` is the share of `other`.
    #[must_use]
    pub fn mix(self, other: Self, t: f32) -> Self {
        Lab::from(self).mix(Lab::from(other), t).to_color()
    }

    pub(crate) fn channels(self) -> [f32; 3] {
        [f32::from(self.r), f32::from(self.g), f32::from(self.b)]
    }

    /// Laid over an opaque ground.
    pub(crate) fn over(self, ground: Self) -> Self {
        let alpha = f32::from(self.a) / 255.0;
        let blend = |top: u8, below: u8| {
            (f32::from(below) + (f32::from(top) - f32::from(below)) * alpha + 0.5) as u8
        };
        Self::rgb(
            blend(self.r, ground.r),
            blend(self.g, ground.g),
            blend(self.b, ground.b),
        )
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { r, g, b, a } = self;
        write!(f, "#{r:02x}{g:02x}{b:02x}")?;
        if *a == 255 {
            Ok(())
        } else {
            write!(f, "{a:02x}")
        }
    }
}

impl fmt::Debug for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

impl std::str::FromStr for Color {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadColor {
            text: text.chars().take(32).collect(),
        };
        let digits = text.strip_prefix('#').ok_or_else(bad)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| bad())?;
        match digits.len() {
            6 => {
                let [_, r, g, b] = value.to_be_bytes();
                Ok(Self::rgb(r, g, b))
            }
            8 => {
                let [r, g, b, a] = value.to_be_bytes();
                Ok(Self { r, g, b, a })
            }
            _ => Err(bad()),
        }
    }
}

impl TryFrom<String> for Color {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}
