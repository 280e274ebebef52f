//! A cover without a platform: scene, pixels, file.

use std::fs;

use anyhow::Result;
use covergen_imaging::{Encoding, Picture, encode};
use covergen_render::{Brief, Catalog, Fonts, Preset, Renderer};

use crate::person::{Asked, TEMPLATE};
use crate::platform::on_cpu_ms;

pub(crate) const PRESET: &str = "youtube";

/// The renderer in a plain loop.
pub(crate) struct Bare {
    renderer: Renderer,
}

impl Bare {
    pub(crate) fn new() -> Self {
        let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
        Self {
            renderer: Renderer::new(Fonts::new(fonts)),
        }
    }

    /// What an account of the free tier is given: with the watermark.
    pub(crate) fn file(&self, asked: &Asked, encoding: Encoding) -> Result<Vec<u8>> {
        let brief = Brief {
            subtitle: Some(asked.subtitle.to_owned()),
            seed: asked.seed,
            watermark: true,
            ..Brief::new(asked.title.clone(), Preset::parse(PRESET)?.size)
        };
        let template = Catalog::builtin().get(TEMPLATE, None)?;
        let cover = self.renderer.render(&template.scene(&brief)?)?.picture;
        let picture = Picture::new(cover.width, cover.height, cover.rgba)?;
        Ok(encode(&picture, encoding)?)
    }
}

/// Processor time of this thread, from the kernel's scheduler, in
/// milliseconds.
pub(crate) fn cpu_ms() -> Result<f64> {
    on_cpu_ms(&fs::read_to_string("/proc/thread-self/schedstat")?)
}
