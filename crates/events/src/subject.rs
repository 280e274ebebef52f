use std::fmt;

use crate::{Error, Result};

const MAX_TOKEN_BYTES: usize = 80;

/// `covergen.<domain>.<Event>.<aggregate>`: what happened, to what.
///
/// Each token holds ASCII letters, digits, `_` and `-`, at most 80 of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    text: String,
    domain_end: usize,
}

/// Every subject starts with this token, whatever namespace the server uses.
pub(crate) const ROOT: &str = "covergen";

impl Subject {
    /// Builds the subject of one event.
    ///
    /// # Errors
    /// [`Error::InvalidName`] when a token breaks the grammar.
    pub fn new(domain: &str, event: &str, aggregate: &str) -> Result<Self> {
        check_name("domain", domain)?;
        check_token("event", event)?;
        check_token("aggregate", aggregate)?;
        Ok(Self {
            text: format!("{ROOT}.{domain}.{event}.{aggregate}"),
            domain_end: ROOT.len() + 1 + domain.len(),
        })
    }

    /// Reads a subject as printed by [`Subject::as_str`].
    ///
    /// # Errors
    /// [`Error::InvalidName`] when it is not one.
    pub fn parse(text: &str) -> Result<Self> {
        let mut tokens = text.split('.');
        match (
            tokens.next(),
            tokens.next(),
            tokens.next(),
            tokens.next(),
            tokens.next(),
        ) {
            (Some(ROOT), Some(domain), Some(event), Some(aggregate), None) => {
                Self::new(domain, event, aggregate)
            }
            _ => Err(Error::InvalidName {
                what: "subject",
                name: text.to_owned(),
                why: "it is covergen.<domain>.<Event>.<aggregate>",
            }),
        }
    }

    /// The whole subject.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The domain, which is also the name of the stream that holds the event.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[ROOT.len() + 1..self.domain_end]
    }

    /// The event's name.
    #[must_use]
    pub fn event(&self) -> &str {
        self.tail().split('.').next().unwrap_or_default()
    }

    /// The aggregate's typed id.
    #[must_use]
    pub fn aggregate(&self) -> &str {
        self.tail().split('.').nth(1).unwrap_or_default()
    }

    fn tail(&self) -> &str {
        &self.text[self.domain_end + 1..]
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Checks a stream, consumer or namespace name: `[a-z0-9_-]`, 1 to 32 bytes.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<()> {
    let fits = (1..=32).contains(&name.len());
    let clean = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    // JetStream keeps dead letters in a stream of this name.
    let reserved = name.ends_with("_dead");
    if fits && clean && !reserved {
        return Ok(());
    }
    Err(Error::InvalidName {
        what,
        name: name.to_owned(),
        why: "1 to 32 of a-z, 0-9, _ and -, not ending in _dead",
    })
}

fn check_token(what: &'static str, token: &str) -> Result<()> {
    let fits = (1..=MAX_TOKEN_BYTES).contains(&token.len());
    let clean = token
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits && clean {
        return Ok(());
    }
    Err(Error::InvalidName {
        what,
        name: token.to_owned(),
        why: "1 to 80 of letters, digits, _ and -",
    })
}

/// Checks a topic of unpersisted messages: 1 to 6 tokens joined by dots.
pub(crate) fn check_topic(topic: &str) -> Result<()> {
    if topic.split('.').count() > 6 {
        return Err(Error::InvalidName {
            what: "topic",
            name: topic.to_owned(),
            why: "at most 6 tokens",
        });
    }
    topic
        .split('.')
        .try_for_each(|token| check_token("topic", token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_its_parts() {
        let subject = Subject::new("cover", "CoverGenerated", "cov_0192").unwrap();
        assert_eq!(subject.as_str(), "covergen.cover.CoverGenerated.cov_0192");
        assert_eq!(subject.domain(), "cover");
        assert_eq!(subject.event(), "CoverGenerated");
        assert_eq!(subject.aggregate(), "cov_0192");
        assert_eq!(Subject::parse(subject.as_str()).unwrap(), subject);
    }

    #[test]
    fn wildcards_dots_and_spaces_never_enter_a_subject() {
        for bad in [
            "",
            "*",
            ">",
            "a.b",
            "a b",
            "a\r\nPUB x",
            "é",
            &"x".repeat(81),
        ] {
            assert!(Subject::new("cover", "E", bad).is_err(), "{bad:?}");
            assert!(Subject::new("cover", bad, "a").is_err(), "{bad:?}");
            assert!(Subject::new(bad, "E", "a").is_err(), "{bad:?}");
        }
        assert!(Subject::parse("other.cover.E.a").is_err());
        assert!(Subject::parse("covergen.cover.E.a.b").is_err());
    }

    #[test]
    fn a_topic_is_a_few_plain_tokens() {
        assert!(check_topic("task.tsk_0192").is_ok());
        for bad in ["", "task.", "task.*", ">", "a.b.c.d.e.f.g"] {
            assert!(check_topic(bad).is_err(), "{bad:?}");
        }
    }
}
