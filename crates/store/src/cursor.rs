use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Rows of a page when the caller names no number.
pub const DEFAULT_PAGE_SIZE: u64 = 20;

/// Most rows of a page.
pub const MAX_PAGE_SIZE: u64 = 100;

const VERSION: u8 = 1;
const CHECK_LEN: usize = 8;
const MAX_TOKEN_BYTES: usize = 2_048;

/// The number of rows for a requested page size: 20 where none (or a negative
/// one) is named, at most 100.
#[must_use]
pub fn page_size(requested: i32) -> u64 {
    match u64::try_from(requested) {
        Ok(0) | Err(_) => DEFAULT_PAGE_SIZE,
        Ok(size) => size.min(MAX_PAGE_SIZE),
    }
}

/// Opaque page tokens over the sort keys of the last row seen, so that rows
/// inserted or deleted between two pages move nothing.
///
/// Layout: base64url of version (1 byte), check (8 bytes of SHA-256 over list
/// name and keys), keys as JSON. The check notices damage and tokens of other
/// lists; it is no secret, and a forged token reads nothing that the caller
/// could not list anyway, since every list is scoped by its own query.
#[derive(Debug, Clone, Copy)]
pub struct Cursor;

impl Cursor {
    /// The token that continues `list` after a row with these sort keys, such
    /// as `&(created_at_ms, id)`. The last key must be unique. Put whatever
    /// else decides which rows the list holds into its name.
    #[must_use]
    pub fn encode<K: Serialize>(list: &str, keys: &K) -> String {
        let keys = serde_json::to_vec(keys).expect("sort keys are numbers, texts and ids");
        let mut token = vec![VERSION];
        token.extend_from_slice(&check(list, &keys));
        token.extend_from_slice(&keys);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The sort keys of a token of `list`; `None` for the first page (an empty
    /// token).
    ///
    /// # Errors
    /// [`Error::BadCursor`] for anything but a token of this list.
    pub fn decode<K: DeserializeOwned>(list: &str, token: &str) -> Result<Option<K>> {
        if token.is_empty() {
            return Ok(None);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Error::BadCursor);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| Error::BadCursor)?;
        let (&version, rest) = bytes.split_first().ok_or(Error::BadCursor)?;
        let (expected, keys) = rest.split_at_checked(CHECK_LEN).ok_or(Error::BadCursor)?;
        if version != VERSION || expected != check(list, keys) {
            return Err(Error::BadCursor);
        }
        serde_json::from_slice(keys)
            .map(Some)
            .map_err(|_| Error::BadCursor)
    }
}

fn check(list: &str, keys: &[u8]) -> [u8; CHECK_LEN] {
    let hash = Sha256::new()
        .chain_update((list.len() as u64).to_be_bytes())
        .chain_update(list)
        .chain_update(keys)
        .finalize();
    hash[..CHECK_LEN]
        .try_into()
        .expect("a hash is longer than a check")
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Continues the list; empty on the last page.
    pub next_page_token: String,
}

impl<T> Page<T> {
    /// Makes a page of `size` out of rows that were fetched with a limit of
    /// `size + 1`: the row too many tells that there is a next page.
    #[must_use]
    pub fn cut<K: Serialize>(
        mut rows: Vec<T>,
        size: u64,
        list: &str,
        keys: impl FnOnce(&T) -> K,
    ) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next_page_token = match rows.last() {
            Some(last) if more => Cursor::encode(list, &keys(last)),
            _ => String::new(),
        };
        Self {
            items: rows,
            next_page_token,
        }
    }

    /// The same page with its rows turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            next_page_token: self.next_page_token,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_size_is_clamped() {
        assert_eq!(
            [0, -1, 1, 100, 101, i32::MAX].map(page_size),
            [20, 20, 1, 100, 100, 100]
        );
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        let token = Cursor::encode("covers", &(7, "x"));
        assert!(
            Cursor::decode::<(i64, String)>("covers", &token)
                .unwrap()
                .is_some()
        );
        assert!(matches!(
            Cursor::decode::<(i64, String)>("tasks", &token),
            Err(Error::BadCursor)
        ));
    }

    #[test]
    fn a_token_of_other_key_types_is_refused() {
        let token = Cursor::encode("covers", &(7, "x"));
        assert!(Cursor::decode::<(String, i64)>("covers", &token).is_err());
    }

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_token() {
        assert!(
            Page::cut(vec![1, 2], 2, "l", |n| *n)
                .next_page_token
                .is_empty()
        );
        let page = Page::cut(vec![1, 2, 3], 2, "l", |n| *n);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(Cursor::decode("l", &page.next_page_token).unwrap(), Some(2));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(at: i64, id: String, list: String) {
            let token = Cursor::encode(&list, &(at, &id));
            prop_assume!(token.len() <= MAX_TOKEN_BYTES);
            prop_assert_eq!(Cursor::decode(&list, &token).unwrap(), Some((at, id)));
        }

        #[test]
        fn no_text_makes_decoding_panic(token: String) {
            let _ = Cursor::decode::<(i64, String)>("list", &token);
        }

        #[test]
        fn a_changed_letter_is_noticed(at in 0usize..40, letter in "[A-Za-z0-9_-]") {
            let token = Cursor::encode("list", &(1_700_000_000_000_i64, "cov_1"));
            let mut changed = token.clone();
            let at = at.min(token.len() - 1);
            changed.replace_range(at..=at, &letter);
            prop_assume!(changed != token);
            prop_assert!(Cursor::decode::<(i64, String)>("list", &changed).is_err());
        }
    }
}
