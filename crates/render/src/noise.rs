//! Seeded randomness and smooth noise, identical on every machine.

/// A small counter-based generator (the SplitMix64 finaliser over a Weyl
/// sequence): one addition and one mix per draw, no state to misuse.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: u64,
}

fn mix64(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Rng {
    /// A stream of its own for every seed and purpose.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self {
            state: mix64(seed ^ mix64(purpose.wrapping_add(0x9E37_79B9_7F4A_7C15))),
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix64(self.state)
    }

    /// Uniform in `0.0..1.0`, with 24 bits.
    #[inline(always)]
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform in `low..high`.
    #[inline(always)]
    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }
}

/// Gradient noise on a lattice, in about `-1.0..1.0`.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    seed: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self {
            seed: Rng::new(seed, purpose).next(),
        }
    }

    #[inline(always)]
    fn gradient(&self, x: i32, y: i32, dx: f32, dy: f32) -> f32 {
        let key = (u64::from(x.cast_unsigned()) << 32) | u64::from(y.cast_unsigned());
        let hash = mix64(key ^ self.seed);
        // Sixteen bits each for two components in -1..1: directions are even
        // enough, and there is no trigonometry.
        let gx = (hash & 0xFFFF) as f32 / 32_768.0 - 1.0;
        let gy = ((hash >> 16) & 0xFFFF) as f32 / 32_768.0 - 1.0;
        gx * dx + gy * dy
    }

    /// One octave.
    #[inline(always)]
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = (x.floor(), y.floor());
        let (ix, iy) = (fx as i32, fy as i32);
        let (dx, dy) = (x - fx, y - fy);
        let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let (u, v) = (fade(dx), fade(dy));
        let top = crate::math::mix(
            self.gradient(ix, iy, dx, dy),
            self.gradient(ix.wrapping_add(1), iy, dx - 1.0, dy),
            u,
        );
        let bottom = crate::math::mix(
            self.gradient(ix, iy.wrapping_add(1), dx, dy - 1.0),
            self.gradient(ix.wrapping_add(1), iy.wrapping_add(1), dx - 1.0, dy - 1.0),
            u,
        );
        crate::math::mix(top, bottom, v) * 1.5
    }

    /// Several octaves, each half as strong and about twice as fine.
    #[inline(always)]
    pub(crate) fn octaves(&self, x: f32, y: f32, count: u32) -> f32 {
        let (mut sum, mut weight, mut scale) = (0.0, 1.0, 1.0);
        for octave in 0..count {
            let shift = octave as f32 * 17.31;
            sum += self.at(x * scale + shift, y * scale - shift) * weight;
            weight *= 0.5;
            scale *= 2.03;
        }
        sum
    }
}
