//! `page` on lists that page by token.
//!
//! Cursors stay right while rows come and go, numbers do not; but some
//! clients want numbers. What lies before the page asked for is read over, a
//! hundred items at a time, within a bound.

use crate::call::Call;
use crate::problem::Problem;

/// Items on a page where the caller does not say.
const DEFAULT_SIZE: u32 = 20;
/// Most items that one call reads over: the largest page that lists have.
const STEP: u32 = 100;
/// Most items that are read over before a page.
const MAX_SKIPPED: u32 = 1_000;
/// Most calls that reading over may take; short pages count as well.
const MAX_CALLS: u32 = 20;

/// What is still to be read over before the page asked for.
#[derive(Debug)]
pub struct Skip {
    left: u32,
    calls: u32,
}

impl Call {
    /// Takes `page` out of the query; the first where there is none.
    ///
    /// # Errors
    /// When it is repeated or not a number from 1.
    pub fn take_page(&mut self) -> Result<u32, Problem> {
        let Some(at) = self.query.iter().position(|(name, _)| name == "page") else {
            return Ok(1);
        };
        let (_, value) = self.query.remove(at);
        if self.query.iter().any(|(name, _)| name == "page") {
            let text = "is given more than once";
            return Err(Problem::invalid_field("DUPLICATE_PARAMETER", "page", text));
        }
        let page = value.parse().ok().filter(|page| *page >= 1);
        page.filter(|_| !value.starts_with('+')).ok_or_else(|| {
            Problem::invalid_field("INVALID_VALUE", "page", "must be a whole number from 1")
        })
    }
}

impl Skip {
    /// What lies before `page`. The size is settled here where the caller
    /// leaves it open, so that every page is counted alike.
    ///
    /// # Errors
    /// When a token is given as well, or the page lies too far in.
    pub fn to(page: u32, size: &mut i32, token: &str) -> Result<Self, Problem> {
        if page == 1 {
            return Ok(Self { left: 0, calls: 0 });
        }
        if !token.is_empty() {
            let text = "and `pageToken` cannot both be given";
            return Err(Problem::invalid_field("INVALID_VALUE", "page", text));
        }
        let each = match u32::try_from(*size) {
            Ok(0) => DEFAULT_SIZE,
            Ok(each) => each,
            // The service refuses the size itself, and says why.
            Err(_) => return Ok(Self { left: 0, calls: 0 }),
        };
        *size = i32::try_from(each).unwrap_or(i32::MAX);
        let left = (page - 1).saturating_mul(each);
        if left > MAX_SKIPPED {
            let text = format!(
                "lies more than {MAX_SKIPPED} items in: go on with `pageToken`, \
                 set to the `nextPageToken` of the answer before"
            );
            return Err(Problem::invalid_field("INVALID_VALUE", "page", text));
        }
        Ok(Self { left, calls: 0 })
    }

    /// How many items the next call should read over; none once the page is
    /// reached.
    #[must_use]
    pub fn step(&self) -> Option<i32> {
        let open = self.left > 0 && self.calls < MAX_CALLS;
        open.then(|| i32::try_from(self.left.min(STEP)).unwrap_or(i32::MAX))
    }

    /// Notes how many items a call did read over.
    pub fn passed(&mut self, items: usize) {
        let items = u32::try_from(items).unwrap_or(u32::MAX);
        self.left = self.left.saturating_sub(items);
        self.calls += 1;
    }
}
