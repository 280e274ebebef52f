//! Scenes to pixels.
//!
//! Layers are drawn in order. Painted grounds write pixels directly; shapes
//! and glyphs are collected and rasterised in one pass. Before a text is drawn
//! the pixels under it are read, and its colour follows from them.

mod canvas;
mod flow;
mod guard;
mod mask;
mod picture;
mod shadow;
mod shapes;
mod texts;
mod tones;
mod watermark;

use std::sync::{Mutex, PoisonError};

use canvas::Canvas;

use crate::report::Report;
use crate::scene::{Layer, Pictures, Scene};
use crate::text::Shaper;
use crate::{Error, Fonts, paint};

/// Covers above this many pixels give their buffers back instead of keeping
/// them for the next one.
const KEPT_SCRATCH_PIXELS: usize = 2_500_000;
/// Most sets of buffers kept, whatever the number of threads.
const MAX_KEPT_SCRATCH: usize = 16;

/// The finished pixels of a cover.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 4` bytes, row by row; every alpha is 255.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

/// A cover and what is worth knowing of how it came out.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The pixels.
    pub picture: Picture,
    /// Sizes, lines and contrasts.
    pub report: Report,
}

/// Renders scenes. Share one among threads: each render runs on the calling
/// thread alone, and buffers are reused from one to the next.
pub struct Renderer {
    fonts: Fonts,
    level: vello_cpu::Level,
    pool: Mutex<Vec<Scratch>>,
}

/// What one render needs and the next can use again.
struct Scratch {
    shaper: Shaper,
    context: vello_cpu::RenderContext,
    resources: vello_cpu::Resources,
    paint: paint::Scratch,
}

impl Renderer {
    /// A renderer with these fonts.
    #[must_use]
    pub fn new(fonts: Fonts) -> Self {
        let level = vello_cpu::Level::try_detect().unwrap_or(vello_cpu::Level::baseline());
        Self::with_level(fonts, level)
    }

    /// A renderer that uses only what every processor of this architecture
    /// has. Slower, with the same pixels: tests hold the two against each
    /// other.
    #[must_use]
    pub fn portable(fonts: Fonts) -> Self {
        Self::with_level(fonts, vello_cpu::Level::baseline())
    }

    fn with_level(fonts: Fonts, level: vello_cpu::Level) -> Self {
        Self {
            fonts,
            level,
            pool: Mutex::new(Vec::new()),
        }
    }

    /// The fonts it draws with.
    #[must_use]
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// Renders a scene that shows no pictures.
    ///
    /// # Errors
    /// An invalid scene, a missing font, or a character that no font draws.
    pub fn render(&self, scene: &Scene) -> Result<Rendered, Error> {
        self.render_with(scene, &Pictures::new())
    }

    /// Renders a scene with the pictures it shows.
    ///
    /// # Errors
    /// As [`Renderer::render`], and [`Error::PictureMissing`].
    pub fn render_with(&self, scene: &Scene, pictures: &Pictures<'_>) -> Result<Rendered, Error> {
        scene.validate()?;
        let mut scratch = self.take();
        let result = self.draw(&mut scratch, scene, pictures);
        self.give_back(scratch, scene);
        result
    }

    /// Lays out the texts of a scene without painting anything: sizes, lines
    /// and cuts, but no colours or contrasts.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub fn lay_out(&self, scene: &Scene) -> Result<Report, Error> {
        scene.validate()?;
        let mut scratch = self.take();
        let mut report = Report::default();
        let mut lay_out = || -> Result<(), Error> {
            for layer in &scene.layers {
                if let Layer::Flow(flow) = layer {
                    for placed in flow::lay_out(&mut scratch.shaper, &self.fonts, flow)? {
                        report.texts.extend(placed.report());
                    }
                }
            }
            Ok(())
        };
        let result = lay_out();
        self.give_back(scratch, scene);
        result.map(|()| report)
    }

    fn draw(
        &self,
        scratch: &mut Scratch,
        scene: &Scene,
        pictures: &Pictures<'_>,
    ) -> Result<Rendered, Error> {
        let mut report = Report::default();
        let Scratch {
            shaper,
            context,
            resources,
            paint,
        } = scratch;
        let mut canvas = Canvas::new(scene, context, resources);
        for layer in &scene.layers {
            match layer {
                Layer::Background(background) if let Some(frame) = &background.frame => {
                    picture::paint_within(&mut canvas, background, frame, self.level, paint);
                }
                Layer::Background(background) => {
                    canvas.discard_pending();
                    paint::paint(self.level, background, &mut canvas.pixels(), paint);
                }
                Layer::Picture(layer) => picture::draw(&mut canvas, layer, pictures)?,
                Layer::Shape(shape) => shapes::draw(&mut canvas, shape)?,
                Layer::Flow(flow) => {
                    let placed = flow::lay_out(shaper, &self.fonts, flow)?;
                    texts::draw(&mut canvas, &placed, &mut report);
                }
                Layer::Watermark(mark) => {
                    watermark::draw(&mut canvas, shaper, &self.fonts, mark)?;
                }
            }
        }
        Ok(Rendered {
            picture: canvas.finish(),
            report,
        })
    }

    fn take(&self) -> Scratch {
        let kept = self
            .pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        kept.unwrap_or_else(|| Scratch {
            shaper: Shaper::new(),
            context: vello_cpu::RenderContext::new_with(
                16,
                16,
                vello_cpu::RenderSettings {
                    level: self.level,
                    num_threads: 0,
                },
            ),
            resources: vello_cpu::Resources::new(),
            paint: paint::Scratch::default(),
        })
    }

    fn give_back(&self, scratch: Scratch, scene: &Scene) {
        let pixels = scene.size.width as usize * scene.size.height as usize;
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pixels <= KEPT_SCRATCH_PIXELS && pool.len() < MAX_KEPT_SCRATCH {
            pool.push(scratch);
        }
    }
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer")
            .field("fonts", &self.fonts)
            .finish()
    }
}
