//! Scenes that are refused, and why.

use covergen_render::{Catalog, Error, Scene};
use serde_json::{Value, json};

use crate::{brief, renderer};

fn scene() -> Value {
    let template = Catalog::builtin().get("retro", None).unwrap();
    serde_json::to_value(template.scene(&brief("Focus", 320, 180)).unwrap()).unwrap()
}

/// Index of the layer of a kind.
fn layer(scene: &Value, kind: &str) -> usize {
    let layers = scene["layers"].as_array().unwrap();
    layers
        .iter()
        .position(|layer| layer["kind"] == kind)
        .unwrap()
}

fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut value = scene();
    change(&mut value);
    match serde_json::from_value::<Scene>(value) {
        Err(error) => error.to_string(),
        Ok(scene) => match renderer().render(&scene).unwrap_err() {
            error @ (Error::InvalidScene { .. }
            | Error::SizeOutOfRange { .. }
            | Error::UnknownFont { .. }
            | Error::ControlCharacter { .. }
            | Error::PictureMissing { .. }) => error.to_string(),
            other => panic!("{other:?} says nothing of the scene"),
        },
    }
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    assert!(refusal(|scene| scene["colour"] = json!(1)).contains("unknown field"));
    assert!(refusal(|scene| scene["size"]["depth"] = json!(1)).contains("unknown field"));
    assert!(refusal(|scene| scene["layers"][0]["blur"] = json!(1)).contains("unknown field"));
    assert!(
        refusal(|scene| {
            let flow = layer(scene, "flow");
            scene["layers"][flow]["items"][0]["shadow"]["spread"] = json!(1);
        })
        .contains("unknown field")
    );
}

#[test]
fn another_version_is_refused() {
    assert_eq!(
        refusal(|scene| scene["version"] = json!(2)),
        "version: 2 is not 1"
    );
}

#[test]
fn colours_must_be_colours() {
    let reason = refusal(|scene| scene["base"] = json!("red"));
    assert!(reason.contains("write #rrggbb"), "{reason}");
    assert_eq!(
        refusal(|scene| scene["base"] = json!("#11223344")),
        "base: must be opaque"
    );
}

#[test]
fn numbers_out_of_bounds_are_named_by_their_path() {
    let reason = refusal(|scene| {
        let flow = layer(scene, "flow");
        scene["layers"][flow]["frame"]["width"] = json!(1e9);
    });
    assert!(reason.contains("frame.width"), "{reason}");
    let reason = refusal(|scene| {
        let flow = layer(scene, "flow");
        scene["layers"][flow]["items"][0]["min_size"] = json!(1e6);
    });
    assert!(reason.contains("items[0].min_size"), "{reason}");
    let reason = refusal(|scene| scene["size"]["width"] = json!(100_000));
    assert!(reason.contains("64..=4096"), "{reason}");
    let reason = refusal(|scene| scene["layers"][0]["grain"] = json!(2));
    assert!(reason.contains("grain"), "{reason}");
}

#[test]
fn too_many_layers_are_refused() {
    let reason = refusal(|scene| {
        let first = scene["layers"][0].clone();
        scene["layers"] = Value::Array(vec![first; 65]);
    });
    assert!(reason.contains("more than 64"), "{reason}");
}

#[test]
fn an_unknown_font_is_named() {
    let reason = refusal(|scene| {
        let flow = layer(scene, "flow");
        scene["layers"][flow]["items"][0]["font"] = json!("comic-sans");
    });
    assert_eq!(reason, "no font is named `comic-sans`");
}

#[test]
fn a_bad_path_is_refused() {
    let reason = refusal(|scene| {
        scene["layers"][0] = json!({
            "kind": "shape",
            "geometry": { "type": "path", "data": "M 0 0 L nowhere" },
        });
    });
    assert!(reason.contains("geometry.data"), "{reason}");
}

#[test]
fn a_picture_that_was_not_supplied_is_named() {
    let reason = refusal(|scene| {
        scene["layers"][0] = json!({
            "kind": "picture",
            "name": "photo",
            "frame": { "x": 0, "y": 0, "width": 320, "height": 180 },
            "focus": [0.5, 0.5],
            "opacity": 1,
        });
    });
    assert!(reason.contains("`photo`"), "{reason}");
}

#[test]
fn rows_shapes_and_plates_render() {
    let mut value = scene();
    let flow = layer(&value, "flow");
    let mut label = value["layers"][flow]["items"][0].clone();
    label["role"] = json!("label");
    label["text"] = json!("NEW");
    (label["max_size"], label["min_size"]) = (json!(12), json!(8));
    label["plate"] = json!({ "color": "#000000", "pad_x": 0.5, "pad_y": 0.3, "radius": 0.5 });
    label["outline"] = json!({ "width": 0.05, "color": "#ff0000" });
    let rule = json!({ "kind": "rule", "width": 20, "height": 2, "radius": 1, "color": "#ffffff" });
    let row = json!({ "kind": "row", "gap": 6, "items": [rule, label] });
    value["layers"][flow]["items"]
        .as_array_mut()
        .unwrap()
        .insert(0, row);
    let shapes = [
        json!({ "type": "ellipse", "frame": { "x": 10, "y": 10, "width": 50, "height": 20 } }),
        json!({ "type": "path", "data": "M 0 0 L 40 0 L 0 40 Z" }),
    ];
    for geometry in shapes {
        value["layers"].as_array_mut().unwrap().insert(
            1,
            json!({
                "kind": "shape",
                "geometry": geometry,
                "fill": { "type": "linear", "from": [0, 0], "to": [60, 0], "stops": [
                    { "offset": 0, "color": "#ff0000" }, { "offset": 1, "color": "#0000ff" },
                ] },
                "stroke": { "width": 2, "color": "#00ff00" },
            }),
        );
    }
    let plain: Scene = serde_json::from_value(scene()).unwrap();
    let rich: Scene = serde_json::from_value(value).unwrap();
    let cover = renderer().render(&rich).unwrap();
    assert_eq!(cover.report.texts[0].lines, ["NEW"]);
    assert!(cover.report.texts[0].ink.as_ref().unwrap().wcag >= 4.5);
    assert!(cover.picture != renderer().render(&plain).unwrap().picture);
}
