//! The requests, read from the text beside this file.

pub(super) const CORPUS: &str = include_str!("corpus.txt");

/// One request.
pub(super) struct Asked {
    /// As it stands in the corpus.
    pub(super) line: String,
    pub(super) method: String,
    path: Vec<u8>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

pub(super) fn parse(text: &str) -> Vec<Asked> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .filter(|line| !line.starts_with("# "))
        .map(Asked::parse)
        .collect()
}

impl Asked {
    fn parse(line: &str) -> Self {
        let (method, rest) = line.split_once(' ').expect("a method and a path");
        let (path, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut headers = Vec::new();
        while let Some((header, after)) = rest
            .strip_prefix('[')
            .and_then(|inner| inner.split_once(']'))
            .filter(|(header, _)| is_header(header))
        {
            let (name, value) = header.split_once(':').expect("was looked for");
            headers.push((name.to_owned(), value.trim().to_owned()));
            rest = after.trim_start();
        }
        Self {
            line: line.to_owned(),
            method: method.to_owned(),
            path: expand(path),
            headers,
            body: (!rest.is_empty()).then(|| expand(rest)),
        }
    }

    /// As sent to us: audiences have a prefix, which the annotations do not.
    pub(super) fn for_us(&self) -> Vec<u8> {
        let at_root = self.path.starts_with(b"/i/");
        self.bytes(if at_root { "" } else { "/api/v1" })
    }

    /// The request on the wire.
    pub(super) fn bytes(&self, prefix: &str) -> Vec<u8> {
        let mut out = format!("{} {prefix}", self.method).into_bytes();
        out.extend_from_slice(&self.path);
        out.extend_from_slice(b" HTTP/1.1\r\nhost: covergen.test\r\nconnection: close\r\n");
        // Some routes want somebody to have signed in; Envoy does not care.
        out.extend_from_slice(b"authorization: Bearer user-ada\r\n");
        for (name, value) in &self.headers {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if let Some(body) = &self.body {
            let length = body.len();
            out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
            if !self.headers.iter().any(|(name, _)| name == "content-type") {
                out.extend_from_slice(b"content-type: application/json\r\n");
            }
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(self.body.as_deref().unwrap_or_default());
        out
    }
}

/// Whether `[…]` at the start of a body is a header rather than a JSON array.
fn is_header(text: &str) -> bool {
    text.split_once(':').is_some_and(|(name, _)| {
        let belongs = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        !name.is_empty() && name.bytes().all(belongs)
    })
}

/// Writes `<<3*ab>>` and `<<xFF>>` out.
fn expand(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let (inner, after) = after.split_once(">>").expect("`<<` is closed");
        out.extend_from_slice(before.as_bytes());
        if let Some((times, repeated)) = inner.split_once('*') {
            let times = times.parse().expect("a number before `*`");
            out.extend_from_slice(repeated.repeat(times).as_bytes());
        } else {
            let byte = inner.strip_prefix('x').expect("a byte as `xFF`");
            out.push(u8::from_str_radix(byte, 16).expect("hexadecimal digits"));
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

#[test]
fn a_line_of_the_corpus_becomes_a_request() {
    let asked = Asked::parse("POST /a<<2*b>> [x-y: z] [1,<<x41>>]");
    let text = String::from_utf8(asked.bytes("/p")).unwrap();
    assert!(text.starts_with("POST /p/abb HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("\r\nx-y: z\r\n") && text.ends_with("\r\n\r\n[1,A]"));
}
