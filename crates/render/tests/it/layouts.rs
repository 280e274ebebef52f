//! Every text in every template at every size: set, inside the page, apart
//! from its neighbours, and not cut.

use covergen_render::scene::{Layer, Role};
use covergen_render::{Brief, Catalog, Preset, SafeArea, Scene, Size, TextReport};

use crate::{TITLES, brief, longest_han, renderer};

fn check(scene: &Scene, texts: &[TextReport], what: &str) {
    let (width, height) = (scene.size.width as f32, scene.size.height as f32);
    for text in texts {
        let frame = text.frame;
        assert!(
            frame.x >= 0.0 && frame.y >= 0.0 && frame.right() <= width && frame.bottom() <= height,
            "{what}: {:?} stands at {frame:?}",
            text.lines
        );
        assert!(!text.lines.is_empty(), "{what}: a text without lines");
    }
    for (index, one) in texts.iter().enumerate() {
        for other in &texts[index + 1..] {
            let apart = one.frame.bottom() <= other.frame.y + 0.5
                || other.frame.bottom() <= one.frame.y + 0.5
                || one.frame.right() <= other.frame.x + 0.5
                || other.frame.right() <= one.frame.x + 0.5;
            assert!(apart, "{what}: {:?} over {:?}", one.lines, other.lines);
        }
    }
}

#[test]
fn titles_in_every_script_fit_every_template_at_every_preset() {
    let mut titles: Vec<String> = TITLES.map(str::to_owned).to_vec();
    titles.push(longest_han());
    for template in Catalog::builtin().templates() {
        for preset in &Preset::ALL {
            for title in &titles {
                let asked = Brief {
                    subtitle: Some("A field report from a team of nine".to_owned()),
                    ..brief(title, preset.size.width, preset.size.height)
                };
                let scene = template.scene(&asked).unwrap();
                let report = renderer().lay_out(&scene).unwrap();
                let what = format!("{} {} {title}", template.id, preset.id);
                check(&scene, &report.texts, &what);
                assert!(!report.title().unwrap().is_cut, "{what}: the title is cut");
                let set: String = report.title().unwrap().lines.concat();
                let letters = |text: &str| -> String {
                    let letters = text.to_uppercase();
                    letters.chars().filter(|c| !c.is_whitespace()).collect()
                };
                assert_eq!(letters(&set), letters(title), "{what}: letters were lost");
            }
        }
    }
}

#[test]
fn text_stays_inside_the_safe_area() {
    for template in Catalog::builtin().templates() {
        for preset in &Preset::ALL {
            let size = preset.size;
            let scene = template
                .scene(&brief(TITLES[3], size.width, size.height))
                .unwrap();
            let safe = SafeArea::of(size);
            let (width, height) = (size.width as f32, size.height as f32);
            for text in renderer().lay_out(&scene).unwrap().texts {
                let frame = text.frame;
                let what = format!("{} {} {frame:?}", template.id, preset.id);
                assert!(frame.x >= safe.left * width, "{what}");
                assert!(frame.y >= safe.top * height, "{what}");
                assert!(frame.right() <= (1.0 - safe.right) * width, "{what}");
                assert!(frame.bottom() <= (1.0 - safe.bottom) * height, "{what}");
            }
        }
    }
}

#[test]
fn extreme_sizes_still_hold_their_text() {
    let sizes = [
        (64, 64),
        (64, 4096),
        (4096, 64),
        (4096, 4096),
        (90, 640),
        (1000, 200),
    ];
    for template in Catalog::builtin().templates() {
        for (width, height) in sizes {
            for title in [TITLES[0], TITLES[3], TITLES[4], &longest_han()] {
                let scene = template.scene(&brief(title, width, height)).unwrap();
                let report = renderer().lay_out(&scene).unwrap();
                check(
                    &scene,
                    &report.texts,
                    &format!("{} {width}x{height} {title}", template.id),
                );
            }
        }
    }
}

#[test]
fn a_single_word_is_set_larger_than_a_sentence() {
    for template in Catalog::builtin().templates() {
        let size = |title| {
            let scene = template.scene(&brief(title, 1280, 720)).unwrap();
            renderer().lay_out(&scene).unwrap().title().unwrap().size
        };
        assert!(size("Focus") > size(TITLES[2]), "{}", template.id);
    }
}

