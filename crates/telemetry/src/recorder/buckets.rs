/// Seconds: from an in-process hop to a bulk export, with a bound at each
/// figure that alerts ask about.
const SECONDS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0,
    5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Bytes: powers of four from 256 B to 64 MiB.
const BYTES: &[f64] = &[
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Anything else that is counted in ones.
pub(super) const OTHER: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 5_000.0, 10_000.0,
];

/// Upper bounds by the unit that ends a metric's name.
pub(super) const BY_SUFFIX: [(&str, &[f64]); 2] = [("_seconds", SECONDS), ("_bytes", BYTES)];

/// Upper bounds of a histogram's buckets.
pub(super) fn of(name: &str) -> &'static [f64] {
    BY_SUFFIX
        .iter()
        .find(|(suffix, _)| name.ends_with(suffix))
        .map_or(OTHER, |(_, bounds)| bounds)
}
