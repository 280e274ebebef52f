/// What a query may cost at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a request.
    pub request_bytes: usize,
    /// Fields below each other.
    pub depth: usize,
    /// Fields in all, those of fragments each time they are spread.
    pub fields: usize,
    /// Routes that one query calls.
    pub calls: usize,
}

impl Default for Limits {
    /// Room for a screen full of lists, not for a crawl.
    fn default() -> Self {
        Self {
            request_bytes: 64 * 1024,
            depth: 12,
            fields: 400,
            calls: 10,
        }
    }
}
