//! Path templates of google.api.http.
//!
//! ```text
//! Template = "/" Segments [ ":" LITERAL ]
//! Segment  = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}"
//! ```

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Any,
    Rest,
}

/// A variable and the segments it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Field path as written, in either spelling.
    pub(crate) path: String,
    pub(crate) start: usize,
    /// One past the last.
    pub(crate) end: usize,
    pub(crate) multiple: bool,
}

/// A parsed template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) verb: String,
}

impl Template {
    /// Parses a template, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("the path `{text}` does not begin with a slash"));
        };
        let (path, verb) = split_verb(rest);
        let mut template = Self {
            verb: verb.to_owned(),
            ..Self::default()
        };
        if !verb.is_empty() && !is_literal(verb) {
            return Err(format!("`{verb}` cannot be a custom verb"));
        }
        for part in split_outside_braces(path)? {
            template.add(part)?;
        }
        let rest_at = template
            .segments
            .iter()
            .position(|segment| *segment == Segment::Rest);
        if rest_at.is_some_and(|at| at + 1 != template.segments.len()) {
            return Err(format!("`**` must be the last segment of `{text}`"));
        }
        Ok(template)
    }

    fn add(&mut self, part: &str) -> Result<(), String> {
        let Some(inner) = part.strip_prefix('{') else {
            self.segments.push(segment(part)?);
            return Ok(());
        };
        let Some(inner) = inner.strip_suffix('}') else {
            return Err(format!("`{part}` is not a whole segment"));
        };
        let (path, pattern) = inner.split_once('=').unwrap_or((inner, "*"));
        let well_formed = !path.is_empty()
            && path.split('.').all(|step| {
                !step.is_empty()
                    && step
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            });
        if !well_formed {
            return Err(format!("`{path}` is not a field path"));
        }
        let start = self.segments.len();
        for part in pattern.split('/') {
            self.segments.push(segment(part)?);
        }
        let end = self.segments.len();
        let multiple = end - start > 1 || self.segments[start] == Segment::Rest;
        self.variables.push(Variable {
            path: path.to_owned(),
            start,
            end,
            multiple,
        });
        Ok(())
    }

    /// What two templates must not share: segments and verb, names left out.
    pub(crate) fn key(&self) -> String {
        let mut key = String::new();
        for segment in &self.segments {
            key.push('/');
            key.push_str(match segment {
                Segment::Literal(text) => text,
                Segment::Any => "*",
                Segment::Rest => "**",
            });
        }
        if !self.verb.is_empty() {
            key.push(':');
            key.push_str(&self.verb);
        }
        key
    }

    /// The template with another text in front.
    pub(crate) fn prefixed(&self, prefix: &str) -> Self {
        let mut template = self.clone();
        let front: Vec<Segment> = prefix
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| Segment::Literal(part.to_owned()))
            .collect();
        for variable in &mut template.variables {
            variable.start += front.len();
            variable.end += front.len();
        }
        template.segments.splice(0..0, front);
        template
    }
}

fn split_verb(path: &str) -> (&str, &str) {
    let after_braces = path.rfind('}').map_or(0, |at| at + 1);
    let after_slash = path.rfind('/').map_or(0, |at| at + 1);
    match path.rfind(':') {
        Some(at) if at >= after_braces && at >= after_slash => (&path[..at], &path[at + 1..]),
        _ => (path, ""),
    }
}

fn split_outside_braces(path: &str) -> Result<Vec<&str>, String> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0_u32;
    for (at, letter) in path.char_indices() {
        match letter {
            '{' if depth > 0 => return Err("a variable stands inside another".to_owned()),
            '{' => depth += 1,
            '}' if depth == 0 => return Err(format!("`{path}` closes a brace it never opened")),
            '}' => depth -= 1,
            '/' if depth == 0 => {
                parts.push(&path[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(format!("`{path}` does not close a brace"));
    }
    parts.push(&path[start..]);
    Ok(parts)
}

fn segment(text: &str) -> Result<Segment, String> {
    match text {
        "*" => Ok(Segment::Any),
        "**" => Ok(Segment::Rest),
        text if is_literal(text) => Ok(Segment::Literal(text.to_owned())),
        "" => Err("the path has an empty segment".to_owned()),
        text => Err(format!("`{text}` cannot be a segment")),
    }
}

/// The unreserved and the harmless reserved characters of RFC 3986.
fn is_literal(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{Segment, Template};

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    #[test]
    fn variables_cover_the_segments_of_their_pattern() {
        let template = Template::parse("/v1/{name=shelves/*/books/*}/{rest=**}:read").unwrap();
        assert_eq!(template.verb, "read");
        assert_eq!(template.segments.len(), 6);
        let spans: Vec<(usize, usize, bool)> = template
            .variables
            .iter()
            .map(|variable| (variable.start, variable.end, variable.multiple))
            .collect();
        assert_eq!(spans, [(1, 5, true), (5, 6, true)]);
    }

    #[test]
    fn a_colon_inside_a_variable_is_no_verb() {
        let template = Template::parse("/a/{b}").unwrap();
        assert_eq!(template.verb, "");
        assert_eq!(template.segments, [literal("a"), Segment::Any]);
        let verb = Template::parse("/a/{b}:undelete").unwrap();
        assert_eq!(verb.verb, "undelete");
    }

    #[test]
    fn the_key_forgets_names() {
        let one = Template::parse("/a/{b}/c").unwrap();
        let other = Template::parse("/a/{d=*}/c").unwrap();
        assert_eq!(one.key(), other.key());
    }

    #[test]
    fn broken_templates_are_refused() {
        for text in [
            "a", "/", "/a//b", "/a/{b", "/a/b}", "/{a={b}}", "/**/a", "/a/{=x}", "/a/{b c}",
            "/a b", "/a:b c",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_prefix_shifts_variables() {
        let template = Template::parse("/a/{b}").unwrap().prefixed("/api/v1");
        assert_eq!(template.key(), "/api/v1/a/*");
        assert_eq!(
            (template.variables[0].start, template.variables[0].end),
            (3, 4)
        );
    }
}
