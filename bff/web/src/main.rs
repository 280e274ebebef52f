//! The web BFF as a process of its own.

fn main() -> std::process::ExitCode {
    covergen_edge::main(covergen_bff_web::EDGE, |listen| &listen.web)
}
