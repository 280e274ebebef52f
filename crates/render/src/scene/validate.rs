//! The bounds of a scene.

use super::{
    Background, Fill, Flow, Frame, Geometry, Item, Layer, Mask, PictureLayer, SCENE_VERSION, Scene,
    Shape, TextItem, Watermark,
};
use crate::{Error, Size, brief};

const MAX_LAYERS: usize = 64;
const MAX_ITEMS: usize = 32;
const MAX_PATH_BYTES: usize = 16 * 1024;
/// Coordinates beyond this are a mistake, and would cost memory to rasterise.
const MAX_COORDINATE: f32 = 20_000.0;

type Check = Result<(), Error>;

pub(super) fn scene(scene: &Scene) -> Check {
    if scene.version != SCENE_VERSION {
        return Err(Error::scene(
            "version",
            format!("{} is not {SCENE_VERSION}", scene.version),
        ));
    }
    Size::new(scene.size.width, scene.size.height)?;
    if scene.base.a != 255 {
        return Err(Error::scene("base", "must be opaque"));
    }
    if scene.layers.len() > MAX_LAYERS {
        return Err(Error::scene("layers", format!("more than {MAX_LAYERS}")));
    }
    for (index, layer) in scene.layers.iter().enumerate() {
        let path = format!("layers[{index}]");
        match layer {
            Layer::Background(layer) => background(layer, &path),
            Layer::Picture(layer) => picture(layer, &path),
            Layer::Shape(layer) => shape(layer, &path),
            Layer::Flow(layer) => flow(layer, &path),
            Layer::Watermark(layer) => watermark(layer, &path),
        }?;
    }
    Ok(())
}

fn number(value: f32, low: f32, high: f32, path: &str, field: &str) -> Check {
    // A NaN fails the comparison as well.
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Error::scene(
            format!("{path}.{field}"),
            format!("{value} is outside {low}..={high}"),
        ))
    }
}

fn frame(value: &Frame, path: &str) -> Check {
    number(value.x, -MAX_COORDINATE, MAX_COORDINATE, path, "x")?;
    number(value.y, -MAX_COORDINATE, MAX_COORDINATE, path, "y")?;
    number(value.width, 1.0, MAX_COORDINATE, path, "width")?;
    number(value.height, 1.0, MAX_COORDINATE, path, "height")
}

fn background(layer: &Background, path: &str) -> Check {
    if !(2..=8).contains(&layer.colors.len()) {
        return Err(Error::scene(
            format!("{path}.colors"),
            "needs 2 to 8 colours",
        ));
    }
    if layer.colors.iter().any(|color| color.a != 255) {
        return Err(Error::scene(format!("{path}.colors"), "must be opaque"));
    }
    if let Some(calm) = &layer.calm {
        frame(calm, &format!("{path}.calm"))?;
    }
    if let Some(place) = &layer.frame {
        frame(place, &format!("{path}.frame"))?;
    }
    mask(layer.mask, path)?;
    number(layer.grain, 0.0, 1.0, path, "grain")
}

fn picture(layer: &PictureLayer, path: &str) -> Check {
    if layer.name.is_empty() || layer.name.len() > 128 {
        return Err(Error::scene(format!("{path}.name"), "needs 1 to 128 bytes"));
    }
    frame(&layer.frame, &format!("{path}.frame"))?;
    number(layer.focus[0], 0.0, 1.0, path, "focus[0]")?;
    number(layer.focus[1], 0.0, 1.0, path, "focus[1]")?;
    if let Some(tones) = &layer.tones
        && (!(2..=5).contains(&tones.len()) || tones.iter().any(|tone| tone.a != 255))
    {
        return Err(Error::scene(
            format!("{path}.tones"),
            "needs 2 to 5 opaque colours",
        ));
    }
    mask(layer.mask, path)?;
    number(layer.opacity, 0.0, 1.0, path, "opacity")
}

fn mask(value: Option<Mask>, path: &str) -> Check {
    match value {
        Some(Mask::Round { radius }) => number(radius, 0.0, MAX_COORDINATE, path, "mask.radius"),
        Some(Mask::Ellipse | Mask::Arch) | None => Ok(()),
    }
}

fn shape(layer: &Shape, path: &str) -> Check {
    let inner = format!("{path}.geometry");
    match &layer.geometry {
        Geometry::Rectangle { frame: at, radius } => {
            frame(at, &inner)?;
            number(*radius, 0.0, MAX_COORDINATE, &inner, "radius")?;
        }
        Geometry::Ellipse { frame: at } => frame(at, &inner)?,
        Geometry::Path { data } => {
            if data.len() > MAX_PATH_BYTES {
                return Err(Error::scene(format!("{inner}.data"), "longer than 16 KiB"));
            }
            vello_cpu::kurbo::BezPath::from_svg(data)
                .map_err(|error| Error::scene(format!("{inner}.data"), error.to_string()))?;
        }
    }
    if let Some(value) = &layer.fill {
        fill(value, &format!("{path}.fill"))?;
    }
    if let Some(stroke) = &layer.stroke {
        number(stroke.width, 0.0, 512.0, path, "stroke.width")?;
    }
    Ok(())
}

