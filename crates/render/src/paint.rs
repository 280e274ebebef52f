//! Painted grounds.
//!
//! Every painter is a pure function of colours, seed, size and the calm area.
//! What varies slowly is computed on a coarse grid and enlarged; all output is
//! dithered with an ordered pattern, so that gradients do not band and files
//! stay small.

mod art;
mod aurora;
mod contour;
mod disc;
mod field;
mod halftone;
mod orbs;
mod papercut;
mod pixel;
mod ramp;
mod retro;
mod silk;
mod swiss;

use art::Art;
use fearless_simd::Level;
#[cfg(target_arch = "x86_64")]
use fearless_simd::Simd;

use crate::scene::{Background, Painter};

/// Pixels being painted: RGBA rows without padding, every alpha 255.
pub(crate) struct Pixels<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: &'a mut [u8],
}

impl Pixels<'_> {
    fn row(&mut self, y: usize) -> &mut [u8] {
        let stride = self.width * 4;
        &mut self.rgba[y * stride..(y + 1) * stride]
    }
}

/// Buffers that painters use again from one cover to the next.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    nodes: Vec<[f32; 4]>,
    row: Vec<[f32; 4]>,
}

/// Paints a ground over all pixels.
///
/// The painters are compiled twice, for AVX2 and for the architecture's
/// baseline, and chosen at run time. They are plain code: the compiler
/// vectorises it but may not reassociate or fuse, so both give the same bytes.
pub(crate) fn paint(
    level: Level,
    background: &Background,
    pixels: &mut Pixels<'_>,
    scratch: &mut Scratch,
) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = level.as_avx2() {
        return avx2.vectorize(
            #[inline(always)]
            || paint_inline(background, pixels, scratch),
        );
    }
    // Where the baseline is the only choice, the level does not matter.
    let _ = level;
    paint_inline(background, pixels, scratch);
}

/// Inlined, as everything below it, so that it is compiled for the level.
#[inline(always)]
fn paint_inline(background: &Background, pixels: &mut Pixels<'_>, scratch: &mut Scratch) {
    let mut art = Art::new(background, pixels, scratch);
    match background.painter {
        Painter::Aurora => aurora::paint(&mut art),
        Painter::Orbs => orbs::paint(&mut art),
        Painter::Contour => contour::paint(&mut art),
        Painter::Swiss => swiss::paint(&mut art),
        Painter::Papercut => papercut::paint(&mut art),
        Painter::Retro => retro::paint(&mut art),
        Painter::Silk => silk::paint(&mut art),
        Painter::Halftone => halftone::paint(&mut art),
        Painter::Plain => art.fill(background.colors[0]),
    }
}