#[test]
fn no_line_is_left_with_a_lonely_word() {
    let scene = Catalog::builtin()
        .get("swiss", None)
        .unwrap()
        .scene(&brief("How we cut our build times by 80%", 1280, 720))
        .unwrap();
    let report = renderer().lay_out(&scene).unwrap();
    assert_ne!(report.title().unwrap().lines.last().unwrap(), "80%");
}

#[test]
fn chinese_lines_end_between_words() {
    let scene = Catalog::builtin()
        .get("aurora", None)
        .unwrap()
        .scene(&brief("三十天学会画画：从零开始的完整指南", 1280, 720))
        .unwrap();
    let lines = renderer()
        .lay_out(&scene)
        .unwrap()
        .title()
        .unwrap()
        .lines
        .clone();
    assert!(
        lines.iter().any(|line| line.ends_with("画画：")),
        "{lines:?}"
    );
}

#[test]
fn a_title_that_reads_from_the_right_mirrors_the_page() {
    let size = Size::new(1280, 720).unwrap();
    let mut mirrored = 0;
    for template in Catalog::builtin().templates() {
        let middle = |title| {
            let scene = template.scene(&Brief::new(title, size)).unwrap();
            let frame = renderer().lay_out(&scene).unwrap().title().unwrap().frame;
            frame.x + frame.width / 2.0
        };
        let (from_left, from_right) = (middle(TITLES[2]), middle(TITLES[11]));
        let is_centred = (from_left - 640.0).abs() < 2.0 && (from_right - 640.0).abs() < 2.0;
        if !is_centred {
            assert!(from_left < 640.0, "{}", template.id);
            assert!(from_right > 640.0, "{}", template.id);
            mirrored += 1;
        }
    }
    assert!(mirrored >= 8, "most designs have a side");
}

#[test]
fn what_cannot_fit_ends_in_an_ellipsis() {
    let mut scene = Catalog::builtin()
        .get("swiss", None)
        .unwrap()
        .scene(&brief(TITLES[3], 320, 180))
        .unwrap();
    for layer in &mut scene.layers {
        if let Layer::Flow(flow) = layer {
            (flow.frame.width, flow.frame.height) = (90.0, 24.0);
        }
    }
    let report = renderer().lay_out(&scene).unwrap();
    let title = report
        .texts
        .iter()
        .find(|text| text.role == Role::Title)
        .unwrap();
    assert!(title.is_cut && report.is_cut());
    assert!(
        title.lines.last().unwrap().ends_with('…'),
        "{:?}",
        title.lines
    );
    assert!(title.frame.width <= 90.0 && title.frame.height <= 24.0);
}

#[test]
fn the_mark_never_stands_on_text() {
    let sizes = Preset::ALL.map(|preset| (preset.size.width, preset.size.height));
    for template in Catalog::builtin().templates() {
        for (width, height) in sizes {
            for title in [TITLES[1], TITLES[3], TITLES[7], TITLES[11]] {
                let asked = Brief {
                    subtitle: Some("With notes, diagrams and plenty of honest mistakes".to_owned()),
                    ..brief(title, width, height)
                };
                let scene = template.scene(&asked).unwrap();
                let mark = scene.layers.iter().find_map(|layer| match layer {
                    Layer::Watermark(mark) => Some(mark),
                    _ => None,
                });
                let mark = mark.expect("the brief asks for a mark");
                // The pill is a little under four times as wide as high.
                let (w, h) = (mark.height * 4.0, mark.height);
                let x = mark.frame.x + (mark.frame.width - w) * mark.anchor[0];
                let y = mark.frame.y + (mark.frame.height - h) * mark.anchor[1];
                for text in renderer().lay_out(&scene).unwrap().texts {
                    let frame = text.frame;
                    let apart = frame.right() <= x
                        || frame.x >= x + w
                        || frame.bottom() <= y
                        || frame.y >= y + h;
                    assert!(apart, "{} {width}x{height} {:?}", template.id, text.lines);
                }
            }
        }
    }
}
