use covergen_imaging::Picture;

use super::{MAX_DISTANCE, MIN_QUALITY, Pdq, Print, Turn};

/// Soft and hard blobs, the same at every size.
fn blobs(width: u32, height: u32) -> Picture {
    let (wide, high) = (i64::from(width), i64::from(height));
    let mut rgba = Vec::new();
    for y in 0..high {
        for x in 0..wide {
            let (left, top) = (x * 1000 / wide, y * 1000 / high);
            for channel in 0..3 {
                let light: i64 = (1..9)
                    .map(|k| {
                        let (cx, cy) = (
                            (k * 377 + channel * 91) % 1000,
                            (k * 631 + channel * 53) % 1000,
                        );
                        let far = ((left - cx).pow(2) + (top - cy).pow(2)) / (40 * k + 60);
                        let strength = if k % 2 == 1 { 1 } else { 2 };
                        (255 - far).max(0) * strength / 2
                    })
                    .sum();
                rgba.push(u8::try_from(light.min(255)).unwrap());
            }
            rgba.push(255);
        }
    }
    Picture::new(width, height, rgba).unwrap()
}

/// What the reference implementation (PyPI `pdqhash` 0.2.8) says of them.
const REFERENCE: [(u32, u32, &str); 5] = [
    (
        300,
        200,
        "66ad9aa53974695d89b76e1cd35295549deeb097a7a42c494decaaa92a039156",
    ),
    (
        512,
        512,
        "66ac9aa53974e95589b76e1cd35295549deeb097a7a46c095decaaa92a039156",
    ),
    (
        97,
        331,
        "66addea539f4615589b72e145b5295549deeb097a6b42e094dacaaad2a039956",
    ),
    (
        64,
        64,
        "66bddea59ba4614da9b52e155b52d1549decb097a6b626494cacfaad2a039056",
    ),
    (
        1024,
        700,
        "66ac9ea53974695589b76e1cd35295549deeb097a7a42c495decaaa92a039156",
    ),
];

/// And of the first, turned: as it is, left, half, right, top to bottom, left
/// to right, along one diagonal, along the other.
const TURNED: [&str; 8] = [
    "66ad9aa53974695d89b76e1cd35295549deeb097a7a42c494decaaa92a039156",
    "4be569f7b4749c3e7c9e7a47c626c456c8eccc76e8acc1be849c021602c3a7a9",
    "33f9300f6c21c3f3dce084b286073feec8bb1a3df2f186a318b900035f563bfc",
    "1eb0c35de121369429cbd0ed93736ed49db966c4bdf96b14d1c9a89c57960503",
    "66ac655a397496aa89b491e3d3526abb9dee4f68a6a0d3b64cac55560a036ea9",
    "33f9cff06c213c00dce03b498607c011c8bbe5c2f2f1795c18b9fffc5f56c403",
    "4be59608b47663c17c9e85b8c6263ba9c8ec3399e8ac3f41949cfde90ac3d856",
    "1eb038a2e121c96b29cb2f12937391039db99923bdf994ebc1c943435796f2fc",
];

/// Bits that may differ because sums are rounded in another order.
const ROUNDING: u32 = 2;

#[test]
fn the_hash_is_that_of_the_reference_implementation() {
    for (width, height, expected) in REFERENCE {
        let print = Print::of(&blobs(width, height));
        let expected: Pdq = expected.parse().unwrap();
        let distance = print.hash().distance(expected);
        assert!(distance <= ROUNDING, "{width}×{height}: {distance} bits");
        assert_eq!(print.quality, 100);
    }
}

#[test]
fn the_turned_hashes_are_those_of_the_reference_implementation() {
    let print = Print::of(&blobs(300, 200));
    for (at, expected) in TURNED.iter().enumerate() {
        let expected: Pdq = expected.parse().unwrap();
        let distance = print.hashes[at].distance(expected);
        assert!(distance <= ROUNDING, "{:?}: {distance} bits", Turn::ALL[at]);
    }
}

