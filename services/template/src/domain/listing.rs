//! How lists of templates are filtered, ordered and continued.

use covergen_proto::template::v1::ListTemplatesRequest;
use serde::{Deserialize, Serialize};

use super::Violations;

/// Words of one search: more than a person types.
const MAX_WORDS: usize = 8;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As the gallery has them.
    Gallery,
    /// The most used first.
    Popularity,
    /// By name.
    Name,
    /// The newest version first.
    Newest,
}

/// Where a page ends: the sort keys of its last row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum After {
    /// Position, id.
    Gallery(i32, String),
    /// The bits of the heat (a decimal form could lose the last), position, id.
    Popularity(u64, i32, String),
    /// Name in lower case, id.
    Name(String, String),
    /// When it was made, id.
    Newest(i64, String),
}

/// What a list holds, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) mine: bool,
    pub(crate) category: Option<String>,
    pub(crate) premium: Option<bool>,
    /// In lower case; every one must be there.
    pub(crate) words: Vec<String>,
    pub(crate) order: Order,
}

impl Listing {
    /// Reads a request, its `filter` included.
    pub(crate) fn read(request: &ListTemplatesRequest) -> Result<Self, Violations> {
        let conditions = Conditions::parse(&request.filter)
            .map_err(|problem| vec![("filter".to_owned(), problem)])?;
        let category = Some(request.category.clone()).filter(|slug| !slug.is_empty());
        let mine = request.mine || conditions.mine.unwrap_or(false);
        Ok(Self {
            mine,
            category: category.or(conditions.category),
            premium: request.premium.or(conditions.premium),
            words: words(&request.query)?,
            order: match request.order_by.split(' ').next().unwrap_or_default() {
                "popularity" => Order::Popularity,
                "name" => Order::Name,
                "newest" | "create_time" => Order::Newest,
                "" if mine => Order::Newest,
                _ => Order::Gallery,
            },
        })
    }

    /// The gallery's most used templates.
    pub(crate) fn popular(category: &str) -> Self {
        Self {
            mine: false,
            category: Some(category.to_owned()).filter(|slug| !slug.is_empty()),
            premium: None,
            words: Vec::new(),
            order: Order::Popularity,
        }
    }
}

/// What is searched: everything that is said of a template, in lower case.
/// Made here and not by the database, which lower-cases Latin letters alone.
pub(crate) fn search_text(name: &str, description: &str, category: &str) -> String {
    format!("{name}\n{description}\n{category}").to_lowercase()
}

fn words(query: &str) -> Result<Vec<String>, Violations> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.len() > MAX_WORDS {
        let problem = format!("must have at most {MAX_WORDS} words");
        return Err(vec![("query".to_owned(), problem)]);
    }
    Ok(words)
}

/// What a `filter` asks for: the part of AIP-160 that is of use here,
/// `name = value` joined by AND.
#[derive(Debug, Default, PartialEq, Eq)]
struct Conditions {
    category: Option<String>,
    premium: Option<bool>,
    mine: Option<bool>,
}

impl Conditions {
    fn parse(filter: &str) -> Result<Self, String> {
        let mut found = Self::default();
        if filter.trim().is_empty() {
            return Ok(found);
        }
        for condition in filter.split(" AND ") {
            let (name, value) = condition
                .split_once('=')
                .ok_or_else(|| format!("`{}` is not `name = value`", condition.trim()))?;
            let (name, value) = (name.trim(), value.trim());
            let taken = match name {
                "category" => {
                    let text = value.trim_matches('"');
                    found.category.replace(text.to_owned()).is_some()
                }
                "premium" => found.premium.replace(truth(value)?).is_some(),
                "mine" => found.mine.replace(truth(value)?).is_some(),
                _ => return Err(format!("`{name}` is none of category, premium, mine")),
            };
            if taken {
                return Err(format!("`{name}` is given twice"));
            }
        }
        Ok(found)
    }
}

fn truth(value: &str) -> Result<bool, String> {
    value
        .parse()
        .map_err(|_| format!("`{value}` is not true or false"))
}

#[cfg(test)]
mod tests {
    use super::{Listing, Order};
    use covergen_proto::template::v1::ListTemplatesRequest;

    fn filtered(filter: &str) -> Result<Listing, super::Violations> {
        Listing::read(&ListTemplatesRequest {
            filter: filter.to_owned(),
            ..Default::default()
        })
    }

    #[test]
    fn conditions_are_joined_by_and() {
        let listing = filtered("category = \"travel\" AND premium=false").unwrap();
        assert_eq!(listing.category.as_deref(), Some("travel"));
        assert_eq!(listing.premium, Some(false));
        assert!(filtered("mine = true").unwrap().mine);
        assert_eq!(filtered("mine = true").unwrap().order, Order::Newest);
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused() {
        for bad in [
            "colour = \"red\"",
            "premium = maybe",
            "category",
            "category = a AND category = b",
            "premium = true OR premium = false",
        ] {
            assert_eq!(filtered(bad).unwrap_err()[0].0, "filter", "{bad}");
        }
    }
}
