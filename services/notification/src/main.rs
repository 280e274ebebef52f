//! The notification service as a process of its own.

fn main() -> std::process::ExitCode {
    covergen_chassis::main(covergen_notification::service())
}
