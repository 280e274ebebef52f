/// A name with one of these words holds what nobody else should read.
const PRIVATE: [&str; 28] = [
    "apikey",
    "authorization",
    "bearer",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "email",
    "emails",
    "jwt",
    "mail",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "phone",
    "pin",
    "secret",
    "secrets",
    "subtitle",
    "subtitles",
    "title",
    "titles",
    "token",
    "tokens",
    "totp",
    "username",
];

/// Two words that are private only together.
const PRIVATE_PAIRS: [(&str, &str); 10] = [
    ("api", "key"),
    ("display", "name"),
    ("family", "name"),
    ("first", "name"),
    ("full", "name"),
    ("given", "name"),
    ("last", "name"),
    ("private", "key"),
    ("recovery", "code"),
    ("recovery", "codes"),
];

/// A name that ends so tells something about a private thing, not the thing.
const HARMLESS_LAST: [&str; 16] = [
    "at", "bytes", "count", "enabled", "expired", "id", "ids", "kind", "length", "ms", "reason",
    "seconds", "status", "type", "verified", "version",
];

/// Whether a field of that name is masked whole. Words end at `_`, `-`, `.`
/// and before capitals, so `newPassword` is `new_password`.
pub(crate) fn is_private(name: &str) -> bool {
    let mut private = false;
    let mut before = "";
    for word in Words(name) {
        private |= is_one_of(&PRIVATE, word);
        private |= PRIVATE_PAIRS
            .iter()
            .any(|(first, second)| same(first, before) && same(second, word));
        before = word;
    }
    private && !is_one_of(&HARMLESS_LAST, before)
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| same(known, word))
}

fn same(known: &str, word: &str) -> bool {
    known.eq_ignore_ascii_case(word)
}

struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self
            .0
            .trim_start_matches(|character: char| !character.is_alphanumeric());
        if rest.is_empty() {
            return None;
        }
        let mut lower = false;
        let end = rest.find(|character: char| {
            let ends = !character.is_alphanumeric() || (lower && character.is_uppercase());
            lower = character.is_lowercase() || character.is_numeric();
            ends
        });
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.0 = rest;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_are_known_in_every_spelling() {
        for name in [
            "email",
            "Email",
            "user.email",
            "userEmail",
            "password",
            "new_password",
            "newPassword",
            "token",
            "refresh-token",
            "access_token",
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "Set-Cookie",
            "title",
            "subtitle",
            "cover_title",
            "x-api-key",
            "apiKey",
            "display_name",
            "client_secret",
        ] {
            assert!(is_private(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_sound_alike_stay() {
        for name in [
            "method",
            "entitlement",
            "untitled",
            "tokenizer",
            "token_count",
            "email_verified",
            "titles_count",
            "service",
            "file_name",
            "key",
            "cookiecutter",
            "",
            "__",
        ] {
            assert!(!is_private(name), "{name}");
        }
    }
}
