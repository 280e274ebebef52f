//! Pixels in memory.

use crate::Error;

/// The longest side any picture may have, in pixels.
pub const MAX_SIDE_PX: u32 = 16_383;

/// Straight-alpha RGBA, 8 bits a channel, rows top to bottom without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Picture {
    /// Wraps pixels.
    ///
    /// # Errors
    /// [`Error::SizeOutOfRange`] for an empty or oversized picture,
    /// [`Error::PixelsDisagree`] where `rgba` is not `width * height * 4` long.
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Result<Self, Error> {
        check_size(width, height)?;
        let expected = u64::from(width) * u64::from(height) * 4;
        if rgba.len() as u64 != expected {
            return Err(Error::PixelsDisagree {
                width,
                height,
                expected,
                actual: rgba.len(),
            });
        }
        Ok(Self {
            width,
            height,
            rgba,
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels: `width * height * 4` bytes.
    #[must_use]
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Gives the pixels away.
    #[must_use]
    pub fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }

    /// Whether every pixel is opaque.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        // Whole runs are folded before anything is asked: no branch per pixel.
        let (pixels, _) = self.rgba.as_chunks::<4>();
        let is_opaque = |run: &[[u8; 4]]| {
            let all = run
                .iter()
                .fold(u32::MAX, |all, pixel| all & u32::from_le_bytes(*pixel));
            all >> 24 == 255
        };
        pixels.chunks(1024).all(is_opaque)
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

pub(crate) fn check_size(width: u32, height: u32) -> Result<(), Error> {
    let fits = |side: u32| (1..=MAX_SIDE_PX).contains(&side);
    if fits(width) && fits(height) {
        Ok(())
    } else {
        Err(Error::SizeOutOfRange { width, height })
    }
}
