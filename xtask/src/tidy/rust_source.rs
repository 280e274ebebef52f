//! Just enough of Rust's syntax to measure functions.

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Where it starts, counted from 1.
    pub(super) line: usize,
    /// From the line with `fn` to the closing brace.
    pub(super) lines: usize,
}

/// The functions of a source file, in the order in which they end.
pub(super) fn functions(source: &str) -> Vec<Function> {
    let code = blank_out(source);
    let mut found = Vec::new();
    // A function whose signature is being read, then those whose body is.
    let mut announced: Option<(String, usize)> = None;
    let mut open: Vec<(String, usize, usize)> = Vec::new();
    let (mut depth, mut nesting, mut line) = (0_usize, 0_usize, 1);
    let mut rest = code.as_str();
    while let Some(first) = rest.chars().next() {
        if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            if &rest[..end] == "fn" {
                announced = name_after(&rest[end..])
                    .map(|name| (name, line))
                    .or(announced);
            }
            rest = &rest[end..];
            continue;
        }
        match first {
            '\n' => line += 1,
            '(' | '[' => nesting += 1,
            ')' | ']' => nesting = nesting.saturating_sub(1),
            // Ends a declaration without a body, unless it is in `[u8; 4]`.
            ';' if nesting == 0 => announced = None,
            '{' => {
                if let Some((name, start)) = announced.take() {
                    open.push((name, start, depth));
                }
                depth += 1;
            }
            '}' => {
                depth = depth.saturating_sub(1);
                if let Some((name, start, _)) = open.pop_if(|(_, _, at)| *at == depth) {
                    let lines = line - start + 1;
                    found.push(Function {
                        name,
                        line: start,
                        lines,
                    });
                }
            }
            _ => {}
        }
        rest = &rest[first.len_utf8()..];
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that follows `fn`; none for a function pointer's type.
fn name_after(rest: &str) -> Option<String> {
    let name: String = rest
        .trim_start()
        .chars()
        .take_while(|c| is_word(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// The source with comments, strings and characters made blank, line breaks
/// kept, so that braces in them count for nothing.
pub(super) fn blank_out(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let length = if after_word { 0 } else { literal(rest) }.max(comment_or_quote(rest));
        if length > 0 {
            let kept = rest[..length]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' });
            out.extend(kept);
            rest = &rest[length..];
            after_word = false;
        } else {
            out.push(first);
            after_word = is_word(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// The length of a prefixed or raw string at the start of `rest`, else 0.
fn literal(rest: &str) -> usize {
    let prefix = ["br", "cr", "r", "b", "c"]
        .into_iter()
        .find(|prefix| rest.starts_with(prefix));
    let Some(prefix) = prefix else { return 0 };
    let after = &rest[prefix.len()..];
    if !prefix.ends_with('r') {
        return match quoted(after) {
            0 => 0,
            length => prefix.len() + length,
        };
    }
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after[hashes..].starts_with('"') {
        return 0;
    }
    let start = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    rest[start..]
        .find(&end)
        .map_or(rest.len(), |at| start + at + end.len())
}

/// The length of a comment, string or character at the start of `rest`, else 0.
fn comment_or_quote(rest: &str) -> usize {
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment(rest)
    } else {
        quoted(rest)
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let (open, close) = (rest[at..].find("/*"), rest[at..].find("*/"));
        match (open, close) {
            (_, None) => return rest.len(),
            (Some(open), Some(close)) if open < close => (at, depth) = (at + open + 2, depth + 1),
            (_, Some(close)) => (at, depth) = (at + close + 2, depth - 1),
        }
    }
    at
}

fn quoted(rest: &str) -> usize {
    let quote = rest.chars().next();
    match quote {
        Some('"') => until(rest, '"'),
        Some('\'') => character(rest),
        _ => 0,
    }
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> usize {
    let mut inside = rest[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), _) => until(rest, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

/// Up to and with the closing quote, minding escapes.
fn until(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(source: &str) -> Vec<(String, usize, usize)> {
        let found = functions(source).into_iter();
        found.map(|one| (one.name, one.line, one.lines)).collect()
    }

    #[test]
    fn nested_functions_are_measured_each() {
        let source = "fn outer() {\n    fn inner() {\n    }\n}\n";
        let inner = ("inner".to_owned(), 2, 2);
        assert_eq!(measured(source), [inner, ("outer".to_owned(), 1, 4)]);
    }

    #[test]
    fn braces_in_text_and_comments_count_for_nothing() {
        let source = r##"fn a<'x>(y: &'x str) -> char {
    // } it's
    let s = "}\"}" ; let r = r#"}"}"#; let b = b'}'; /* } /* } */ } */
    if s == r { '}' } else { '\'' }
}
"##;
        assert_eq!(measured(source), [("a".to_owned(), 1, 5)]);
    }

    #[test]
    fn declarations_and_pointer_types_are_no_functions() {
        let source = "trait T {\n    fn a(x: [u8; 4]);\n    fn b() {}\n}\nstruct S { f: fn(u8) }\n";
        assert_eq!(measured(source), [("b".to_owned(), 3, 1)]);
    }
}
