//! Adds a line to a list of lines.

use anyhow::{Context as _, Result, ensure};

/// Where the new line goes among its siblings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// Before the first sibling that is greater.
    Sorted,
    /// After the last sibling.
    Last,
}

/// `text` with `line` among the lines for which `is_sibling` holds.
pub(super) fn insert(
    text: &str,
    line: &str,
    is_sibling: fn(&str) -> bool,
    order: Order,
) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    ensure!(!lines.contains(&line), "has `{}` already", line.trim());
    let siblings = || {
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| is_sibling(line))
    };
    let last = siblings().next_back().context("lists no services")?.0;
    let at = match order {
        Order::Sorted => siblings()
            .find(|(_, sibling)| **sibling > line)
            .map(|(at, _)| at),
        Order::Last => None,
    };
    lines.insert(at.unwrap_or(last + 1), line);
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[a]\nx-b = 1\nx-d = 1\n\n[b]\nx\n";

    fn inserted(line: &str, order: Order) -> String {
        insert(LIST, line, |line| line.starts_with("x-"), order).expect("has siblings")
    }

    #[test]
    fn a_sorted_line_goes_before_the_first_greater_one() {
        assert_eq!(
            inserted("x-c = 1", Order::Sorted),
            LIST.replace("x-d", "x-c = 1\nx-d")
        );
        assert_eq!(
            inserted("x-e = 1", Order::Sorted),
            LIST.replace("x-d = 1", "x-d = 1\nx-e = 1")
        );
    }

    #[test]
    fn an_unsorted_line_goes_last() {
        assert_eq!(
            inserted("x-a = 1", Order::Last),
            LIST.replace("x-d = 1", "x-d = 1\nx-a = 1")
        );
    }

    #[test]
    fn a_line_that_is_there_and_a_list_that_is_not_are_errors() {
        assert!(insert(LIST, "x-b = 1", |_| true, Order::Last).is_err());
        assert!(insert(LIST, "y", |_| false, Order::Last).is_err());
    }
}
