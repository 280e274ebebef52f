//! Soft shadows of text.
//!
//! Glyphs are rasterised small, blurred there by three box passes (which
//! approach a Gaussian) and laid down enlarged: the wider the blur, the smaller
//! the picture it is made on, so that every blur costs about the same.

use vello_cpu::kurbo::Affine;
use vello_cpu::{PixmapMut, RasterizerSettings, TargetInit};

use super::canvas::{Canvas, solid};
use super::texts::{Mode, glyphs};
use crate::Color;
use crate::paint::Pixels;
use crate::scene::{Frame, Shadow};
use crate::text::Fitted;

/// Draws the shadow of a text; glyphs are drawn over it later.
pub(super) fn draw(canvas: &mut Canvas<'_>, origin: &Frame, fitted: &Fitted, shadow: &Shadow) {
    let em = fitted.size;
    let moved = Frame {
        x: origin.x + shadow.dx * em,
        y: origin.y + shadow.dy * em,
        ..*origin
    };
    let blur = shadow.blur * em;
    if blur < 0.75 {
        let (context, resources) = canvas.draw();
        context.set_paint(solid(shadow.color));
        glyphs(context, resources, &moved, fitted, Mode::Fill);
        return;
    }
    canvas.flush();
    let step = (blur / 3.0).floor().clamp(1.0, 16.0);
    let Some(mut mask) = Mask::around(canvas, &moved, blur, step) else {
        return;
    };
    rasterise(canvas, &moved, fitted, &mut mask);
    // Three boxes of radius r have the variance of a Gaussian of sigma r+1/2.
    let radius = ((blur / step) * 0.5).round().max(1.0) as usize;
    mask.blur(radius);
    composite(&mut canvas.pixels(), &mask, shadow.color);
}

/// Coverage on a coarse grid, one cell every `step` pixels.
struct Mask {
    x: f32,
    y: f32,
    step: f32,
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl Mask {
    fn around(canvas: &Canvas<'_>, frame: &Frame, blur: f32, step: f32) -> Option<Self> {
        let wide = frame.grown(blur * 2.0 + 2.0 * step + 0.3 * frame.height.min(blur * 2.0));
        let x = wide.x.max(-64.0).floor();
        let y = wide.y.max(-64.0).floor();
        let right = wide.right().min(canvas.width() as f32 + 64.0);
        let bottom = wide.bottom().min(canvas.height() as f32 + 64.0);
        if right <= x || bottom <= y {
            return None;
        }
        let width = ((right - x) / step).ceil() as usize + 1;
        let height = ((bottom - y) / step).ceil() as usize + 1;
        Some(Self {
            x,
            y,
            step,
            width,
            height,
            cover: vec![0.0; width * height],
        })
    }

    fn blur(&mut self, radius: usize) {
        let mut line = vec![0.0; self.width.max(self.height)];
        for _ in 0..3 {
            for y in 0..self.height {
                let row = &mut self.cover[y * self.width..(y + 1) * self.width];
                box_pass(row, 1, self.width, radius, &mut line);
            }
            for x in 0..self.width {
                box_pass(
                    &mut self.cover[x..],
                    self.width,
                    self.height,
                    radius,
                    &mut line,
                );
            }
        }
    }
}

/// One running-mean pass over `count` values that stand `stride` apart.
fn box_pass(values: &mut [f32], stride: usize, count: usize, radius: usize, line: &mut [f32]) {
    for (index, slot) in line[..count].iter_mut().enumerate() {
        *slot = values[index * stride];
    }
    let scale = 1.0 / (2 * radius + 1) as f32;
    let mut sum: f32 = line[..count.min(radius + 1)].iter().sum();
    for index in 0..count {
        values[index * stride] = sum * scale;
        if index + radius + 1 < count {
            sum += line[index + radius + 1];
        }
        if index >= radius {
            sum -= line[index - radius];
        }
    }
}

fn rasterise(canvas: &mut Canvas<'_>, origin: &Frame, fitted: &Fitted, mask: &mut Mask) {
    // Both sides are at most 4096 px plus a margin, over a step of at least 1.
    let (width, height) = (mask.width as u16, mask.height as u16);
    let (full_width, full_height) = (canvas.width() as u16, canvas.height() as u16);
    let mut rgba = vec![0; mask.width * mask.height * 4];
    let context = &mut *canvas.context;
    context.reset_and_resize(width, height);
    let scale = 1.0 / f64::from(mask.step);
    context.set_transform(
        Affine::scale(scale) * Affine::translate((-f64::from(mask.x), -f64::from(mask.y))),
    );
    context.set_paint(solid(Color::WHITE));
    glyphs(context, canvas.resources, origin, fitted, Mode::Fill);
    context.flush();
    let target = PixmapMut::new(width, height, &mut rgba).expect("the buffer is made for it");
    context.render_with(
        target,
        canvas.resources,
        RasterizerSettings {
            target_init: TargetInit::SrcOver,
            ..RasterizerSettings::default()
        },
    );
    context.reset_and_resize(full_width, full_height);
    for (cover, pixel) in mask.cover.iter_mut().zip(rgba.chunks_exact(4)) {
        *cover = f32::from(pixel[3]) / 255.0;
    }
}

/// Lays the mask down, enlarged by straight-line interpolation.
fn composite(pixels: &mut Pixels<'_>, mask: &Mask, color: Color) {
    let strength = f32::from(color.a) / 255.0;
    let tint = color.channels();
    let first_x = mask.x.max(0.0) as usize;
    let first_y = mask.y.max(0.0) as usize;
    let last_x =
        ((mask.x + (mask.width - 1) as f32 * mask.step).max(0.0) as usize).min(pixels.width);
    let last_y =
        ((mask.y + (mask.height - 1) as f32 * mask.step).max(0.0) as usize).min(pixels.height);
    let cell = |at: usize, start: f32, count: usize| {
        let place = ((at as f32 + 0.5 - start) / mask.step - 0.5).max(0.0);
        let index = (place as usize).min(count.saturating_sub(2));
        (index, (place - index as f32).min(1.0))
    };
    let columns: Vec<(usize, f32)> = (first_x..last_x)
        .map(|x| cell(x, mask.x, mask.width))
        .collect();
    for y in first_y..last_y {
        let (row, down) = cell(y, mask.y, mask.height);
        let above = &mask.cover[row * mask.width..];
        let below = &mask.cover[(row + 1).min(mask.height - 1) * mask.width..];
        let start = (y * pixels.width + first_x) * 4;
        let out = &mut pixels.rgba[start..(y * pixels.width + last_x) * 4];
        for (pixel, &(x, across)) in out.chunks_exact_mut(4).zip(&columns) {
            let top = above[x] + (above[x + 1] - above[x]) * across;
            let bottom = below[x] + (below[x + 1] - below[x]) * across;
            let share = (top + (bottom - top) * down) * strength;
            if share > 0.001 {
                for (channel, over) in pixel.iter_mut().zip(tint) {
                    let under = f32::from(*channel);
                    *channel = (under + (over - under) * share + 0.5) as u8;
                }
            }
        }
    }
}