/// The picture with every pixel taken from somewhere else.
fn moved(picture: &Picture, swaps: bool, from: impl Fn(u32, u32) -> (u32, u32)) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let (wide, high) = if swaps {
        (height, width)
    } else {
        (width, height)
    };
    let mut rgba = Vec::new();
    for y in 0..high {
        for x in 0..wide {
            let (x, y) = from(x, y);
            let at = (y * width + x) as usize * 4;
            rgba.extend_from_slice(&picture.rgba()[at..at + 4]);
        }
    }
    Picture::new(wide, high, rgba).unwrap()
}

#[test]
fn a_picture_is_known_however_it_is_turned() {
    let (width, height) = (300, 200);
    let original = blobs(width, height);
    let hash = Print::of(&original).hash();
    let turned = [
        moved(&original, false, |x, y| (x, y)),
        moved(&original, false, |x, y| (width - 1 - x, y)),
        moved(&original, false, |x, y| (x, height - 1 - y)),
        moved(&original, false, |x, y| (width - 1 - x, height - 1 - y)),
        moved(&original, true, |x, y| (y, x)),
        moved(&original, true, |x, y| (width - 1 - y, x)),
        moved(&original, true, |x, y| (y, height - 1 - x)),
        moved(&original, true, |x, y| (width - 1 - y, height - 1 - x)),
    ];
    let mut seen = Vec::new();
    for picture in turned {
        let (distance, turn) = Print::of(&picture).nearest(hash);
        assert!(distance <= MAX_DISTANCE, "{turn:?}: {distance} bits");
        assert!(!seen.contains(&turn), "{turn:?} twice");
        seen.push(turn);
    }
    assert_eq!(seen[0], Turn::None);
    assert_eq!(seen[1], Turn::FlipLeftRight);
    assert_eq!(seen[2], Turn::FlipTopBottom);
}

#[test]
fn a_changed_picture_is_near_and_another_one_is_far() {
    let hash = Print::of(&blobs(300, 200)).hash();
    // Larger than what is filtered at once, darker, and with a stamp on it.
    let large = blobs(2400, 1600);
    let mut rgba = large.into_rgba();
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at % 2400, at / 2400);
        for channel in &mut pixel[..3] {
            *channel = channel.saturating_sub(20);
            if x < 150 && y < 90 {
                *channel = 255;
            }
        }
    }
    let changed = Print::of(&Picture::new(2400, 1600, rgba).unwrap());
    assert!(changed.hash().distance(hash) <= MAX_DISTANCE);
    let other = moved(&blobs(300, 200), false, |x, y| {
        ((x + 150) % 300, (y * 7) % 200)
    });
    assert!(Print::of(&other).nearest(hash).0 > 2 * MAX_DISTANCE);
}

#[test]
fn a_plain_picture_has_no_quality() {
    let grey = Picture::new(200, 100, vec![128; 200 * 100 * 4]).unwrap();
    assert_eq!(Print::of(&grey).quality, 0);
    let ramp: Vec<u8> = (0..256 * 256)
        .flat_map(|at: usize| {
            let light = u8::try_from(at % 256 / 2).unwrap();
            [light, light, light, 255]
        })
        .collect();
    let ramp = Print::of(&Picture::new(256, 256, ramp).unwrap());
    assert!(ramp.quality < MIN_QUALITY, "{}", ramp.quality);
    for side in 1..4 {
        let tiny = Picture::new(side, 1, vec![200; side as usize * 4]).unwrap();
        assert_eq!(Print::of(&tiny).quality, 0);
    }
}

#[test]
fn a_hash_reads_as_it_prints() {
    let text = TURNED[0];
    assert_eq!(text.parse::<Pdq>().unwrap().to_string(), text);
    let upper: Pdq = text.to_uppercase().parse().unwrap();
    assert_eq!(upper.to_string(), text);
    for wrong in [
        "",
        "66ad",
        &format!("{}g", &text[..63]),
        &format!("{text}0"),
    ] {
        assert!(wrong.parse::<Pdq>().is_err(), "{wrong}");
    }
}
