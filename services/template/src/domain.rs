//! Rules without I/O: the gallery, as the renderer's catalogue has it, and the
//! choice by a seed; then, one file each, what custom templates and brand kits
//! may be, how lists are ordered, how popularity fades, what slots there are.

pub(crate) mod brand_kit;
pub(crate) mod draft;
pub(crate) mod listing;
pub(crate) mod popularity;
pub(crate) mod slots;
pub(crate) mod style;

use covergen_render::{Catalog, Category, Template};
use serde::{Deserialize, Serialize};

/// A named set of colours, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Palette {
    /// Slug, unique within the template.
    pub(crate) id: String,
    /// Name for people.
    pub(crate) name: String,
    /// `#rrggbb`, background first.
    pub(crate) colors: Vec<String>,
}

/// One version of one template, at its place in the gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Design {
    pub(crate) id: String,
    pub(crate) version: i32,
    pub(crate) category: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_premium: bool,
    /// From 0; equal for all versions of a template.
    pub(crate) position: i32,
    pub(crate) palettes: Vec<Palette>,
}

impl Design {
    /// What lists are searched in: see [`listing::search_text`].
    pub(crate) fn search_text(&self) -> String {
        listing::search_text(&self.name, &self.description, &self.category)
    }
}

/// Fields at fault and what is wrong with each, in proto3 JSON names.
pub(crate) type Violations = Vec<(String, String)>;

/// A shelf of the gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) position: i32,
}

/// Everything that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gallery {
    pub(crate) shelves: Vec<Shelf>,
    pub(crate) designs: Vec<Design>,
}

/// The gallery of this build.
pub(crate) fn gallery() -> Gallery {
    let shelves = Category::ALL.into_iter().zip(0..).map(shelf).collect();
    let designs = Catalog::builtin().templates().zip(0..).map(design);
    Gallery {
        shelves,
        designs: designs.collect(),
    }
}

fn shelf((category, position): (Category, i32)) -> Shelf {
    let id = category.slug();
    let (first, rest) = id.split_at(1);
    Shelf {
        id: id.to_owned(),
        name: format!("{}{rest}", first.to_uppercase()),
        position,
    }
}

/// The palettes of a built-in template, the default first.
pub(crate) fn palettes(template: &Template) -> Vec<Palette> {
    let palettes = template.palettes.iter().map(|palette| {
        let painted = palette.ground.iter().chain([&palette.ink, &palette.accent]);
        let mut colors: Vec<String> = Vec::new();
        for color in painted {
            // Seven characters: a colour that is see-through on the page is
            // still shown as a swatch.
            let color: String = color.to_string().chars().take(7).collect();
            if !colors.contains(&color) {
                colors.push(color);
            }
        }
        Palette {
            id: palette.id.to_owned(),
            name: palette.name.to_owned(),
            colors,
        }
    });
    palettes.collect()
}

fn design((template, position): (&Template, i32)) -> Design {
    Design {
        id: template.id.to_owned(),
        version: i32::try_from(template.version).unwrap_or(i32::MAX),
        category: template.category.slug().to_owned(),
        name: template.name.to_owned(),
        description: template.description.to_owned(),
        is_premium: template.is_premium,
        position,
        palettes: palettes(template),
    }
}

/// The id that a seed falls on, or nothing among none: the highest score of
/// `hash(seed, id)` (rendezvous hashing), so that a template that is added
/// takes its share and leaves every other choice as it was.
pub(crate) fn choose<'a>(seed: u64, ids: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    ids.max_by_key(|id| (score(seed, id), *id))
}

/// FNV-1a over the id, then the finaliser of SplitMix64 (Steele, Lea, Flood:
/// "Fast splittable pseudorandom number generators", 2014) over both.
fn score(seed: u64, id: &str) -> u64 {
    let named = id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(named ^ mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15)))
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{choose, gallery};

    const IDS: [&str; 5] = ["aurora", "swiss", "orbs", "contour", "papercut"];

    #[test]
    fn every_design_stands_on_a_shelf_and_has_colours() {
        let gallery = gallery();
        assert!(!gallery.designs.is_empty());
        for design in &gallery.designs {
            assert!(
                gallery
                    .shelves
                    .iter()
                    .any(|shelf| shelf.id == design.category),
                "{design:?}"
            );
            assert!(!design.palettes.is_empty(), "{design:?}");
            for color in design.palettes.iter().flat_map(|palette| &palette.colors) {
                assert!(color.len() == 7 && color.starts_with('#'), "{color}");
            }
        }
    }

    #[test]
    fn seeds_spread_evenly_over_the_templates() {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for seed in 0..10_000 {
            *counts
                .entry(choose(seed, IDS.into_iter()).unwrap())
                .or_default() += 1;
        }
        assert_eq!(counts.len(), IDS.len());
        assert!(
            counts.values().all(|count| (1_800..2_200).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn a_new_template_only_takes_its_own_share() {
        for seed in 0..1_000 {
            let before = choose(seed, IDS.into_iter());
            let after = choose(seed, IDS.into_iter().chain(["silk"]));
            assert!(after == before || after == Some("silk"), "seed {seed}");
        }
        assert_eq!(choose(1, [].into_iter()), None);
    }
}
