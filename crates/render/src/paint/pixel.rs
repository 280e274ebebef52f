//! One pixel, between bytes and numbers.
//!
//! Rows are painted in loops without branches, whose pixels the compiler can
//! take eight at a time. Whole words are read and written, and numbers become
//! bytes by an addition: Rust's own conversion saturates, at several times the
//! cost.

/// 1.5 · 2²³. A sum of this size has no bits for fractions: adding it rounds to
/// the nearest, and the low bits are the whole number.
const ROUND: f32 = 12_582_912.0;

/// The channels of a pixel, 0–255.
#[inline(always)]
pub(super) fn read(pixel: [u8; 4]) -> [f32; 3] {
    let word = u32::from_le_bytes(pixel).cast_signed();
    [word & 0xFF, (word >> 8) & 0xFF, (word >> 16) & 0xFF].map(|channel| channel as f32)
}

/// The whole number nearest to one in 0–65,535.
#[inline(always)]
pub(super) fn nearest(value: f32) -> u32 {
    (value + ROUND).to_bits() & 0xFFFF
}

/// An opaque pixel of these channels, rounded to the nearest.
#[inline(always)]
pub(super) fn opaque(channels: [f32; 3]) -> [u8; 4] {
    let [r, g, b] = channels.map(|channel| nearest(channel.clamp(0.0, 255.0)));
    (r | g << 8 | b << 16 | 0xFF00_0000).to_le_bytes()
}

/// The share of the way from one colour to another.
#[inline(always)]
pub(super) fn mix(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

/// A shift of all channels, such as by the dither.
#[inline(always)]
pub(super) fn shift(channels: [f32; 3], by: f32) -> [f32; 3] {
    channels.map(|channel| channel + by)
}

/// Lays a colour over a pixel.
#[inline(always)]
pub(super) fn blend(pixel: &mut [u8; 4], tint: [f32; 3], share: f32) {
    *pixel = opaque(mix(read(*pixel), tint, share));
}

/// The columns of a row from `left` to `right`, both clipped to it.
#[inline(always)]
pub(super) fn columns(row: &mut [u8], left: usize, right: usize) -> &mut [[u8; 4]] {
    let (pixels, _) = row.as_chunks_mut::<4>();
    let right = right.min(pixels.len());
    &mut pixels[left.min(right)..right]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_and_what_is_out_of_range_is_clipped() {
        for byte in 0..=255_u8 {
            let pixel = [byte, 255 - byte, byte / 2, 255];
            assert_eq!(opaque(read(pixel)), pixel);
        }
        assert_eq!(opaque([-3.0, 300.0, 0.49]), [0, 255, 0, 255]);
    }

    #[test]
    fn half_a_share_is_half_way() {
        let mut pixel = [0, 100, 200, 255];
        blend(&mut pixel, [100.0, 100.0, 100.0], 0.5);
        assert_eq!(pixel, [50, 100, 150, 255]);
    }
}
