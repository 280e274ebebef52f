//! The view as tables that people read.

use covergen_proto::mesh::v1::{MeshDecision, MeshEndpoint, MeshRoute, MeshSource, MeshView};
use covergen_proto::wkt::Timestamp;

/// Decisions that fit below the rest.
const LATELY: usize = 20;

/// Everything an operator asks first, in the order they ask it.
pub(super) fn page(view: &MeshView) -> String {
    let mut page = Page::default();
    page.line(&match view.services.as_slice() {
        [] => "no services here".to_owned(),
        services => services.join(", "),
    });
    if let Some(identity) = &view.identity {
        let ends = identity.expire_time.as_ref().map_or_else(String::new, date);
        page.line(&format!("{} until {ends}", identity.spiffe_id));
    }
    for problem in &view.problems {
        page.line(&format!("! {problem}"));
    }
    let rows: Vec<_> = view.routes.iter().flat_map(route).collect();
    page.table("No calls yet", &ROUTE, &rows);
    let rows: Vec<_> = view.routes.iter().flat_map(splits).collect();
    page.table("", &["FROM", "TO", "SPLIT"], &rows);
    let rows: Vec<_> = view.sources.iter().filter_map(policy).collect();
    page.table("", &["OF", "LAYERS", "POLICY", "CHANGES"], &rows);
    for source in &view.sources {
        for problem in &source.policy_problems {
            let (path, told) = (&problem.path, &problem.problem);
            page.line(&format!("! {}: {path}: {told}", source.source));
        }
    }
    let rows: Vec<_> = view.sources.iter().flat_map(pools).collect();
    page.table(
        "",
        &["OF", "DEPENDENCY", "IN USE", "SIZE", "WAITING"],
        &rows,
    );
    let rows: Vec<_> = view.decisions.iter().take(LATELY).map(decision).collect();
    let columns = ["AT", "FROM", "TO", "DID", "WHAT"];
    page.table("Nothing decided yet", &columns, &rows);
    page.0
}

const ROUTE: [&str; 10] = [
    "FROM",
    "TO",
    "BREAKER",
    "OPEN",
    "WAITING",
    "ENDPOINT",
    "STATE",
    "LATENCY",
    "CALLS/30s",
    "FAILED",
];

type Row = Vec<String>;

/// A line for each endpoint, the first of which tells of the route itself.
fn route(route: &MeshRoute) -> Vec<Row> {
    let breaker = match route.breaker_opens_for_ms {
        0 => route.breaker.clone(),
        ms => format!("{} for {}", route.breaker, time(f64::from(ms))),
    };
    let own = [
        route.source.clone(),
        route.target.clone(),
        breaker,
        route.in_flight.to_string(),
        route.waiting.to_string(),
    ];
    if route.endpoints.is_empty() {
        let place = [route.address.clone()];
        return vec![own.into_iter().chain(place).collect()];
    }
    let endpoints = route.endpoints.iter().enumerate();
    endpoints
        .map(|(at, one)| {
            let own = if at == 0 {
                own.clone()
            } else {
                <[String; 5]>::default()
            };
            own.into_iter().chain(endpoint(one)).collect()
        })
        .collect()
}

fn endpoint(endpoint: &MeshEndpoint) -> [String; 5] {
    let state = match (endpoint.ejected_for_ms, endpoint.is_healthy) {
        (0, true) => endpoint.state.clone(),
        (0, false) => format!("{}, unhealthy", endpoint.state),
        (ms, _) => format!("{}, out for {}", endpoint.state, time(f64::from(ms))),
    };
    [
        endpoint.address.clone(),
        state,
        time(endpoint.latency_ms),
        endpoint.calls.to_string(),
        endpoint.failures.to_string(),
    ]
}

fn splits(route: &MeshRoute) -> Vec<Row> {
    let told = route.splits.iter().map(|split| {
        let sum: i32 = split.ways.iter().map(|way| way.weight).sum();
        let share = |weight: i32| f64::from(weight) * 100.0 / f64::from(sum.max(1));
        let ways = split.ways.iter();
        let ways: Vec<_> = ways
            .map(|way| format!("{} {:.0} %", way.target, share(way.weight)))
            .collect();
        vec![route.source.clone(), route.target.clone(), ways.join(", ")]
    });
    told.collect()
}

/// Nothing where there is nothing to tell.
fn policy(source: &MeshSource) -> Option<Row> {
    let is_plain = source.layers == "on" && source.policy_changes == 0;
    (!is_plain).then(|| {
        vec![
            source.source.clone(),
            source.layers.clone(),
            source.policy_version.clone(),
            source.policy_changes.to_string(),
        ]
    })
}

