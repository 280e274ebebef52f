//! Contrast: WCAG 2 ratio, and APCA lightness contrast (0.0.98G-4g constants).

use std::sync::LazyLock;

use super::{Color, oklab};

static LINEAR: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|value| oklab::decode(value as f32 / 255.0)));

/// Relative luminance (WCAG 2.2), 0 for black to 1 for white.
pub(crate) fn luminance(color: Color) -> f32 {
    let linear = &*LINEAR;
    0.2126 * linear[usize::from(color.r)]
        + 0.7152 * linear[usize::from(color.g)]
        + 0.0722 * linear[usize::from(color.b)]
}

/// The WCAG 2.2 contrast ratio of two opaque colours, 1–21.
#[must_use]
pub fn wcag(one: Color, other: Color) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The APCA lightness contrast of text on a ground: positive for dark text on
/// light, negative for light text on dark, ±108 at most.
#[must_use]
pub fn apca(text: Color, ground: Color) -> f32 {
    let screen = |color: Color| {
        let [r, g, b] = color
            .channels()
            .map(|channel| libm::powf(channel / 255.0, 2.4));
        let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
        if y < 0.022 {
            y + libm::powf(0.022 - y, 1.414)
        } else {
            y
        }
    };
    let (text, ground) = (screen(text), screen(ground));
    if (ground - text).abs() < 0.000_5 {
        return 0.0;
    }
    let contrast = if ground > text {
        (libm::powf(ground, 0.56) - libm::powf(text, 0.57)) * 1.14
    } else {
        (libm::powf(ground, 0.65) - libm::powf(text, 0.62)) * 1.14
    };
    if contrast.abs() < 0.1 {
        0.0
    } else {
        (contrast - contrast.signum() * 0.027) * 100.0
    }
}

/// The darkest and the lightest pixel of a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LumaRange {
    pub(crate) darkest: Color,
    pub(crate) lightest: Color,
    low: f32,
    high: f32,
}

impl LumaRange {
    pub(crate) fn of(color: Color) -> Self {
        let luma = luminance(color);
        Self {
            darkest: color,
            lightest: color,
            low: luma,
            high: luma,
        }
    }

    pub(crate) fn include(&mut self, other: Self) {
        if other.low < self.low {
            (self.low, self.darkest) = (other.low, other.darkest);
        }
        if other.high > self.high {
            (self.high, self.lightest) = (other.high, other.lightest);
        }
    }

    /// Adds a run of RGBA pixels.
    pub(crate) fn scan(&mut self, rgba: &[u8]) {
        let linear = &*LINEAR;
        for pixel in rgba.chunks_exact(4) {
            let luma = 0.2126 * linear[usize::from(pixel[0])]
                + 0.7152 * linear[usize::from(pixel[1])]
                + 0.0722 * linear[usize::from(pixel[2])];
            if luma < self.low {
                self.low = luma;
                self.darkest = Color::rgb(pixel[0], pixel[1], pixel[2]);
            }
            if luma > self.high {
                self.high = luma;
                self.lightest = Color::rgb(pixel[0], pixel[1], pixel[2]);
            }
        }
    }

    /// The pixel against which `text` reads worst, and the ratio there.
    pub(crate) fn worst(&self, text: Color) -> (Color, f32) {
        let dark = wcag(text, self.darkest);
        let light = wcag(text, self.lightest);
        let luma = luminance(text);
        if luma > self.low && luma < self.high {
            // Somewhere between lies a pixel of about the text's own luminance.
            return (
                if dark < light {
                    self.darkest
                } else {
                    self.lightest
                },
                1.0,
            );
        }
        if dark < light {
            (self.darkest, dark)
        } else {
            (self.lightest, light)
        }
    }
}
