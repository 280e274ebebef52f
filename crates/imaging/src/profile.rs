//! Colours of a file to sRGB.
//!
//! A profile that is damaged, of another colour model than the pixels, or as
//! good as sRGB is left aside, as browsers do.

use std::sync::Arc;

use moxcms::{
    Chromaticity, ColorPrimaries, ColorProfile, DataColorSpace, Layout, ParsingOptions,
    RenderingIntent, ToneReprCurve, TransformExecutor, TransformOptions, XyY,
};

/// Longest profile that is looked at. Printing profiles reach 3 MB.
pub(crate) const MAX_PROFILE_BYTES: usize = 4 * 1024 * 1024;
/// A gamma this close to 1/2.2 means sRGB, in files of old programs.
const SRGB_GAMMA: std::ops::RangeInclusive<f32> = 0.4500..=0.4600;
/// Steps per channel of the lattice on which a profile is compared with sRGB.
const LATTICE: [u8; 5] = [0, 64, 128, 192, 255];

/// How a row of pixels is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// RGBA.
    Rgb,
    /// RGBA whose colour channels are equal.
    Gray,
    /// CMYK, 255 being full ink.
    Cmyk,
}

type Executor<T> = Arc<dyn TransformExecutor<T> + Send + Sync>;

/// Turns rows of one colour space into sRGB.
pub(crate) struct Converter {
    model: Model,
    profile: ColorProfile,
    eight: Executor<u8>,
    scratch: Vec<u8>,
}

/// As [`Converter`], for 16 bits a channel.
pub(crate) struct WideConverter {
    model: Model,
    wide: Executor<u16>,
    scratch: Vec<u16>,
    target: Vec<u16>,
}

/// What a PNG says about its colours without a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Calibration {
    /// Exponent that turns light into samples.
    pub(crate) gamma: Option<f32>,
    /// White, red, green and blue as x and y.
    pub(crate) primaries: Option<[(f32, f32); 4]>,
}

impl Converter {
    /// From an ICC profile; `None` where pixels are best taken as they are.
    pub(crate) fn from_icc(icc: &[u8], model: Model) -> Option<Self> {
        let options = ParsingOptions {
            max_profile_size: MAX_PROFILE_BYTES,
            ..ParsingOptions::default()
        };
        let profile = ColorProfile::new_from_slice_with_options(icc, options).ok()?;
        let fits = match model {
            Model::Rgb => profile.color_space == DataColorSpace::Rgb,
            Model::Gray => profile.color_space == DataColorSpace::Gray,
            Model::Cmyk => profile.color_space == DataColorSpace::Cmyk,
        };
        if !fits {
            return None;
        }
        Self::from_profile(profile, model)
    }

    /// From a PNG's gamma and primaries.
    pub(crate) fn from_calibration(given: Calibration, model: Model) -> Option<Self> {
        let gamma = given.gamma.filter(|gamma| !SRGB_GAMMA.contains(gamma));
        if gamma.is_some_and(|gamma| !(0.1..=10.0).contains(&gamma)) {
            return None;
        }
        let mut profile = if model == Model::Gray {
            ColorProfile::new_gray_with_gamma(1.0 / gamma?)
        } else {
            ColorProfile::new_srgb()
        };
        profile.cicp = None;
        if let (Model::Rgb, Some(primaries)) = (model, given.primaries) {
            let [white, red, green, blue] = primaries;
            let sane = |(x, y): (f32, f32)| (0.0..=1.0).contains(&x) && (0.001..=1.0).contains(&y);
            if !primaries.into_iter().all(sane) {
                return None;
            }
            let at = |(x, y)| Chromaticity::new(x, y);
            let white = XyY {
                x: f64::from(white.0),
                y: f64::from(white.1),
                yb: 1.0,
            };
            let primaries = ColorPrimaries {
                red: at(red),
                green: at(green),
                blue: at(blue),
            };
            profile.update_rgb_colorimetry(white, primaries);
        }
        if let (Model::Rgb, Some(gamma)) = (model, gamma) {
            let curve = ToneReprCurve::Parametric(vec![1.0 / gamma]);
            profile.red_trc = Some(curve.clone());
            profile.green_trc = Some(curve.clone());
            profile.blue_trc = Some(curve);
        }
        Self::from_profile(profile, model)
    }

