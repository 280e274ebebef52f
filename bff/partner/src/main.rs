//! The partner BFF as a process of its own.

fn main() -> std::process::ExitCode {
    covergen_edge::main(covergen_bff_partner::EDGE, |listen| &listen.partner)
}
