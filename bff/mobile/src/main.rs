//! The mobile BFF as a process of its own.

fn main() -> std::process::ExitCode {
    covergen_edge::main(covergen_bff_mobile::EDGE, |listen| &listen.mobile)
}
