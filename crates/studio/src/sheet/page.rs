//! A sheet's page: sections of cells, with labels set by the renderer itself.

use covergen_imaging::Picture;
use covergen_render::scene::{
    Align, Flow, Frame, Item, Layer, LetterCase, Role, SCENE_VERSION, TextItem, Weight, Writing,
};
use covergen_render::{Color, Renderer, Scene, Size};

use super::{CELL_HEIGHT, Cell, Sheet, cell_size};
use crate::StudioError;

const MARGIN: u32 = 28;
const GAP: u32 = 10;
/// Height of a section's heading.
const HEAD: u32 = 64;
/// Height of the line of text under a cell.
const CAPTION: u32 = 22;
const PAPER: Color = Color::rgb(0xf4, 0xf3, 0xef);
const INK: Color = Color::rgb(0x1c, 0x1b, 0x19);
const FAULT: Color = Color::rgb(0xc4, 0x1e, 0x1e);

/// The page under construction.
struct Page {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

/// Lays the cells out: a section per template, sections in as many columns as
/// make the page about square.
pub(super) fn compose(
    sheet: &Sheet,
    cells: &[Cell],
    renderer: &Renderer,
) -> Result<Picture, StudioError> {
    let row_width: u32 = sheet
        .sizes
        .iter()
        .map(|(_, size)| cell_size(*size).0 + GAP)
        .sum();
    let section_width = row_width.max(320) + MARGIN;
    let row_height = CELL_HEIGHT + CAPTION + GAP;
    let rows = u32::try_from(sheet.scripts.len()).unwrap_or(u32::MAX);
    let section_height = HEAD + rows * row_height + MARGIN;
    let count = u32::try_from(sheet.templates.len())
        .unwrap_or(u32::MAX)
        .max(1);
    let columns = (1..=count)
        .find(|columns| columns * section_width >= count.div_ceil(*columns) * section_height)
        .unwrap_or(count);
    let width = MARGIN + columns * section_width;
    let height = MARGIN + count.div_ceil(columns) * section_height;
    // The picture's own bounds are checked before anything is allocated.
    Picture::new(width, 1, vec![0; width as usize * 4])?;
    Picture::new(1, height, vec![0; height as usize * 4])?;
    let mut page = Page {
        width,
        height,
        rgba: [PAPER.r, PAPER.g, PAPER.b, 255].repeat(width as usize * height as usize),
    };
    for (index, section) in cells
        .chunks(sheet.scripts.len() * sheet.sizes.len())
        .enumerate()
    {
        let index = u32::try_from(index).unwrap_or(0);
        let x = MARGIN + index % columns * section_width;
        let y = MARGIN + index / columns * section_height;
        page.section(sheet, section, renderer, x, y)?;
    }
    Ok(Picture::new(page.width, page.height, page.rgba)?)
}

impl Page {
    fn section(
        &mut self,
        sheet: &Sheet,
        cells: &[Cell],
        renderer: &Renderer,
        x: u32,
        y: u32,
    ) -> Result<(), StudioError> {
        let Some(first) = cells.first() else {
            return Ok(());
        };
        let name = sheet
            .templates
            .iter()
            .find(|template| template.id == first.template)
            .map_or(first.template, |template| template.name);
        let label = label(name, 34.0, INK, "space-grotesk-bold", 900, 44, renderer)?;
        self.lay(&label, x, y + 6);
        let mut top = y + HEAD;
        for row in cells.chunks(sheet.sizes.len()) {
            let mut left = x;
            for (cell, (_, size)) in row.iter().zip(&sheet.sizes) {
                self.cell(cell, *size, renderer, left, top)?;
                left += cell_size(*size).0 + GAP;
            }
            top += CELL_HEIGHT + CAPTION + GAP;
        }
        Ok(())
    }

    fn cell(
        &mut self,
        cell: &Cell,
        size: Size,
        renderer: &Renderer,
        x: u32,
        y: u32,
    ) -> Result<(), StudioError> {
        let (width, height) = cell_size(size);
        let is_fault = !cell.problems.is_empty();
        if is_fault {
            self.fill(
                x.saturating_sub(4),
                y.saturating_sub(4),
                width + 8,
                height + 8,
                FAULT,
            );
        }
        match &cell.picture {
            Some(picture) => self.lay(picture, x, y),
            None => self.fill(x, y, width, height, Color::rgb(0xdd, 0xda, 0xd2)),
        }
        let contrast = cell
            .contrast
            .map_or_else(|| "not drawn".to_owned(), |ratio| format!("{ratio:.1}:1"));
        let text = format!("{} {contrast}", cell.size);
        let color = if is_fault { FAULT } else { INK };
        let caption = label(
            &text,
            13.0,
            color,
            "inter-medium",
            width.max(96),
            CAPTION,
            renderer,
        )?;
        self.lay(&caption, x, y + height + 4);
        Ok(())
    }

    /// Copies a picture to a place, cut at the page's edges.
    fn lay(&mut self, picture: &Picture, x: u32, y: u32) {
        let columns = picture.width().min(self.width.saturating_sub(x)) as usize * 4;
        let rows = picture.height().min(self.height.saturating_sub(y));
        let stride = picture.width() as usize * 4;
        for row in 0..rows {
            let from = row as usize * stride;
            let to = ((y + row) as usize * self.width as usize + x as usize) * 4;
            self.rgba[to..to + columns].copy_from_slice(&picture.rgba()[from..from + columns]);
        }
    }

    fn fill(&mut self, x: u32, y: u32, width: u32, height: u32, color: Color) {
        let pixel = [color.r, color.g, color.b, 255];
        for row in y..(y + height).min(self.height) {
            let start = (row as usize * self.width as usize + x as usize) * 4;
            let count = width.min(self.width.saturating_sub(x)) as usize;
            for out in self.rgba[start..start + count * 4].chunks_exact_mut(4) {
                out.copy_from_slice(&pixel);
            }
        }
    }
}

/// A line of text on the page's paper.
fn label(
    text: &str,
    size: f32,
    color: Color,
    font: &str,
    width: u32,
    height: u32,
    renderer: &Renderer,
) -> Result<Picture, StudioError> {
    let size_px = Size::new(width.max(64), height.max(64))?;
    let item = TextItem {
        text: text.to_owned(),
        role: Role::Label,
        font: font.to_owned(),
        weight: Weight::Text,
        max_size: size,
        min_size: (size * 0.5).max(4.0),
        max_lines: 1,
        line_height: 1.1,
        tracking: 0.0,
        case: LetterCase::AsWritten,
        writing: Writing::Horizontal,
        colors: vec![color],
        fill: None,
        outline: None,
        shadow: None,
        highlight: None,
        plate: None,
        optional: false,
        language: None,
    };
    let scene = Scene {
        version: SCENE_VERSION,
        size: size_px,
        base: PAPER,
        layers: vec![Layer::Flow(Flow {
            frame: Frame::new(0.0, 2.0, size_px.width as f32, height as f32 - 4.0),
            vertical: Align::Start,
            horizontal: Align::Start,
            gap: 0.0,
            items: vec![Item::Text(item)],
        })],
        origin: None,
    };
    let rendered = renderer.render(&scene)?.picture;
    // The smallest scene is higher than a line: the rest is cut off.
    let mut rgba = rendered.rgba;
    rgba.truncate(size_px.width as usize * height as usize * 4);
    Ok(Picture::new(size_px.width, height, rgba)?)
}
