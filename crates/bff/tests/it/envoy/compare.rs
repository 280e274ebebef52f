//! Whether two answers say the same.

use serde_json::Value;

use super::corpus::Asked;
use super::wire::Answer;

/// How two answers differ.
pub(super) struct Outcome {
    /// `400/200` where the statuses differ (ours first), else what does.
    pub(super) kind: String,
    /// Both answers, for whoever has to decide.
    pub(super) shown: String,
}

/// Compares our answer with theirs; none where they say the same.
pub(super) fn compare(asked: &Asked, ours: &Answer, theirs: &Answer) -> Option<Outcome> {
    let kind = if ours.status != theirs.status {
        format!("{}/{}", ours.status, theirs.status)
    } else if ours.status >= 400 {
        (!errors_agree(ours, theirs)).then_some("error")?.to_owned()
    } else {
        difference(asked, ours, theirs)?.to_owned()
    };
    let show = |name: &str, answer: &Answer| {
        let body = String::from_utf8_lossy(&answer.body);
        let body: String = body.chars().take(1_500).collect();
        format!(
            "    {name}: {} {} {body}",
            answer.status,
            answer.media_type()
        )
    };
    Some(Outcome {
        kind,
        shown: format!("{}\n{}", show("ours", ours), show("theirs", theirs)),
    })
}

/// What differs between two good answers.
fn difference(asked: &Asked, ours: &Answer, theirs: &Answer) -> Option<&'static str> {
    if ours.broken != theirs.broken {
        return Some("end");
    }
    let type_of =
        |answer: &Answer| (!answer.body.is_empty()).then(|| answer.media_type().to_owned());
    if type_of(ours) != type_of(theirs) {
        return Some("type");
    }
    if asked.method == "HEAD" && ours.header("content-length") != theirs.header("content-length") {
        return Some("length");
    }
    let same = match ours.media_type() {
        "application/json" => match (json(ours), json(theirs)) {
            (Some(here), Some(there)) => agree(&here, &without_hidden(there)),
            (None, None) => true,
            _ => false,
        },
        "text/event-stream" => {
            let (here, there) = (events(ours), events(theirs));
            here.len() == there.len() && here.iter().zip(&there).all(|(a, b)| agree(a, b))
        }
        _ => ours.body == theirs.body,
    };
    (!same).then_some("body")
}

fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

/// The documents of the `data` lines.
fn events(answer: &Answer) -> Vec<Value> {
    let text = String::from_utf8_lossy(&answer.body);
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| serde_json::from_str(data).unwrap_or(Value::Null))
        .collect()
}

/// Envoy knows no audiences, so it shows what is hidden from ours.
fn without_hidden(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let shown = members.into_iter().filter(|(name, _)| name != "secret");
            shown
                .map(|(name, value)| (name, without_hidden(value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(without_hidden).collect(),
        other => other,
    }
}

/// Equal documents; a number may be written with or without a fraction.
fn agree(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| agree(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => ours == theirs,
    }
}

/// What is wrong with which field.
fn fields(violations: &Value) -> Vec<(&Value, &Value)> {
    let all = violations.as_array().into_iter().flatten();
    all.map(|one| (&one["field"], &one["description"]))
        .collect()
}

/// Where Envoy passes the service's error on, ours tells the same of it. What
/// Envoy refuses by itself has no shape to compare.
fn errors_agree(ours: &Answer, theirs: &Answer) -> bool {
    let Some(status) = json(theirs).filter(|status| status["code"].is_number()) else {
        return true;
    };
    let Some(problem) = json(ours) else {
        return false;
    };
    let number = status["code"]
        .as_i64()
        .and_then(|code| i32::try_from(code).ok());
    let code = tonic::Code::from_i32(number.unwrap_or(0));
    let name = format!("{code:?}").to_uppercase();
    let told = problem["code"]
        .as_str()
        .unwrap_or_default()
        .replace('_', "");
    let detail = |kind: &str| {
        let all = status["details"].as_array().into_iter().flatten();
        let mut of_kind = all.filter(|detail| {
            let named = detail["@type"].as_str().unwrap_or_default();
            named.ends_with(kind)
        });
        of_kind.next()
    };
    let reason_agrees =
        detail("google.rpc.ErrorInfo").is_none_or(|info| info["reason"] == problem["reason"]);
    let fields_agree = detail("google.rpc.BadRequest")
        .is_none_or(|bad| fields(&bad["fieldViolations"]) == fields(&problem["violations"]));
    told == name && status["message"] == problem["detail"] && reason_agrees && fields_agree
}
