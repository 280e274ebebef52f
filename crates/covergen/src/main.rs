//! The Covergen binary: up, serve, render, migrate, backup, restore, doctor,
//! admin, mesh, events.

mod admin;
mod backup;
mod contact_sheet;
mod doctor;
mod events;
mod fonts;
mod mesh;
mod mesh_ca;
mod migrate;
mod options;
mod processes;
mod render;
mod roster;
mod serve;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Small, short-lived allocations are what a busy process spends a good part
/// of its time on (docs/PERFORMANCE.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "covergen",
    version,
    about = "From a title to finished covers.",
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole platform, in this process or in one for each service.
    Up(up::Args),
    /// Run some of the services, or of the BFFs, as one process of a mesh.
    Serve(serve::Args),
    /// Make a cover with no server.
    Render(render::Args),
    /// Show templates in many sizes and scripts on one page, and check them.
    ContactSheet(contact_sheet::Args),
    /// Bring every database up to date and stop.
    Migrate(migrate::Args),
    /// Copy everything into one folder, while the platform runs.
    Backup(backup::Args),
    /// Make an empty place what a backup holds.
    Restore(backup::restore::Args),
    /// Check every dependency and say how to mend what is wrong.
    Doctor(doctor::Args),
    /// Act as an operator: accounts, tokens, tiers.
    Admin(admin::Args),
    /// Show how the mesh stands in a running process: endpoints, breakers,
    /// splits, what was lately decided.
    Mesh(mesh::Args),
    /// Make certificates for processes that run side by side on one machine.
    MeshCa(mesh_ca::Args),
    /// Look at the event log and its archive; replay, redrive, rebuild.
    Events(events::Args),
}

fn main() -> ExitCode {
    // TLS is the same everywhere, and must be named once before it is used.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a TLS provider was installed already");
    }
    let result = match Cli::parse().command {
        Command::Up(args) => on_runtime(up::run(args)),
        Command::Serve(args) => on_runtime(serve::run(args)),
        Command::Render(args) => render::run(args),
        Command::ContactSheet(args) => contact_sheet::run(&args),
        Command::Migrate(args) => on_runtime(migrate::run(args)),
        Command::Backup(args) => on_runtime(backup::run(args)),
        Command::Restore(args) => on_runtime(backup::restore::run(args)),
        Command::Doctor(args) => on_runtime(doctor::run(args)),
        Command::Admin(args) => on_runtime(admin::run(args)),
        Command::Mesh(args) => on_runtime(mesh::run(args)),
        Command::MeshCa(args) => mesh_ca::run(args),
        Command::Events(args) => on_runtime(events::run(args)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
