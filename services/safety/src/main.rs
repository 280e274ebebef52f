//! The safety service as a process of its own.

fn main() -> std::process::ExitCode {
    covergen_chassis::main(covergen_safety::service())
}
