//! The same scene gives the same bytes: run after run, on any number of
//! threads, at every SIMD level.

use std::thread;

use covergen_render::{Brief, Catalog, Fonts, Renderer, Scene};

use crate::{TITLES, brief, fetched, renderer};

fn scenes() -> Vec<Scene> {
    Catalog::builtin()
        .templates()
        .enumerate()
        .map(|(index, template)| {
            let asked = Brief {
                subtitle: Some("A field report ☀️".to_owned()),
                ..brief(TITLES[(index * 3 + 2) % TITLES.len()], 480, 270)
            };
            template.scene(&asked).unwrap()
        })
        .collect()
}

#[test]
fn a_second_run_gives_the_same_bytes() {
    for scene in scenes() {
        let first = renderer().render(&scene).unwrap();
        let again = Renderer::new(Fonts::new(fetched())).render(&scene).unwrap();
        assert_eq!(first.picture, again.picture, "{:?}", scene.origin);
        assert_eq!(first.report, again.report);
    }
}

#[test]
fn threads_share_a_renderer_and_agree() {
    let scenes = scenes();
    let alone: Vec<_> = scenes
        .iter()
        .map(|scene| renderer().render(scene).unwrap().picture)
        .collect();
    thread::scope(|scope| {
        for offset in 0..4 {
            let (scenes, alone) = (&scenes, &alone);
            scope.spawn(move || {
                for index in 0..scenes.len() {
                    let index = (index + offset * 2) % scenes.len();
                    let picture = renderer().render(&scenes[index]).unwrap().picture;
                    assert!(
                        picture == alone[index],
                        "scene {index} differs on another thread"
                    );
                }
            });
        }
    });
}

#[test]
fn every_simd_level_gives_the_same_bytes() {
    let portable = Renderer::portable(Fonts::new(fetched()));
    for scene in scenes() {
        let here = renderer().render(&scene).unwrap().picture;
        let baseline = portable.render(&scene).unwrap().picture;
        assert!(
            here == baseline,
            "{:?} depends on the processor",
            scene.origin
        );
    }
}

#[test]
fn a_stored_scene_gives_the_same_bytes() {
    for scene in scenes() {
        let stored = serde_json::to_string(&scene).unwrap();
        let again: Scene = serde_json::from_str(&stored).unwrap();
        assert_eq!(again, scene, "the round trip must be exact");
        assert_eq!(serde_json::to_string(&again).unwrap(), stored);
        let first = renderer().render(&scene).unwrap().picture;
        assert!(renderer().render(&again).unwrap().picture == first);
    }
}

#[test]
fn another_seed_paints_another_cover() {
    for template in Catalog::builtin().templates() {
        let at = |seed| {
            let asked = Brief {
                seed,
                ..brief("Focus", 320, 180)
            };
            renderer()
                .render(&template.scene(&asked).unwrap())
                .unwrap()
                .picture
        };
        assert!(at(1) != at(2), "{} ignores its seed", template.id);
    }
}

#[test]
fn every_pixel_is_opaque() {
    for scene in scenes() {
        let picture = renderer().render(&scene).unwrap().picture;
        assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255));
    }
}
