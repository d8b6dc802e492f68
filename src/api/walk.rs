//! Going through the account list, page by page, to an end.

use super::call::Call;
use super::error::ApiError;
use crate::wechat::limits;
use crate::wechat::wire::ListPage;

/// How many pages are read however the list behaves.
const GRACE: u64 = 100;
/// The fewest rows that pages have on an average: WeChat gives [`ListPage::LIMIT`] in each, and fewer
/// in the last one only.
const FEWEST: u64 = 10;

/// Where a walk over the account list stands. A list may grow to twice its size while it is read;
/// one that grows on and on, or gives a few rows of very many, is not followed.
#[derive(Debug, Default)]
pub struct ListWalk {
    offset: u64,
    pages: u64,
    first_total: Option<u64>,
}

impl ListWalk {
    /// Where the next page begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What the first page said the list holds.
    #[must_use]
    pub fn first_total(&self) -> Option<u64> {
        self.first_total
    }

    /// Takes the page at [`ListWalk::offset`]; whether there is another one.
    ///
    /// # Errors
    /// [`ApiError::Endless`].
    pub fn take(&mut self, page: &ListPage) -> Result<bool, ApiError> {
        let (rows, total) = (page.list.len() as u64, page.total_count);
        self.offset += rows;
        self.pages += 1;
        let first_total = *self.first_total.get_or_insert(total);
        if rows == 0 || self.offset >= total {
            return Ok(false);
        }
        let page_size = u64::from(ListPage::LIMIT);
        let enough = GRACE + 2 * first_total.div_ceil(page_size);
        let is_sparse = self.offset < self.pages * FEWEST;
        if total > limits::ACCOUNTS || self.pages > enough || (self.pages > GRACE && is_sparse) {
            return Err(ApiError::Endless {
                call: Call::AuthorizerList,
                pages: self.pages,
                rows: self.offset,
                total,
            });
        }
        Ok(true)
    }
}
