//! Environment variables as configuration: `COVERGEN__DATABASE__URL` is the
//! key `url` of the section `database`.

use toml::{Table, Value};

use crate::ConfigError;

const PREFIX: &str = "COVERGEN__";

/// Lays `over` on top of `table`, section by section.
pub(crate) fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

/// Lays the variables that begin with the prefix on top of `table`.
pub(crate) fn overlay(
    table: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let path = path.to_lowercase();
        let segments: Vec<&str> = path.split("__").collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(ConfigError::Variable(name));
        }
        if !insert(table, &segments, value_of(&text)) {
            return Err(ConfigError::Variable(name));
        }
    }
    Ok(())
}

fn insert(table: &mut Table, segments: &[&str], value: Value) -> bool {
    match segments {
        [] => false,
        [key] => {
            table.insert((*key).to_owned(), value);
            true
        }
        [key, rest @ ..] => {
            let below = table
                .entry((*key).to_owned())
                .or_insert_with(|| Value::Table(Table::new()));
            below
                .as_table_mut()
                .is_some_and(|below| insert(below, rest, value))
        }
    }
}

/// Reads a variable as a TOML number, boolean, array or quoted string where it
/// is one, and as plain text otherwise. A password made of digits is written
/// in quotes.
fn value_of(text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>();
    match parsed.ok().and_then(|mut table| table.remove("value")) {
        Some(
            value @ (Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Array(_)
            | Value::String(_)),
        ) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, value_of};

    #[test]
    fn a_variable_is_read_as_what_it_looks_like() {
        assert_eq!(value_of("7"), Value::Integer(7));
        assert_eq!(value_of("true"), Value::Boolean(true));
        assert_eq!(value_of("\"7\""), Value::String("7".to_owned()));
        assert_eq!(
            value_of("nats://a:1"),
            Value::String("nats://a:1".to_owned())
        );
        assert_eq!(value_of(""), Value::String(String::new()));
    }
}
