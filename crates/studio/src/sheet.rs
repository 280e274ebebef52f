//! Contact sheets: templates × sizes × scripts, each cell drawn at its real
//! size, checked, and shown small.

mod page;
mod script;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use covergen_imaging::{Picture, resize};
use covergen_render::{Brief, Fonts, Photo, Renderer, Report, Size, Template};

use crate::{Design, Pictures, StudioError};

pub use script::Script;

/// Height of the row of cells, in pixels.
const CELL_HEIGHT: u32 = 190;
/// Widest cell.
const CELL_WIDTH: u32 = 440;
/// Name under which the sheet's photo is handed in.
const PHOTO: &str = "photo";

/// What a sheet shows.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// One section each.
    pub templates: Vec<&'static Template>,
    /// One column each: a label and a size.
    pub sizes: Vec<(String, Size)>,
    /// One row each.
    pub scripts: Vec<&'static Script>,
    /// Shown by every cell, where there is one.
    pub photo: Option<std::sync::Arc<Picture>>,
    /// Seed of the first cell; every cell has another.
    pub seed: u64,
}

/// One cover of a sheet.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Template.
    pub template: &'static str,
    /// Palette.
    pub palette: &'static str,
    /// Label of the size.
    pub size: String,
    /// Script.
    pub script: &'static str,
    /// Lowest WCAG contrast of its texts; `None` where it could not be drawn.
    pub contrast: Option<f32>,
    /// Strongest veil laid under a text, 0–1.
    pub scrim: f32,
    /// What is wrong with it; empty where it is fit to publish.
    pub problems: Vec<String>,
    /// The cover, made small; `None` where it could not be drawn.
    pub picture: Option<Picture>,
}

impl Sheet {
    /// Draws and checks every cell, in the order of templates, scripts and
    /// sizes, on as many threads as there are cores.
    #[must_use]
    pub fn draw(&self, fonts: &std::path::Path) -> Vec<Cell> {
        let renderer = Renderer::new(Fonts::new(fonts));
        let count = self.templates.len() * self.scripts.len() * self.sizes.len();
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Cell)>> = Mutex::new(Vec::with_capacity(count));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= count {
                            break;
                        }
                        let cell = self.cell(&renderer, index);
                        done.lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner)
                            .push((index, cell));
                    }
                });
            }
        });
        let mut done = done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, cell)| cell).collect()
    }

    /// The page that shows cells drawn by [`Sheet::draw`], with labels.
    ///
    /// # Errors
    /// The labels cannot be drawn, or the page would be too large.
    pub fn page(&self, cells: &[Cell], fonts: &std::path::Path) -> Result<Picture, StudioError> {
        page::compose(self, cells, &Renderer::new(Fonts::new(fonts)))
    }

    fn cell(&self, renderer: &Renderer, index: usize) -> Cell {
        let columns = self.sizes.len();
        let rows = self.scripts.len();
        let template = self.templates[index / (rows * columns)];
        let script = self.scripts[index / columns % rows];
        let (label, size) = &self.sizes[index % columns];
        // Neighbours show different palettes and seeds, so that one sheet shows
        // them all.
        let palette =
            &template.palettes[(index / columns % rows + index) % template.palettes.len()];
        let mut cell = Cell {
            template: template.id,
            palette: palette.id,
            size: label.clone(),
            script: script.id,
            contrast: None,
            scrim: 0.0,
            problems: Vec::new(),
            picture: None,
        };
        let brief = Brief {
            subtitle: Some(script.subtitle.to_owned()),
            kicker: (!index.is_multiple_of(3)).then(|| script.kicker.to_owned()),
            palette: Some(palette.id.to_owned()),
            seed: self.seed.wrapping_add(index as u64),
            watermark: index.is_multiple_of(2),
            photo: self.photo.as_ref().map(|_| Photo::new(PHOTO)),
            ..Brief::new(script.title, *size)
        };
        match self.cover(renderer, template, brief) {
            Ok((picture, report, problems)) => {
                cell.contrast = report.worst_contrast();
                cell.scrim = report
                    .texts
                    .iter()
                    .filter_map(|text| text.ink.as_ref().map(|ink| ink.scrim))
                    .fold(0.0, f32::max);
                cell.problems = problems;
                cell.picture = Some(picture);
            }
            Err(error) => cell.problems.push(error.to_string()),
        }
        cell
    }

    fn cover(
        &self,
        renderer: &Renderer,
        template: &Template,
        brief: Brief,
    ) -> Result<(Picture, Report, Vec<String>), StudioError> {
        let size = brief.size;
        let mut design = Design::new(template.id, template.version, brief);
        if let Some(photo) = &self.photo {
            design.pictures = Pictures::from_iter([(PHOTO, std::sync::Arc::clone(photo))]);
        }
        let scene = design.scene()?;
        let rendered = renderer.render_with(&scene, &design.pictures.lend())?;
        let problems = rendered.report.problems(&scene);
        let problems = problems.iter().map(ToString::to_string).collect();
        let picture = Picture::new(size.width, size.height, rendered.picture.rgba)?;
        let (width, height) = cell_size(size);
        let small = resize(&picture, width, height)?;
        Ok((small, rendered.report, problems))
    }
}

/// The size at which a cover is shown.
fn cell_size(size: Size) -> (u32, u32) {
    let scaled = |side: u32, of: u32, to: u32| {
        u32::try_from(u64::from(side) * u64::from(to) / u64::from(of))
            .unwrap_or(to)
            .max(1)
    };
    let width = scaled(size.width, size.height, CELL_HEIGHT);
    if width <= CELL_WIDTH {
        (width, CELL_HEIGHT)
    } else {
        (CELL_WIDTH, scaled(size.height, size.width, CELL_WIDTH))
    }
}
