//! The pixels being drawn, and the shapes waiting to be rasterised onto them.

use vello_cpu::kurbo::{BezPath, Rect};
use vello_cpu::{PixmapMut, RasterizerSettings, RenderContext, Resources, TargetInit};

use super::Picture;
use crate::Color;
use crate::paint::Pixels;
use crate::scene::{Frame, Layer, Scene};

pub(super) struct Canvas<'a> {
    width: u16,
    height: u16,
    rgba: Vec<u8>,
    pub(super) context: &'a mut RenderContext,
    pub(super) resources: &'a mut Resources,
    has_pending: bool,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(
        scene: &Scene,
        context: &'a mut RenderContext,
        resources: &'a mut Resources,
    ) -> Self {
        // Validation keeps sides at or below 4096.
        let width = scene.size.width as u16;
        let height = scene.size.height as u16;
        context.reset_and_resize(width, height);
        let pixels = usize::from(width) * usize::from(height);
        let is_painted_over = matches!(scene.layers.first(), Some(Layer::Background(ground)) if ground.frame.is_none());
        let rgba = if is_painted_over {
            // A painter is about to write every pixel.
            vec![0; pixels * 4]
        } else {
            let Color { r, g, b, .. } = scene.base;
            [r, g, b, 255].repeat(pixels)
        };
        Self {
            width,
            height,
            rgba,
            context,
            resources,
            has_pending: false,
        }
    }

    pub(super) fn width(&self) -> usize {
        usize::from(self.width)
    }

    pub(super) fn height(&self) -> usize {
        usize::from(self.height)
    }

    /// The context, for drawing that will be rasterised with the next flush.
    pub(super) fn draw(&mut self) -> (&mut RenderContext, &mut Resources) {
        self.has_pending = true;
        (self.context, self.resources)
    }

    /// Forgets drawing that something opaque is about to cover.
    pub(super) fn discard_pending(&mut self) {
        if self.has_pending {
            self.context.reset();
            self.has_pending = false;
        }
    }

    /// Rasterises what is waiting.
    pub(super) fn flush(&mut self) {
        if !self.has_pending {
            return;
        }
        self.context.flush();
        let target = PixmapMut::new(self.width, self.height, &mut self.rgba)
            .expect("the buffer is made for this size");
        self.context.render_with(
            target,
            self.resources,
            RasterizerSettings {
                target_init: TargetInit::SrcOver,
                ..RasterizerSettings::default()
            },
        );
        self.context.reset();
        self.has_pending = false;
    }

    /// The pixels as they stand, nothing waiting.
    pub(super) fn pixels(&mut self) -> Pixels<'_> {
        self.flush();
        Pixels {
            width: self.width(),
            height: self.height(),
            rgba: &mut self.rgba,
        }
    }

    pub(super) fn finish(mut self) -> Picture {
        self.flush();
        // The rasteriser's 8-bit blending may leave an opaque pixel at 254.
        for pixel in self.rgba.chunks_exact_mut(4) {
            pixel[3] = 255;
        }
        Picture {
            width: u32::from(self.width),
            height: u32::from(self.height),
            rgba: self.rgba,
        }
    }
}

/// Pixel bounds of a frame, clipped to the canvas: `(x0, y0, x1, y1)`.
pub(super) fn clip(frame: &Frame, width: usize, height: usize) -> (usize, usize, usize, usize) {
    let low = |value: f32, side: usize| (value.floor().max(0.0) as usize).min(side);
    let high = |value: f32, side: usize| (value.ceil().max(0.0) as usize).min(side);
    (
        low(frame.x, width),
        low(frame.y, height),
        high(frame.right(), width),
        high(frame.bottom(), height),
    )
}

pub(super) fn solid(color: Color) -> vello_cpu::peniko::Color {
    vello_cpu::peniko::Color::from_rgba8(color.r, color.g, color.b, color.a)
}

pub(super) fn rect(frame: &Frame) -> Rect {
    Rect::new(
        f64::from(frame.x),
        f64::from(frame.y),
        f64::from(frame.right()),
        f64::from(frame.bottom()),
    )
}

/// The control distance that makes a cubic a quarter circle, to 0.03 %.
const KAPPA: f64 = 0.552_284_75;

/// A rectangle with round corners, built without trigonometry so that it is
/// the same path on every machine.
pub(super) fn round_rect(frame: &Frame, radius: f32) -> BezPath {
    rounded(frame, f64::from(radius), f64::from(radius))
}

/// An ellipse inside a frame.
pub(super) fn ellipse(frame: &Frame) -> BezPath {
    rounded(
        frame,
        f64::from(frame.width) / 2.0,
        f64::from(frame.height) / 2.0,
    )
}

fn rounded(frame: &Frame, radius_x: f64, radius_y: f64) -> BezPath {
    let Rect { x0, y0, x1, y1 } = rect(frame);
    let rx = radius_x.min((x1 - x0) / 2.0);
    let ry = radius_y.min((y1 - y0) / 2.0);
    let (kx, ky) = (rx * (1.0 - KAPPA), ry * (1.0 - KAPPA));
    let mut path = BezPath::new();
    path.move_to((x0 + rx, y0));
    path.line_to((x1 - rx, y0));
    path.curve_to((x1 - kx, y0), (x1, y0 + ky), (x1, y0 + ry));
    path.line_to((x1, y1 - ry));
    path.curve_to((x1, y1 - ky), (x1 - kx, y1), (x1 - rx, y1));
    path.line_to((x0 + rx, y1));
    path.curve_to((x0 + kx, y1), (x0, y1 - ky), (x0, y1 - ry));
    path.line_to((x0, y0 + ry));
    path.curve_to((x0, y0 + ky), (x0 + kx, y0), (x0 + rx, y0));
    path.close_path();
    path
}
