use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use time::OffsetDateTime;

use super::fields::Fields;
use super::line::Line;

/// The keys of a line, always all of them and in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonLine<'a> {
    timestamp: String,
    level: &'a str,
    service: &'a str,
    trace_id: Option<&'a str>,
    span_id: Option<&'a str>,
    user_id: Option<&'a str>,
    request_id: Option<&'a str>,
    message: &'a str,
    data: Data<'a>,
}

struct Data<'a> {
    target: &'a str,
    fields: &'a Fields,
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("target", self.target)?;
        for (name, value) in self.fields.iter().filter(|(name, _)| *name != "target") {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub(super) fn write(line: &Line) -> String {
    let json = JsonLine {
        timestamp: timestamp(line.time),
        level: line.level.as_str(),
        service: &line.service,
        trace_id: line.trace_id.as_deref(),
        span_id: line.span_id.as_deref(),
        user_id: line.user_id.as_deref(),
        request_id: line.request_id.as_deref(),
        message: &line.message,
        data: Data {
            target: &line.target,
            fields: &line.data,
        },
    };
    let mut text =
        serde_json::to_string(&json).expect("text keys and JSON values always serialize");
    text.push('\n');
    text
}

/// RFC 3339 in UTC with microseconds, of one width, so that lines sort as text.
pub(super) fn timestamp(time: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.microsecond()
    )
}
