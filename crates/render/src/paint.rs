//! Painted grounds.
//!
//! Every painter is a pure function of colours, seed, size and the calm area.
//! What varies slowly is computed on a coarse grid and enlarged; all output is
//! dithered with an ordered pattern, so that gradients do not band and files
//! stay small.

mod art;
mod aurora;
mod burst;
mod contour;
mod disc;
mod field;
mod fluted;
mod glass;
mod halftone;
mod ink;
mod orbs;
mod papercut;
mod pixel;
mod pulse;
mod ramp;
mod retro;
mod ridge;
mod riso;
mod silk;
mod swiss;
mod vista;

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
    let mut art = Art::new(background, pixels, scratch);
    // Every painter is a function of its own for every level: in one function
    // they would take the compiler several times as long.
    macro_rules! with {
        ($painter:ident) => {
            at(
                level,
                #[inline(always)]
                || $painter::paint(&mut art),
            )
        };
    }
    match background.painter {
        Painter::Aurora => with!(aurora),
        Painter::Orbs => with!(orbs),
        Painter::Contour => with!(contour),
        Painter::Swiss => with!(swiss),
        Painter::Papercut => with!(papercut),
        Painter::Retro => with!(retro),
        Painter::Silk => with!(silk),
        Painter::Halftone => with!(halftone),
        Painter::Glass => with!(glass),
        Painter::Ink => with!(ink),
        Painter::Riso => with!(riso),
        Painter::Vista => with!(vista),
        Painter::Fluted => with!(fluted),
        Painter::Pulse => with!(pulse),
        Painter::Burst => with!(burst),
        Painter::Plain => art.fill(background.colors[0]),
    }
}

/// Runs a painter, which is inlined here, compiled for the level.
#[inline(never)]
fn at(level: Level, painter: impl FnOnce()) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = level.as_avx2() {
        return avx2.vectorize(painter);
    }
    // Where the baseline is the only choice, the level does not matter.
    let _ = level;
    painter();
}
