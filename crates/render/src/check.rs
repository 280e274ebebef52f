//! What may be wrong with a cover, found from its report.

use std::fmt;

use crate::SafeArea;
use crate::report::{Report, TextReport};
use crate::scene::{Frame, Role, Scene};

/// The lowest WCAG contrast that any text may have: level AA of WCAG 2.2 for
/// text of any size.
pub const MIN_CONTRAST: f32 = 4.5;
/// Rounding of places, in pixels.
const SLACK: f32 = 0.75;

/// Something wrong with a text of a cover.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// It stands outside the page or in its unsafe edge.
    Overflow {
        /// What it is for.
        role: Role,
        /// Where it stands.
        frame: Frame,
    },
    /// An ellipsis had to cut it.
    Cut {
        /// What it is for.
        role: Role,
    },
    /// It stands on another text.
    Overlap {
        /// What the two are for.
        roles: [Role; 2],
    },
    /// Characters of the title are not on the cover.
    LettersLost,
    /// It does not read well enough somewhere.
    LowContrast {
        /// What it is for.
        role: Role,
        /// WCAG ratio at the worst pixel.
        wcag: f32,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |role: &Role| match role {
            Role::Title => "title",
            Role::Subtitle => "subtitle",
            Role::Label => "label",
        };
        match self {
            Self::Overflow { role, frame } => write!(
                f,
                "the {} leaves the safe area: {:.0}x{:.0} at {:.0},{:.0}",
                name(role),
                frame.width,
                frame.height,
                frame.x,
                frame.y
            ),
            Self::Cut { role } => write!(f, "the {} is cut", name(role)),
            Self::Overlap {
                roles: [one, other],
            } => {
                write!(f, "the {} stands on the {}", name(one), name(other))
            }
            Self::LettersLost => write!(f, "letters of the title are lost"),
            Self::LowContrast { role, wcag } => write!(
                f,
                "the {} has a contrast of {wcag:.2}:1, less than {MIN_CONTRAST}:1",
                name(role)
            ),
        }
    }
}

impl Report {
    /// Everything wrong with the texts of a cover: overflow, cuts, overlaps,
    /// lost letters, and contrast where it was measured.
    #[must_use]
    pub fn problems(&self, scene: &Scene) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, text) in self.texts.iter().enumerate() {
            problems.extend(of_one(text, scene));
            for other in &self.texts[index + 1..] {
                if overlap(&text.frame, &other.frame) {
                    problems.push(Problem::Overlap {
                        roles: [text.role, other.role],
                    });
                }
            }
        }
        let title = scene.text(Role::Title).map(|item| item.text.as_str());
        if let Some(title) = title
            && !self.title().is_some_and(|text| has_all(text, title))
        {
            problems.push(Problem::LettersLost);
        }
        problems
    }
}

fn of_one(text: &TextReport, scene: &Scene) -> Vec<Problem> {
    let role = text.role;
    let mut problems = Vec::new();
    if !is_inside(&text.frame, scene) {
        problems.push(Problem::Overflow {
            role,
            frame: text.frame,
        });
    }
    if text.is_cut {
        problems.push(Problem::Cut { role });
    }
    if let Some(ink) = &text.ink
        && ink.wcag < MIN_CONTRAST
    {
        problems.push(Problem::LowContrast {
            role,
            wcag: ink.wcag,
        });
    }
    problems
}

fn is_inside(frame: &Frame, scene: &Scene) -> bool {
    let (width, height) = (scene.size.width as f32, scene.size.height as f32);
    let safe = SafeArea::of(scene.size);
    frame.x >= safe.left * width - SLACK
        && frame.y >= safe.top * height - SLACK
        && frame.right() <= (1.0 - safe.right) * width + SLACK
        && frame.bottom() <= (1.0 - safe.bottom) * height + SLACK
}

fn overlap(one: &Frame, other: &Frame) -> bool {
    one.bottom() > other.y + SLACK
        && other.bottom() > one.y + SLACK
        && one.right() > other.x + SLACK
        && other.right() > one.x + SLACK
}

/// Whether the lines say all that the title says. Capitals are the same.
fn has_all(text: &TextReport, title: &str) -> bool {
    let letters = |text: &str| -> String {
        let upper = text.to_uppercase();
        upper.chars().filter(|c| is_letter(*c)).collect()
    };
    text.is_cut || letters(&text.lines.concat()) == letters(title)
}

/// Whether a character is something to read, rather than space or steering.
fn is_letter(character: char) -> bool {
    !character.is_whitespace() && !crate::fonts::is_invisible(character)
}
