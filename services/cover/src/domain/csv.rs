//! CSV as RFC 4180 has it: commas, quotes, and line ends of either kind.
//!
//! Strict where leniency would guess: a quote in the middle of a bare field
//! and a quoted field that never ends are errors, told with their line.

/// Most columns of a line.
const MAX_COLUMNS: usize = 32;

/// One line of fields, and the number of the text line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: usize,
    pub(crate) fields: Vec<String>,
}

/// Why a text is no CSV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub(crate) struct CsvError {
    pub(crate) line: usize,
    pub(crate) problem: &'static str,
}

/// Splits a text into records, at most `max_records` of them. A byte order
/// mark is skipped, and so are empty lines.
pub(crate) fn parse(text: &str, max_records: usize) -> Result<Vec<Record>, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        rest: text.chars().peekable(),
        line: 1,
    };
    let mut records = Vec::new();
    while reader.rest.peek().is_some() {
        let record = reader.record()?;
        if record.fields.iter().all(String::is_empty) && record.fields.len() == 1 {
            continue;
        }
        if records.len() == max_records {
            return Err(CsvError {
                line: record.line,
                problem: "there are too many lines",
            });
        }
        records.push(record);
    }
    Ok(records)
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Record, CsvError> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            if fields.len() == MAX_COLUMNS {
                return Err(self.error("there are too many columns"));
            }
            let (field, more) = match self.rest.peek() {
                Some('"') => self.quoted()?,
                _ => self.bare()?,
            };
            fields.push(field);
            if !more {
                return Ok(Record { line, fields });
            }
        }
    }

    /// A field without quotes, and whether another follows on the line.
    fn bare(&mut self) -> Result<(String, bool), CsvError> {
        let mut field = String::new();
        loop {
            match self.rest.next() {
                None => return Ok((field, false)),
                Some(',') => return Ok((field, true)),
                Some('"') => {
                    return Err(self.error(
                        "a quote stands in a field that is not quoted; quote the field and double the quote",
                    ));
                }
                Some(end @ ('\r' | '\n')) => {
                    self.end_line(end);
                    return Ok((field, false));
                }
                Some(other) => field.push(other),
            }
        }
    }

    /// Takes the rest of a line's end. A lone carriage return ends a line as
    /// well, as old spreadsheets have it.
    fn end_line(&mut self, first: char) {
        if first == '\r' {
            self.rest.next_if_eq(&'\n');
        }
        self.line += 1;
    }

    fn quoted(&mut self) -> Result<(String, bool), CsvError> {
        let began = self.line;
        self.rest.next();
        let mut field = String::new();
        loop {
            match self.rest.next() {
                None => {
                    return Err(CsvError {
                        line: began,
                        problem: "a quoted field never ends",
                    });
                }
                Some('"') if self.rest.next_if_eq(&'"').is_some() => field.push('"'),
                Some('"') => break,
                Some('\n') => {
                    self.line += 1;
                    field.push('\n');
                }
                Some(other) => field.push(other),
            }
        }
        match self.rest.next() {
            None => Ok((field, false)),
            Some(',') => Ok((field, true)),
            Some(end @ ('\r' | '\n')) => {
                self.end_line(end);
                Ok((field, false))
            }
            Some(_) => Err(self.error("something follows the closing quote of a field")),
        }
    }

    const fn error(&self, problem: &'static str) -> CsvError {
        CsvError {
            line: self.line,
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn fields(text: &str) -> Vec<Vec<String>> {
        parse(text, 100)
            .unwrap()
            .into_iter()
            .map(|record| record.fields)
            .collect()
    }

    #[test]
    fn quotes_commas_and_line_ends_are_read_as_the_rfc_has_them() {
        let text = "\u{feff}title,subtitle\r\n\"a, \"\"b\"\"\",c\n\n\"two\r\nlines\",\n封面,é";
        assert_eq!(
            fields(text),
            [
                vec!["title", "subtitle"],
                vec!["a, \"b\"", "c"],
                vec!["two\r\nlines", ""],
                vec!["封面", "é"],
            ]
        );
    }

    #[test]
    fn a_record_knows_the_line_it_begins_on() {
        let lines: Vec<usize> = parse("h\r\n\"a\nb\"\nc\n", 9)
            .unwrap()
            .into_iter()
            .map(|record| record.line)
            .collect();
        assert_eq!(lines, [1, 2, 4]);
    }

    #[test]
    fn a_line_feed_after_a_line_feed_is_an_empty_line_and_not_part_of_it() {
        assert_eq!(fields("a\n\nb"), [["a"], ["b"]]);
        assert_eq!(fields("a\r\rb"), [["a"], ["b"]]);
    }

    #[test]
    fn what_is_no_csv_is_told_with_its_line() {
        let line = |text: &str| parse(text, 2).unwrap_err().line;
        assert_eq!(line("a\nb\"c"), 2);
        assert_eq!(line("a\n\"b\nc"), 2);
        assert_eq!(line("a\n\"b\"c"), 2);
        assert_eq!(line("a\nb\nc\nd"), 3);
        assert_eq!(line(&",".repeat(40)), 1);
    }
}
