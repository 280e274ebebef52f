//! The designs, one file each.

mod aurora;
mod burst;
mod contour;
mod frontpage;
mod gallery;
mod gig;
mod halftone;
mod horizon;
mod mosaic;
mod orbs;
mod papercut;
mod prism;
mod pulse;
mod retro;
mod silk;
mod sumi;
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
        gallery::template(),
        prism::template(),
        pulse::template(),
        horizon::template(),
        mosaic::template(),
        burst::template(),
        sumi::template(),
        frontpage::template(),
        gig::template(),
    ]
}
