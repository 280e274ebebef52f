//! The plans that a private PostgreSQL server really ran, out of its log
//! (<https://www.postgresql.org/docs/current/auto-explain.html>).

use serde_json::Value;

use crate::Server;
use crate::postgres_wire::{self, Target};

/// One statement that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the session calls itself.
    pub application: String,
    /// The statement, with its placeholders.
    pub query: String,
    /// Pages it touched, in memory or not.
    pub buffers: u64,
    /// Rows it looked at and threw away.
    pub discarded: u64,
    /// Tables of which it read every row.
    pub scanned: Vec<String>,
}

/// Makes a server write the plan of every statement of new sessions into its
/// log, with what it touched.
///
/// # Panics
/// When the server refuses, as one without its contributed modules does.
pub async fn record(server: &Server) {
    let target = Target::parse(&server.url());
    let made = tokio::task::spawn_blocking(move || {
        for setting in [
            "session_preload_libraries = 'auto_explain'",
            "log_line_prefix = '[%a] '",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_buffers = on",
            // Reading the clock twice a row would be most of the cost.
            "auto_explain.log_timing = off",
            "auto_explain.log_format = 'json'",
        ] {
            // Known only where the module is, so it is loaded for this session.
            let (name, value) = setting.split_once(" = ").expect("is a setting");
            let load = "LOAD 'auto_explain'";
            postgres_wire::execute_all(
                &target,
                &[load, &format!("ALTER SYSTEM SET {name} = {value}")],
            )?;
        }
        postgres_wire::execute(&target, "SELECT pg_reload_conf()")
    })
    .await
    .expect("the client does not panic");
    made.unwrap_or_else(|error| panic!("the server does not explain: {error}"));
}

/// Stops writing plans, or goes on: what is measured by the clock should not be
/// slowed down by them.
///
/// # Panics
/// When the server refuses.
pub async fn pause(server: &Server, paused: bool) {
    let target = Target::parse(&server.url());
    let least = if paused { -1 } else { 0 };
    let set = format!("ALTER SYSTEM SET auto_explain.log_min_duration = {least}");
    let made = tokio::task::spawn_blocking(move || {
        postgres_wire::execute_all(
            &target,
            &["LOAD 'auto_explain'", &set, "SELECT pg_reload_conf()"],
        )
    });
    let made = made.await.expect("the client does not panic");
    made.unwrap_or_else(|error| panic!("the server does not explain: {error}"));
}

/// The plans in a piece of a log, in order.
#[must_use]
pub fn parse(log: &str) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        if !(line.contains("LOG:  duration: ") && line.ends_with("plan:")) {
            continue;
        }
        let mut json = String::new();
        while let Some(more) = lines.next_if(|line| line.starts_with('\t')) {
            json.push_str(&more[1..]);
            json.push('\n');
        }
        // The last one may still be being written.
        let Ok(told) = serde_json::from_str::<Value>(&json) else {
            continue;
        };
        let application = line
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next());
        let mut plan = Plan {
            application: application.unwrap_or_default().to_owned(),
            query: told["Query Text"].as_str().unwrap_or_default().to_owned(),
            buffers: buffers(&told["Plan"]),
            discarded: 0,
            scanned: Vec::new(),
        };
        walk(&told["Plan"], &mut plan);
        plans.push(plan);
    }
    plans
}

fn buffers(node: &Value) -> u64 {
    let of = |name: &str| node[name].as_u64().unwrap_or_default();
    of("Shared Hit Blocks") + of("Shared Read Blocks")
}

fn walk(node: &Value, plan: &mut Plan) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    if kind == "Seq Scan" {
        let table = node["Relation Name"].as_str().unwrap_or_default();
        plan.scanned.push(table.to_owned());
    }
    let loops = node["Actual Loops"].as_u64().unwrap_or(1);
    for name in ["Rows Removed by Filter", "Rows Removed by Join Filter"] {
        plan.discarded += node[name].as_u64().unwrap_or_default() * loops;
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_plan_is_read_with_everything_below_it() {
        let log = "[x] LOG:  something else\n\
            [covergen-user] LOG:  duration: 0.1 ms  plan:\n\
            \t{\n\
            \t  \"Query Text\": \"SELECT 1 FROM a, b\",\n\
            \t  \"Plan\": {\"Node Type\": \"Nested Loop\", \"Shared Hit Blocks\": 7,\n\
            \t    \"Shared Read Blocks\": 2, \"Plans\": [\n\
            \t    {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"a\", \"Actual Loops\": 3,\n\
            \t     \"Rows Removed by Filter\": 5},\n\
            \t    {\"Node Type\": \"Index Scan\", \"Relation Name\": \"b\"}]}\n\
            \t}\n\
            [y] LOG:  duration: 0.1 ms  plan:\n\
            \t{ \"Query Text\": \"cut o";
        let plans = parse(log);
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].application, "covergen-user");
        assert_eq!((plans[0].buffers, plans[0].discarded), (9, 15));
        assert_eq!(plans[0].scanned, ["a"]);
    }
}
