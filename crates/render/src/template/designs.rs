//! The designs, one file each.

mod aurora;
mod contour;
mod halftone;
mod orbs;
mod papercut;
mod retro;
mod silk;
mod swiss;

use super::Template;

pub(super) fn all() -> Vec<Template> {
    vec![
        aurora::template(),
        swiss::template(),
        orbs::template(),
        contour::template(),
        papercut::template(),
        retro::template(),
        silk::template(),
        halftone::template(),
    ]
}