/// Those in use.
fn pools(source: &MeshSource) -> Vec<Row> {
    let used = source.pools.iter();
    let used = used.filter(|pool| pool.in_flight + pool.waiting > 0);
    used.map(|pool| {
        vec![
            source.source.clone(),
            pool.name.clone(),
            pool.in_flight.to_string(),
            pool.size.to_string(),
            pool.waiting.to_string(),
        ]
    })
    .collect()
}

fn decision(decision: &MeshDecision) -> Row {
    let at = decision.decide_time.as_ref();
    vec![
        at.map_or_else(String::new, clock),
        decision.source.clone(),
        decision.target.clone(),
        decision.kind.clone(),
        decision.detail.clone(),
    ]
}

/// `5.2 ms`, `31 s`.
fn time(ms: f64) -> String {
    match ms {
        ms if ms <= 0.0 => "-".to_owned(),
        ms if ms < 1_000.0 => format!("{ms:.1} ms"),
        ms => format!("{:.0} s", ms / 1_000.0),
    }
}

/// Time of day, in UTC.
fn clock(at: &Timestamp) -> String {
    let second = at.seconds.rem_euclid(86_400);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let millis = at.nanos / 1_000_000;
    format!("{hour:02}:{minute:02}:{:02}.{millis:03}", second % 60)
}

/// As proto3's JSON writes it.
fn date(at: &Timestamp) -> String {
    let json = serde_json::to_value(at).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// Columns as wide as what stands in them; `none` instead of no rows.
    fn table(&mut self, none: &str, columns: &[&str], rows: &[Row]) {
        if rows.is_empty() {
            if !none.is_empty() {
                self.line(&format!("\n{none}."));
            }
            return;
        }
        let heads: Row = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut widths = vec![0; columns.len()];
        for row in std::iter::once(&heads).chain(rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        self.line("");
        for row in std::iter::once(&heads).chain(rows) {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            self.line(&cells.join("  "));
        }
    }
}

#[cfg(test)]
mod tests {
    use covergen_proto::mesh::v1::{MeshIdentity, MeshSplit, MeshWay};

    use super::*;

    fn view() -> MeshView {
        let way = |target: &str, weight| MeshWay {
            target: target.to_owned(),
            weight,
        };
        let endpoint = |address: &str, ejected_for_ms| MeshEndpoint {
            address: address.to_owned(),
            state: "ready".to_owned(),
            is_healthy: true,
            ejected_for_ms,
            latency_ms: 5.25,
            calls: 12,
            failures: 3,
            ..MeshEndpoint::default()
        };
        MeshView {
            services: vec!["cover".to_owned()],
            identity: Some(MeshIdentity {
                spiffe_id: "spiffe://covergen.test/ns/dev/sa/cover".to_owned(),
                expire_time: Some(Timestamp {
                    seconds: 0,
                    nanos: 0,
                }),
            }),
            routes: vec![MeshRoute {
                source: "cover".to_owned(),
                target: "task".to_owned(),
                breaker: "open".to_owned(),
                breaker_opens_for_ms: 4_000,
                endpoints: vec![endpoint("10.0.0.1:1", 0), endpoint("10.0.0.2:1", 31_000)],
                splits: vec![MeshSplit {
                    ways: vec![way("task", 90), way("task-canary", 10)],
                }],
                ..MeshRoute::default()
            }],
            decisions: vec![MeshDecision {
                decide_time: Some(Timestamp {
                    seconds: 3_661,
                    nanos: 5_000_000,
                }),
                kind: "eject".to_owned(),
                ..MeshDecision::default()
            }],
            ..MeshView::default()
        }
    }

    #[test]
    fn what_an_operator_asks_first_stands_on_the_page() {
        let page = page(&view());
        for told in [
            "spiffe://covergen.test/ns/dev/sa/cover until 1970-01-01T00:00:00Z",
            "open for 4 s",
            "10.0.0.2:1  ready, out for 31 s  5.2 ms",
            "task 90 %, task-canary 10 %",
            "01:01:01.005",
            "eject",
        ] {
            assert!(page.contains(told), "{told}:\n{page}");
        }
        assert!(!page.contains("DEPENDENCY"), "{page}");
    }

    #[test]
    fn a_process_that_called_nobody_says_so() {
        let page = page(&MeshView::default());
        assert!(page.contains("No calls yet.") && page.contains("Nothing decided yet."));
    }
}
