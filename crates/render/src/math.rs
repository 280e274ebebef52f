//! Arithmetic that gives the same bits on every machine.
//!
//! The standard library's transcendental functions call the platform's libm,
//! whose results differ between processors. What is needed here is built from
//! IEEE operations and the portable `libm` crate alone.

/// `sin(2π·turns)` by a polynomial, to about 1e-5: smooth, odd and periodic,
/// which is all that painting asks for.
#[inline(always)]
pub(crate) fn sin_turns(turns: f32) -> f32 {
    let wrapped = turns - turns.floor() - 0.5;
    // On [-1/4, 1/4] an odd polynomial (minimax for sin 2πx) is enough.
    let folded = if wrapped.abs() > 0.25 {
        wrapped.signum() * 0.5 - wrapped
    } else {
        wrapped
    };
    let square = folded * folded;
    let series = 6.283_164_5 + square * (-41.337_14 + square * (81.340_77 + square * -70.993_35));
    -folded * series
}

/// `cos(2π·turns)`; see [`sin_turns`].
#[inline(always)]
pub(crate) fn cos_turns(turns: f32) -> f32 {
    sin_turns(turns + 0.25)
}

/// Hermite step from 0 at `low` to 1 at `high`.
#[inline(always)]
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Linear interpolation.
#[inline(always)]
pub(crate) fn mix(from: f32, to: f32, t: f32) -> f32 {
    from + (to - from) * t
}

/// A bell of height 1 and support ±1, a stand-in for a Gaussian that needs no
/// exponential: `(1 - x²)³` inside, 0 outside.
#[inline(always)]
pub(crate) fn bell(square: f32) -> f32 {
    let inside = (1.0 - square).max(0.0);
    inside * inside * inside
}