    fn from_profile(profile: ColorProfile, model: Model) -> Option<Self> {
        let (from, to) = layouts(model);
        let eight = profile
            .create_transform_8bit(from, &srgb(), to, options(&profile))
            .ok()?;
        let mut converter = Self {
            model,
            profile,
            eight,
            scratch: Vec::new(),
        };
        let changes = model == Model::Cmyk || converter.changes()?;
        changes.then_some(converter)
    }

    /// Whether any colour of a lattice comes out by more than rounding.
    fn changes(&mut self) -> Option<bool> {
        let mut row = Vec::new();
        for r in LATTICE {
            for g in LATTICE {
                for b in LATTICE {
                    row.extend_from_slice(&[r, g, b, 255]);
                }
            }
        }
        if self.model == Model::Gray {
            row = (0..=255).flat_map(|v| [v, v, v, 255]).collect();
        }
        let before = row.clone();
        self.convert(&mut row)?;
        let moved = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 1;
        Some(before.iter().zip(&row).any(moved))
    }

    /// Converts a row in place, four bytes a pixel before and after. Alpha is
    /// kept; CMYK comes out opaque. `None` where the engine refuses.
    pub(crate) fn convert(&mut self, row: &mut [u8]) -> Option<()> {
        self.scratch.clear();
        if self.model == Model::Gray {
            let (pixels, _) = row.as_chunks::<4>();
            self.scratch
                .extend(pixels.iter().flat_map(|pixel| [pixel[0], pixel[3]]));
        } else {
            self.scratch.extend_from_slice(row);
        }
        self.eight.transform(&self.scratch, row).ok()?;
        if self.model == Model::Cmyk {
            row.iter_mut()
                .skip(3)
                .step_by(4)
                .for_each(|alpha| *alpha = 255);
        }
        Some(())
    }

    /// The same for 16 bits a channel.
    pub(crate) fn wide(&self) -> Option<WideConverter> {
        let (from, to) = layouts(self.model);
        let wide = self
            .profile
            .create_transform_16bit(from, &srgb(), to, options(&self.profile))
            .ok()?;
        Some(WideConverter {
            model: self.model,
            wide,
            scratch: Vec::new(),
            target: Vec::new(),
        })
    }
}

impl WideConverter {
    /// Converts a row of RGBA; `None` where the engine refuses.
    pub(crate) fn convert(&mut self, row: &[u16]) -> Option<&[u16]> {
        self.scratch.clear();
        if self.model == Model::Gray {
            let (pixels, _) = row.as_chunks::<4>();
            self.scratch
                .extend(pixels.iter().flat_map(|pixel| [pixel[0], pixel[3]]));
        } else {
            self.scratch.extend_from_slice(row);
        }
        self.target.resize(row.len(), 0);
        self.wide.transform(&self.scratch, &mut self.target).ok()?;
        Some(&self.target)
    }
}

fn layouts(model: Model) -> (Layout, Layout) {
    match model {
        Model::Gray => (Layout::GrayAlpha, Layout::Rgba),
        // Four inks are laid out as four channels.
        Model::Rgb | Model::Cmyk => (Layout::Rgba, Layout::Rgba),
    }
}

fn srgb() -> ColorProfile {
    ColorProfile::new_srgb()
}

fn options(profile: &ColorProfile) -> TransformOptions {
    TransformOptions {
        rendering_intent: match profile.rendering_intent {
            // Paper white is not wanted on a screen.
            RenderingIntent::AbsoluteColorimetric => RenderingIntent::RelativeColorimetric,
            intent => intent,
        },
        ..TransformOptions::default()
    }
}
