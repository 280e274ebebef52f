use std::fmt::Write as _;

use serde_json::Value;
use tracing::Level;

use super::json::timestamp;
use super::line::Line;

/// `time LEVEL service: message key=value …`, ids last.
pub(super) fn write(line: &Line, coloured: bool) -> String {
    let mut text = timestamp(line.time);
    let level = line.level.as_str();
    if coloured {
        let _ = write!(text, " \x1b[{}m{level:>5}\x1b[0m ", colour(line.level));
    } else {
        let _ = write!(text, " {level:>5} ");
    }
    text.push_str(&line.service);
    text.push_str(": ");
    escape(&mut text, &line.message);
    for (name, value) in line.data.iter() {
        let _ = write!(text, " {name}=");
        match value {
            Value::String(value) if value.contains(char::is_whitespace) => {
                text.push('"');
                escape(&mut text, value);
                text.push('"');
            }
            Value::String(value) => escape(&mut text, value),
            other => {
                let _ = write!(text, "{other}");
            }
        }
    }
    for (name, id) in [
        ("user", &line.user_id),
        ("request", &line.request_id),
        ("trace", &line.trace_id),
    ] {
        if let Some(id) = id {
            let _ = write!(text, " {name}=");
            escape(&mut text, id);
        }
    }
    text.push('\n');
    text
}

/// A line stays one line, and a terminal is not steered by what is logged.
fn escape(text: &mut String, given: &str) {
    for character in given.chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
}

/// SGR codes: red, yellow, green, blue, and grey for what is finest.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 90,
    }
}
