//! Shaping.

use parley::{
    Alignment, AlignmentOptions, FontFamily, Layout, LayoutContext, LineHeight, OverflowWrap,
    StyleProperty, WordBreak,
};
use unicode_script::{Script, UnicodeScript};

use super::{REFERENCE_SIZE, is_vertical, words};
use crate::fonts::{FaceId, Fonts, Registry, Span, choose, glyph_missing, is_invisible};
use crate::scene::{LetterCase, TextItem, Weight, Writing};
use crate::{Error, brief};

/// What shaping needs to know of a text.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) text: String,
    face: FaceId,
    weight: Weight,
    line_height: f32,
    tracking: f32,
    language: Option<String>,
    is_vertical: bool,
}

impl Spec {
    pub(crate) fn new(fonts: &Fonts, item: &TextItem) -> Result<Self, Error> {
        let tidy = brief::tidy(&item.text);
        let text = match item.case {
            LetterCase::AsWritten => tidy,
            LetterCase::Upper => tidy.to_uppercase(),
        };
        let is_vertical = item.writing == Writing::Vertical && is_vertical(&text);
        let text = if is_vertical {
            text
        } else {
            words::keep_together(&text)
        };
        let line_height = text
            .chars()
            .map(least_line_height)
            .fold(item.line_height, f32::max);
        Ok(Self {
            face: fonts.face(&item.font)?,
            weight: item.weight,
            line_height,
            tracking: item.tracking,
            language: item.language.clone(),
            is_vertical,
            text,
        })
    }

    pub(super) fn with_text(&self, text: String) -> Self {
        Self {
            text,
            ..self.clone()
        }
    }

    /// Whether it is set in columns.
    pub(super) fn is_vertical(&self) -> bool {
        self.is_vertical
    }

    pub(crate) fn line_height(&self) -> f32 {
        self.line_height
    }
}

/// Scripts whose marks stand high or hang low need their lines further apart
/// than tight Latin display type.
fn least_line_height(character: char) -> f32 {
    match character.script() {
        Script::Thai => 1.42,
        Script::Devanagari => 1.3,
        Script::Arabic => 1.36,
        Script::Hebrew => 1.12,
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul => 1.18,
        Script::Common if u32::from(character) >= 0x1F300 => 1.16,
        _ => 0.0,
    }
}

/// A shaped text, not yet broken into lines.
pub(crate) struct Shaped {
    pub(super) layout: Layout<()>,
    pub(super) text: String,
}

impl Shaped {
    pub(crate) fn is_rtl(&self) -> bool {
        self.layout.is_rtl()
    }

    /// Breaks lines at a width given at the reference size.
    pub(super) fn break_lines(&mut self, max_advance: f32) {
        self.layout.break_all_lines(Some(max_advance));
        self.layout
            .align(Alignment::Left, AlignmentOptions::default());
    }
}

/// One thread's shaping state.
pub(crate) struct Shaper {
    registry: Registry,
    layout: LayoutContext<()>,
}

impl Shaper {
    pub(crate) fn new() -> Self {
        Self {
            registry: Registry::new(),
            layout: LayoutContext::new(),
        }
    }

    /// Shapes a text. `anywhere` lets a line end inside a word that is longer
    /// than the line.
    pub(crate) fn shape(
        &mut self,
        fonts: &Fonts,
        spec: &Spec,
        anywhere: bool,
    ) -> Result<Shaped, Error> {
        let spans = choose(
            fonts,
            &spec.text,
            spec.face,
            spec.weight,
            spec.language.as_deref(),
        )?;
        for span in &spans {
            self.registry.ensure(fonts, span.face)?;
        }
        let mut builder =
            self.layout
                .ranged_builder(&mut self.registry.context, &spec.text, 1.0, false);
        builder.push_default(StyleProperty::FontSize(REFERENCE_SIZE));
        builder.push_default(LineHeight::FontSizeRelative(spec.line_height));
        builder.push_default(if anywhere {
            OverflowWrap::Anywhere
        } else {
            OverflowWrap::Normal
        });
        if spec.is_vertical {
            builder.push_default(StyleProperty::FontFeatures("\"vert\" 1".into()));
        }
        // Korean breaks between words, unlike Chinese and Japanese.
        if spec.text.chars().any(|c| c.script() == Script::Hangul) {
            builder.push_default(WordBreak::KeepAll);
        }
        for Span { range, face } in &spans {
            builder.push(FontFamily::named(face.slug()), range.clone());
            let takes_tracking = !spec.text[range.clone()].chars().any(is_joined);
            if spec.tracking != 0.0 && takes_tracking {
                builder.push(
                    StyleProperty::LetterSpacing(spec.tracking * REFERENCE_SIZE),
                    range.clone(),
                );
            }
        }
        let layout = builder.build(&spec.text);
        let mut shaped = Shaped {
            layout,
            text: spec.text.clone(),
        };
        shaped.break_lines(f32::MAX);
        refuse_missing_glyphs(&shaped)?;
        Ok(shaped)
    }
}

/// Scripts whose letters touch: space between them would tear words apart.
fn is_joined(character: char) -> bool {
    matches!(
        character.script(),
        Script::Arabic | Script::Devanagari | Script::Thai
    )
}

/// The last line of defence against boxes: no cluster with anything to see may
/// have glyph 0.
fn refuse_missing_glyphs(shaped: &Shaped) -> Result<(), Error> {
    for line in shaped.layout.lines() {
        for run in line.runs() {
            for cluster in run.clusters() {
                let text = &shaped.text[cluster.text_range()];
                let visible = !text.chars().all(|c| c.is_whitespace() || is_invisible(c));
                if visible && cluster.glyphs().any(|glyph| glyph.id == 0) {
                    return Err(glyph_missing(text));
                }
            }
        }
    }
    Ok(())
}
