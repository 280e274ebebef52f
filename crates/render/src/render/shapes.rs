//! Shape layers.

use vello_cpu::PaintType;
use vello_cpu::kurbo::{self, BezPath};
use vello_cpu::peniko;

use super::canvas::{Canvas, ellipse, rect, round_rect, solid};
use crate::Error;
use crate::scene::{Fill, Geometry, LinearFill, Shape};

pub(super) fn draw(canvas: &mut Canvas<'_>, shape: &Shape) -> Result<(), Error> {
    let path = outline(&shape.geometry)?;
    let (context, _) = canvas.draw();
    if let Some(fill) = &shape.fill {
        context.set_paint(paint(fill, [0.0, 0.0], [1.0, 1.0]));
        match &shape.geometry {
            // Plain rectangles have a quicker way.
            Geometry::Rectangle { frame, radius } if *radius <= 0.0 => {
                context.fill_rect(&rect(frame));
            }
            _ => context.fill_path(&path),
        }
    }
    if let Some(stroke) = &shape.stroke {
        context.set_paint(solid(stroke.color));
        context.set_stroke(kurbo::Stroke::new(f64::from(stroke.width)));
        context.stroke_path(&path);
    }
    Ok(())
}

fn outline(geometry: &Geometry) -> Result<BezPath, Error> {
    match geometry {
        Geometry::Rectangle { frame, radius } => Ok(round_rect(frame, *radius)),
        Geometry::Ellipse { frame } => Ok(ellipse(frame)),
        Geometry::Path { data } => BezPath::from_svg(data)
            .map_err(|error| Error::scene("geometry.data", error.to_string())),
    }
}

/// A fill as the rasteriser's paint; gradient points are taken times `scale`
/// plus `origin`.
pub(super) fn paint(fill: &Fill, origin: [f32; 2], scale: [f32; 2]) -> PaintType {
    match fill {
        Fill::Solid { color } => solid(*color).into(),
        Fill::Linear(LinearFill { from, to, stops }) => {
            let point = |p: &[f32; 2]| {
                kurbo::Point::new(
                    f64::from(origin[0] + p[0] * scale[0]),
                    f64::from(origin[1] + p[1] * scale[1]),
                )
            };
            let stops: Vec<peniko::ColorStop> = stops
                .iter()
                .map(|stop| (stop.offset, solid(stop.color)).into())
                .collect();
            peniko::Gradient::new_linear(point(from), point(to))
                .with_stops(stops.as_slice())
                .into()
        }
    }
}
