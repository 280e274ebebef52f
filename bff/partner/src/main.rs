//! The partner BFF as a process of its own.

/// Small, short-lived allocations are what a busy process spends a good part
/// of its time on (docs/PERFORMANCE.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    covergen_edge::main(covergen_bff_partner::EDGE, |listen| &listen.partner)
}
