//! The eight ways to turn and mirror a picture, done to its frequencies: that
//! is swapping rows with columns and changing signs.

use super::{KEPT, Waves};

/// One of the eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    None,
    Left90,
    Half,
    Right90,
    FlipTopBottom,
    FlipLeftRight,
    Transpose,
    Transverse,
}

impl Turn {
    /// All of them, the one that changes nothing first.
    pub(crate) const ALL: [Self; 8] = [
        Self::None,
        Self::Left90,
        Self::Half,
        Self::Right90,
        Self::FlipTopBottom,
        Self::FlipLeftRight,
        Self::Transpose,
        Self::Transverse,
    ];

    /// The frequencies of the picture after this turn.
    pub(super) fn apply(self, waves: &Waves) -> Waves {
        let (swaps, mirrors_rows, mirrors_columns) = match self {
            Self::None => (false, false, false),
            Self::Left90 => (true, true, false),
            Self::Half => (false, true, true),
            Self::Right90 => (true, false, true),
            Self::FlipTopBottom => (false, true, false),
            Self::FlipLeftRight => (false, false, true),
            Self::Transpose => (true, false, false),
            Self::Transverse => (true, true, true),
        };
        let mut turned = [[0.0; KEPT]; KEPT];
        for (row, out) in turned.iter_mut().enumerate() {
            for (column, wave) in out.iter_mut().enumerate() {
                let from = if swaps {
                    waves[column][row]
                } else {
                    waves[row][column]
                };
                // Mirrored, an odd wave is its own negative. The first index
                // is frequency 1, so even indices are odd waves.
                let negates =
                    (mirrors_rows && row % 2 == 0) != (mirrors_columns && column % 2 == 0);
                *wave = if negates { -from } else { from };
            }
        }
        turned
    }
}
