//! How much goes through: events from a transaction to the transaction of who
//! hears them, beside a bare NATS client on the same server; and tasks whose
//! step waits for an answer over HTTP, on more and more workers. Prints one
//! JSON object a line, for `cargo xtask bench throughput`.
//!
//! Usage: `bench_throughput <events> <tasks>`.

#![allow(clippy::print_stdout, reason = "it prints its figures")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

mod events;
mod tasks;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().unwrap());
    let (events, tasks) = (
        arguments.next().unwrap_or(5_000),
        arguments.next().unwrap_or(100),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        events::measure(events).await;
        tasks::measure(tasks).await;
    });
}
