//! Which bytes of a download are asked for (RFC 9110, section 14).

/// A part of a download: from its first byte to before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Slice {
    /// All of it.
    pub(crate) const fn whole(size: u64) -> Self {
        Self {
            start: 0,
            end: size,
        }
    }

    pub(crate) const fn length(self) -> u64 {
        self.end - self.start
    }

    /// Reads a Range header. `Ok(None)` where it is to be ignored: there is
    /// none, it is not understood, or it asks for several parts.
    ///
    /// `Err` where it lies past the end.
    pub(crate) fn read(header: &str, size: u64) -> Result<Option<Self>, ()> {
        let Some(ranges) = header.trim().strip_prefix("bytes=") else {
            return Ok(None);
        };
        let Some((first, last)) = ranges.trim().split_once('-') else {
            return Ok(None);
        };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            // More digits than fit are past every end.
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let (start, end) = match (first.trim(), last.trim()) {
            ("", last) => match number(last) {
                Some(length) => (size.saturating_sub(length), size),
                None => return Ok(None),
            },
            (first, "") => match number(first) {
                Some(start) => (start, size),
                None => return Ok(None),
            },
            (first, last) => match (number(first), number(last)) {
                (Some(start), Some(last)) if start <= last => {
                    (start, last.saturating_add(1).min(size))
                }
                _ => return Ok(None),
            },
        };
        if start >= end {
            Err(())
        } else {
            Ok(Some(Self { start, end }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Slice;

    #[test]
    fn one_range_is_read_and_others_are_left_alone() {
        let slice =
            |header: &str| Slice::read(header, 100).map(|slice| slice.map(|s| (s.start, s.end)));
        for (header, expected) in [
            ("bytes=0-0", Ok(Some((0, 1)))),
            ("bytes=10-19", Ok(Some((10, 20)))),
            ("bytes=90-", Ok(Some((90, 100)))),
            ("bytes=-5", Ok(Some((95, 100)))),
            ("bytes=-500", Ok(Some((0, 100)))),
            ("bytes=50-99999999999999999999999", Ok(Some((50, 100)))),
            ("bytes=100-", Err(())),
            ("bytes=99999999999999999999999-", Err(())),
            ("bytes=-0", Err(())),
            ("", Ok(None)),
            ("bytes=5-2", Ok(None)),
            ("bytes=a-b", Ok(None)),
            ("bytes=-", Ok(None)),
            ("bytes=+1-2", Ok(None)),
            ("bytes=0-1,5-6", Ok(None)),
            ("lines=0-1", Ok(None)),
        ] {
            assert_eq!(slice(header), expected, "{header}");
        }
        assert_eq!(Slice::read("bytes=0-", 0), Err(()));
        assert_eq!(Slice::whole(7).length(), 7);
    }
}
