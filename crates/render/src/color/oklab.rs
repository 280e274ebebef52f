//! OKLab and OKLCH (Björn Ottosson, "A perceptual color space for image
//! processing", 2020), with portable arithmetic.

use std::sync::LazyLock;

use super::Color;

/// A colour in OKLab: `l` in 0–1, `a` and `b` about ±0.4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lab {
    pub(crate) l: f32,
    pub(crate) a: f32,
    pub(crate) b: f32,
}

impl Lab {
    pub(crate) fn mix(self, other: Self, t: f32) -> Self {
        Self {
            l: self.l + (other.l - self.l) * t,
            a: self.a + (other.a - self.a) * t,
            b: self.b + (other.b - self.b) * t,
        }
    }

    pub(crate) fn scaled(self, factor: f32) -> Self {
        Self {
            l: self.l * factor,
            a: self.a * factor,
            b: self.b * factor,
        }
    }

    fn to_linear(self) -> [f32; 3] {
        let l = self.l + 0.396_337_78 * self.a + 0.215_803_76 * self.b;
        let m = self.l - 0.105_561_346 * self.a - 0.063_854_17 * self.b;
        let s = self.l - 0.089_484_18 * self.a - 1.291_485_5 * self.b;
        let (l, m, s) = (l * l * l, m * m * m, s * s * s);
        [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ]
    }

    /// sRGB channels on a 0–255 scale, clipped, not yet rounded.
    pub(crate) fn to_channels(self) -> [f32; 3] {
        self.to_linear().map(encode)
    }

    pub(crate) fn to_color(self) -> Color {
        let [r, g, b] = self.to_channels().map(|channel| (channel + 0.5) as u8);
        Color::rgb(r, g, b)
    }
}

impl From<Color> for Lab {
    fn from(color: Color) -> Self {
        let [r, g, b] = color.channels().map(|channel| decode(channel / 255.0));
        let l = libm::cbrtf(0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b);
        let m = libm::cbrtf(0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b);
        let s = libm::cbrtf(0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b);
        Self {
            l: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }
}

/// Entries of the transfer table: between them lines are straight to a
/// hundredth of a step.
const TABLE: usize = 4096;

static ENCODED: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let curve = |index: usize| {
        let linear = index.min(TABLE) as f32 / TABLE as f32;
        255.0
            * if linear <= 0.003_130_8 {
                linear * 12.92
            } else {
                1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
            }
    };
    (0..TABLE + 2).map(curve).collect()
});

/// The sRGB transfer function, linear light to 0–255.
fn encode(linear: f32) -> f32 {
    let table = &*ENCODED;
    let place = linear.clamp(0.0, 1.0) * TABLE as f32;
    let index = place as usize;
    let (low, high) = (table[index], table[index + 1]);
    low + (high - low) * (place - index as f32)
}

/// The inverse of the sRGB transfer function; both on 0–1.
pub(super) fn decode(encoded: f32) -> f32 {
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        libm::powf((encoded + 0.055) / 1.055, 2.4)
    }
}

/// See [`Color::oklch`].
pub(super) fn from_lch(lightness: f32, chroma: f32, hue_degrees: f32) -> Color {
    let hue = hue_degrees.to_radians();
    let (sin, cos) = (libm::sinf(hue), libm::cosf(hue));
    let at = |chroma: f32| Lab {
        l: lightness.clamp(0.0, 1.0),
        a: chroma * cos,
        b: chroma * sin,
    };
    let exists = |lab: Lab| {
        lab.to_linear()
            .iter()
            .all(|channel| (-0.000_5..=1.000_5).contains(channel))
    };
    if exists(at(chroma)) {
        return at(chroma).to_color();
    }
    let (mut low, mut high) = (0.0, chroma);
    for _ in 0..16 {
        let middle = (low + high) / 2.0;
        if exists(at(middle)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(low).to_color()
}
