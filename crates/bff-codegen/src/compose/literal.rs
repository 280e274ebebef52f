//! Values that stand in the annotation.

use crate::kind::{Shape, Typed, Value};

/// The Rust expression of `text` as a value of the field's type; a list gets
/// one element.
pub(super) fn expression(target: &Typed, text: &str) -> Result<String, String> {
    let value = single(&target.value, text)?;
    Ok(match target.shape {
        Shape::List => format!("vec![{value}]"),
        _ => value,
    })
}

fn single(value: &Value, text: &str) -> Result<String, String> {
    let wrong = |what: &str| format!("takes {what}, and `{text}` is none");
    let number = |word: &str, fits: bool| {
        // A sign is all that a literal could have beside digits.
        let plain = text.trim_start_matches('-');
        let is_plain = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        let rust = word.replace("uint", "u").replace("int", "i");
        (fits && is_plain)
            .then(|| format!("{text}_{rust}"))
            .ok_or_else(|| wrong(&format!("an {word}")))
    };
    match value {
        Value::Scalar("string") => Ok(format!("{text:?}.to_owned()")),
        Value::Scalar("bool") => match text {
            "true" | "false" => Ok(text.to_owned()),
            _ => Err(wrong("true or false")),
        },
        Value::Scalar(word @ "int32") => number(word, text.parse::<i32>().is_ok()),
        Value::Scalar(word @ "int64") => number(word, text.parse::<i64>().is_ok()),
        Value::Scalar(word @ "uint32") => number(word, text.parse::<u32>().is_ok()),
        Value::Scalar(word @ "uint64") => number(word, text.parse::<u64>().is_ok()),
        Value::Scalar(word @ ("double" | "float")) => {
            let rust = if *word == "double" { "f64" } else { "f32" };
            let parsed = text.parse::<f64>().ok().filter(|value| value.is_finite());
            parsed
                .map(|value| format!("{value:?}_{rust}"))
                .ok_or_else(|| wrong("a number"))
        }
        Value::Enum(known) => known
            .values()
            .find(|value| value.name() == text)
            .map(|value| format!("{}_i32", value.number()))
            .ok_or_else(|| wrong(&format!("a {}", known.full_name()))),
        other => Err(format!(
            "is {}, which no text can fill",
            super::path::value(other)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::single;
    use crate::kind::Value;

    #[test]
    fn a_text_becomes_a_literal_of_the_fields_own_type() {
        for (word, text, rust) in [
            ("string", "a \"b\"", r#""a \"b\"".to_owned()"#),
            ("bool", "true", "true"),
            ("int32", "-7", "-7_i32"),
            ("uint64", "18446744073709551615", "18446744073709551615_u64"),
            ("double", "1.5", "1.5_f64"),
            ("float", "2", "2.0_f32"),
        ] {
            assert_eq!(single(&Value::Scalar(word), text).as_deref(), Ok(rust));
        }
    }

    #[test]
    fn a_text_of_another_type_is_refused() {
        for (word, text) in [
            ("bool", "yes"),
            ("int32", "2147483648"),
            ("int32", "+1"),
            ("uint32", "-1"),
            ("int64", "1.0"),
            ("double", "inf"),
            ("bytes", "aa"),
        ] {
            assert!(single(&Value::Scalar(word), text).is_err(), "{word} {text}");
        }
    }
}
