//! Outlines that cut pictures and painted frames.

use crate::scene::{Frame, Mask};

/// How much of the pixel whose middle is at `(x, y)` an outline lets through.
pub(super) fn coverage(mask: Option<Mask>, frame: &Frame, x: f32, y: f32) -> f32 {
    let (half_w, half_h) = (frame.width / 2.0, frame.height / 2.0);
    let (dx, dy) = (x - frame.x - half_w, y - frame.y - half_h);
    let distance = match mask {
        None => return 1.0,
        Some(Mask::Round { radius }) => rounded(dx, dy, half_w, half_h, radius),
        // Only its upper corners are round.
        Some(Mask::Arch) if dy > half_w - half_h => dx.abs() - half_w,
        Some(Mask::Arch) => rounded(dx, dy, half_w, half_h, half_w),
        Some(Mask::Ellipse) => ellipse(dx, dy, half_w, half_h),
    };
    (0.5 - distance).clamp(0.0, 1.0)
}

/// Signed distance to a rectangle with round corners, negative inside.
fn rounded(dx: f32, dy: f32, half_w: f32, half_h: f32, radius: f32) -> f32 {
    let radius = radius.min(half_w).min(half_h);
    let (qx, qy) = (dx.abs() - half_w + radius, dy.abs() - half_h + radius);
    let (ox, oy) = (qx.max(0.0), qy.max(0.0));
    (ox * ox + oy * oy).sqrt() + qx.max(qy).min(0.0) - radius
}

/// About the signed distance to an ellipse: exact on it, which is where it is
/// asked for.
fn ellipse(dx: f32, dy: f32, half_w: f32, half_h: f32) -> f32 {
    let (u, v) = (dx / half_w, dy / half_h);
    let (gx, gy) = (u / half_w, v / half_h);
    let slope = (gx * gx + gy * gy).sqrt();
    if slope < 1e-9 {
        return -half_w.min(half_h);
    }
    let square = u * u + v * v;
    // The implicit function over the length of its gradient.
    (square - 1.0) / (2.0 * slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame::new(10.0, 20.0, 100.0, 60.0);

    fn at(mask: Mask, x: f32, y: f32) -> f32 {
        coverage(Some(mask), &FRAME, x, y)
    }

    #[test]
    fn every_outline_shows_its_middle_and_hides_its_upper_corners() {
        for mask in [Mask::Round { radius: 20.0 }, Mask::Ellipse, Mask::Arch] {
            assert!(at(mask, 60.0, 50.0) > 0.99, "{mask:?}");
            for x in [10.5, 109.5] {
                assert!(at(mask, x, 20.5) < 0.01, "{mask:?}");
            }
        }
    }

    #[test]
    fn an_arch_stands_on_square_feet() {
        let tall = Frame::new(0.0, 0.0, 40.0, 100.0);
        assert!(coverage(Some(Mask::Arch), &tall, 0.5, 99.5) > 0.99);
        assert!(coverage(Some(Mask::Arch), &tall, 0.5, 0.5) < 0.01);
    }

    #[test]
    fn an_edge_is_half_covered() {
        let edge = at(Mask::Ellipse, 10.0, 50.0);
        assert!((edge - 0.5).abs() < 0.1, "{edge}");
    }
}
