//! As much of CBOR (RFC 8949) as CTAP2's canonical form has: definite
//! lengths, no tags, no floating point. What is left out is refused.

/// A data item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Bool(bool),
    Null,
}

/// Deeper than any authenticator nests.
const MAX_DEPTH: u8 = 8;

/// Bytes that are not one well-formed item of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Item {
    /// Reads one item from the front, and tells how many bytes it takes.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, usize), Malformed> {
        let mut reader = Reader { bytes, at: 0 };
        let item = reader.item(MAX_DEPTH)?;
        Ok((item, reader.at))
    }

    /// Reads one item that takes all the bytes.
    pub(super) fn read_whole(bytes: &[u8]) -> Result<Self, Malformed> {
        match Self::read(bytes)? {
            (item, read) if read == bytes.len() => Ok(item),
            _ => Err(Malformed),
        }
    }

    /// The value at a key of a map.
    pub(super) fn get(&self, key: &Self) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a text key of a map.
    pub(super) fn text_key(&self, key: &str) -> Option<&Self> {
        self.get(&Self::Text(key.to_owned()))
    }

    /// The value at a number of a map.
    pub(super) fn int_key(&self, key: i64) -> Option<&Self> {
        self.get(&Self::Int(key))
    }

    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], Malformed> {
        let end = self.at.checked_add(count).ok_or(Malformed)?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed)?;
        self.at = end;
        Ok(taken)
    }

    fn argument(&mut self, low: u8) -> Result<u64, Malformed> {
        let width = match low {
            0..=23 => return Ok(u64::from(low)),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            // Indefinite lengths and what is reserved.
            _ => return Err(Malformed),
        };
        let bytes = self.take(width)?;
        Ok(bytes
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    /// A count of things that take a byte each at least: more than there are
    /// bytes left cannot be, so nothing is set aside for a lie.
    fn length(&mut self, low: u8) -> Result<usize, Malformed> {
        let length = usize::try_from(self.argument(low)?).map_err(|_| Malformed)?;
        if length > self.bytes.len() - self.at {
            return Err(Malformed);
        }
        Ok(length)
    }

    fn item(&mut self, depth: u8) -> Result<Item, Malformed> {
        let inner = depth.checked_sub(1).ok_or(Malformed)?;
        let head = self.take(1)?[0];
        let low = head & 0x1f;
        Ok(match head >> 5 {
            0 => Item::Int(i64::try_from(self.argument(low)?).map_err(|_| Malformed)?),
            1 => {
                let number = i64::try_from(self.argument(low)?).map_err(|_| Malformed)?;
                Item::Int(-1 - number)
            }
            2 => {
                let length = self.length(low)?;
                Item::Bytes(self.take(length)?.to_vec())
            }
            3 => {
                let length = self.length(low)?;
                let text = std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)?;
                Item::Text(text.to_owned())
            }
            4 => {
                let length = self.length(low)?;
                let items: Result<Vec<Item>, Malformed> =
                    (0..length).map(|_| self.item(inner)).collect();
                Item::Array(items?)
            }
            5 => {
                let mut entries: Vec<(Item, Item)> = Vec::new();
                for _ in 0..self.length(low)? {
                    let key = self.item(inner)?;
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(Malformed);
                    }
                    entries.push((key, self.item(inner)?));
                }
                Item::Map(entries)
            }
            7 => match low {
                20 => Item::Bool(false),
                21 => Item::Bool(true),
                22 => Item::Null,
                _ => return Err(Malformed),
            },
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Malformed};

    #[test]
    fn items_of_rfc_8949_read_as_written() {
        // Appendix A.
        let cases: [(&[u8], Item); 9] = [
            (&[0x00], Item::Int(0)),
            (&[0x18, 0x64], Item::Int(100)),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], Item::Int(1_000_000)),
            (&[0x38, 0x63], Item::Int(-100)),
            (&[0x39, 0x01, 0x00], Item::Int(-257)),
            (&[0x44, 1, 2, 3, 4], Item::Bytes(vec![1, 2, 3, 4])),
            (&[0x62, 0xc3, 0xbc], Item::Text("ü".to_owned())),
            (&[0xf5], Item::Bool(true)),
            (
                &[0xa1, 0x61, 0x61, 0x82, 0x01, 0xf6],
                Item::Map(vec![(
                    Item::Text("a".to_owned()),
                    Item::Array(vec![Item::Int(1), Item::Null]),
                )]),
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Item::read_whole(bytes), Ok(expected), "{bytes:02x?}");
        }
        assert_eq!(Item::read(&[0x01, 0x02]), Ok((Item::Int(1), 1)));
    }

    #[test]
    fn what_is_cut_short_nested_or_out_of_form_is_refused() {
        let cases: [&[u8]; 10] = [
            &[],
            &[0x44, 1, 2],
            // A length of four gigabytes.
            &[0x5a, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            // Indefinite, tagged, a float, not UTF-8.
            &[0x9f, 0x01, 0xff],
            &[0xc0, 0x00],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x61, 0xff],
            // A key twice.
            &[0xa2, 0x01, 0x02, 0x01, 0x03],
            &[0x81; 64],
        ];
        for bytes in cases {
            assert_eq!(Item::read_whole(bytes), Err(Malformed), "{bytes:02x?}");
        }
        assert_eq!(Item::read_whole(&[0x01, 0x02]), Err(Malformed));
    }
}