fn fill(value: &Fill, path: &str) -> Check {
    let Fill::Linear(linear) = value else {
        return Ok(());
    };
    for point in [linear.from, linear.to] {
        number(point[0], -MAX_COORDINATE, MAX_COORDINATE, path, "point[0]")?;
        number(point[1], -MAX_COORDINATE, MAX_COORDINATE, path, "point[1]")?;
    }
    if !(2..=8).contains(&linear.stops.len()) {
        return Err(Error::scene(format!("{path}.stops"), "needs 2 to 8 stops"));
    }
    let mut last = 0.0;
    for stop in &linear.stops {
        number(stop.offset, last, 1.0, path, "stops.offset")?;
        last = stop.offset;
    }
    Ok(())
}

fn flow(layer: &Flow, path: &str) -> Check {
    frame(&layer.frame, &format!("{path}.frame"))?;
    number(layer.gap, 0.0, 2048.0, path, "gap")?;
    items(&layer.items, path, true)
}

fn items(list: &[Item], path: &str, rows_allowed: bool) -> Check {
    if list.is_empty() || list.len() > MAX_ITEMS {
        return Err(Error::scene(
            format!("{path}.items"),
            format!("needs 1 to {MAX_ITEMS} items"),
        ));
    }
    for (index, item) in list.iter().enumerate() {
        let path = format!("{path}.items[{index}]");
        match item {
            Item::Text(item) => text(item, &path)?,
            Item::Rule(rule) => {
                number(rule.width, 1.0, MAX_COORDINATE, &path, "width")?;
                number(rule.height, 0.5, MAX_COORDINATE, &path, "height")?;
                number(rule.radius, 0.0, MAX_COORDINATE, &path, "radius")?;
            }
            Item::Row(row) if rows_allowed => {
                number(row.gap, 0.0, 2048.0, &path, "gap")?;
                items(&row.items, &path, false)?;
            }
            Item::Row(_) => return Err(Error::scene(path, "rows do not nest")),
            Item::Spacer(spacer) => number(spacer.grow, 0.0, 100.0, &path, "grow")?,
        }
    }
    Ok(())
}

fn text(item: &TextItem, path: &str) -> Check {
    brief::check_text("text", &item.text, brief::MAX_SUBTITLE_GRAPHEMES)?;
    if item.text.trim().is_empty() {
        return Err(Error::scene(format!("{path}.text"), "is empty"));
    }
    if item.font.len() > 64 {
        return Err(Error::scene(format!("{path}.font"), "longer than 64 bytes"));
    }
    number(item.max_size, 4.0, 4096.0, path, "max_size")?;
    number(item.min_size, 4.0, item.max_size, path, "min_size")?;
    if !(1..=64).contains(&item.max_lines) {
        return Err(Error::scene(
            format!("{path}.max_lines"),
            "is outside 1..=64",
        ));
    }
    number(item.line_height, 0.7, 3.0, path, "line_height")?;
    number(item.tracking, -0.2, 1.0, path, "tracking")?;
    if !(1..=8).contains(&item.colors.len()) || item.colors.iter().any(|color| color.a != 255) {
        return Err(Error::scene(
            format!("{path}.colors"),
            "needs 1 to 8 opaque colours",
        ));
    }
    if let Some(value) = &item.fill {
        fill(value, &format!("{path}.fill"))?;
    }
    if let Some(outline) = &item.outline {
        number(outline.width, 0.0, 0.5, path, "outline.width")?;
    }
    if let Some(shadow) = &item.shadow {
        number(shadow.dx, -2.0, 2.0, path, "shadow.dx")?;
        number(shadow.dy, -2.0, 2.0, path, "shadow.dy")?;
        number(shadow.blur, 0.0, 2.0, path, "shadow.blur")?;
    }
    if let Some(box_) = &item.highlight {
        if box_.color.a != 255 {
            return Err(Error::scene(
                format!("{path}.highlight.color"),
                "must be opaque",
            ));
        }
        number(box_.pad_x, 0.0, 2.0, path, "highlight.pad_x")?;
        number(box_.pad_y, 0.0, 2.0, path, "highlight.pad_y")?;
        number(box_.radius, 0.0, 2.0, path, "highlight.radius")?;
    }
    if let Some(plate) = &item.plate {
        number(plate.pad_x, 0.0, 4.0, path, "plate.pad_x")?;
        number(plate.pad_y, 0.0, 4.0, path, "plate.pad_y")?;
        number(plate.radius, 0.0, 4.0, path, "plate.radius")?;
    }
    Ok(())
}

fn watermark(layer: &Watermark, path: &str) -> Check {
    let letters = layer.text.chars().count();
    if !(1..=24).contains(&letters) || layer.text.chars().any(char::is_control) {
        return Err(Error::scene(
            format!("{path}.text"),
            "needs 1 to 24 characters",
        ));
    }
    frame(&layer.frame, &format!("{path}.frame"))?;
    number(layer.anchor[0], 0.0, 1.0, path, "anchor[0]")?;
    number(layer.anchor[1], 0.0, 1.0, path, "anchor[1]")?;
    number(layer.height, 4.0, 1024.0, path, "height")
}
