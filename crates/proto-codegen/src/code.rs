//! Generated text.

/// Adds a line. Generated code is laid out for the compiler; `cargo expand`
/// and editors lay it out for people.
pub(crate) fn line(out: &mut String, text: impl AsRef<str>) {
    out.push_str(text.as_ref());
    out.push('\n');
}
