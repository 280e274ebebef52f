//! The cover renderer: scene, layout, text, paint.
//!
//! A [`Brief`] and a [`Template`] make a [`Scene`]; a [`Renderer`] turns the
//! scene into pixels. The scene is data: it is stored, edited and rendered
//! again, and the same scene with the same fonts gives the same bytes on every
//! run, thread and x86-64 processor.
//!
//! ```
//! use covergen_render::{Brief, Catalog, Fonts, Preset, Renderer};
//!
//! # fn main() -> Result<(), covergen_render::Error> {
//! let renderer = Renderer::new(Fonts::new("assets/fonts/fetched"));
//! let template = Catalog::builtin().get("aurora", None)?;
//! let size = Preset::parse("thumbnail")?.size;
//! let scene = template.scene(&Brief::new("From a title to a cover", size))?;
//! let cover = renderer.render(&scene)?;
//! assert_eq!(cover.picture.rgba.len(), 320 * 180 * 4);
//! # Ok(())
//! # }
//! ```
//!
//! Invariants
//! - No text leaves its frame, and no character is drawn as a box: what does
//!   not fit is set smaller, then cut with an ellipsis; what no font draws is
//!   an [`Error::GlyphMissing`].
//! - Every text has a contrast of at least 4.5:1 at the worst pixel under it.
//! - A render runs on the calling thread; [`Renderer`] is `Sync` and is shared.
//! - No platform mathematics: transcendental functions are this crate's own or
//!   those of `libm`.
//!
//! Modules in reading order: `brief`, `preset`, `template`, `scene`, `render`,
//! `text`, `fonts`, `typeface`, `paint`, `color`, `palette`, `report`,
//! `check`; `math` and `noise` below all.

mod brief;
mod check;
mod color;
mod error;
mod fonts;
mod math;
mod noise;
mod paint;
pub mod palette;
mod preset;
mod render;
mod report;
pub mod scene;
mod template;
mod text;
mod typeface;

pub use brief::{
    Brief, MAX_KICKER_GRAPHEMES, MAX_SUBTITLE_GRAPHEMES, MAX_TEXT_BYTES, MAX_TITLE_GRAPHEMES,
    Photo, PhotoTreatment,
};
pub use check::{MIN_CONTRAST, Problem};
pub use color::{Color, apca, wcag};
pub use error::Error;
pub use fonts::Fonts;
pub use preset::{MAX_SIDE_PX, MIN_SIDE_PX, Preset, SafeArea, Size};
pub use render::{Picture, Rendered, Renderer};
pub use report::{InkReport, Report, TextReport};
pub use scene::{PictureRef, Pictures, Scene};
pub use template::{Catalog, Category, Palette, PhotoStyle, Template, TemplateDocument};
pub use typeface::Typeface;
