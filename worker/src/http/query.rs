//! Query strings: pages of lists, and single parameters.

pub use oriel_shared::text::cursor::{Cursor, TimeCursor};
use oriel_shared::wire::admin::{PAGE_ITEMS_MAX, Page};
use oriel_shared::wire::problem::Code;
use worker::Url;

use super::problem::Problem;

/// Items on a page unless the caller asks for another number.
const DEFAULT_LIMIT: u32 = 50;

/// A parameter's value, when it is there.
pub fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Which page of a list is wanted: how many items, after which one.
pub struct Wanted<C> {
    /// Items on the page.
    pub limit: u32,
    /// The last item of the page before.
    pub after: Option<C>,
}

impl Wanted<TimeCursor> {
    /// Where the page begins: after the last item of the page before, or after a place beyond every row.
    pub fn after_or_start(&self) -> TimeCursor {
        self.after.clone().unwrap_or(TimeCursor {
            at: 1 << 53,
            id: String::new(),
        })
    }
}

/// Reads `?limit=` (1 to 100) and `?cursor=`.
///
/// # Errors
/// 400 `invalid_query`.
pub fn wanted<C: Cursor>(url: &Url) -> Result<Wanted<C>, Problem> {
    let limit = match param(url, "limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit))
            .ok_or_else(|| {
                Problem::new(
                    Code::InvalidQuery,
                    format!("`limit` is a number from 1 to {PAGE_ITEMS_MAX}."),
                )
            })?,
    };
    let after = match param(url, "cursor") {
        None => None,
        Some(text) => Some(C::read(&text).ok_or_else(|| {
            Problem::new(
                Code::InvalidQuery,
                "`cursor` is not one that a list of ours gave.",
            )
        })?),
    };
    Ok(Wanted { limit, after })
}

/// Makes a page of rows that were read with one more than `limit`, so that the last page says that it is the last.
pub fn page<R, T, C: Cursor>(
    mut rows: Vec<R>,
    limit: u32,
    cursor: impl Fn(&R) -> C,
    item: impl Fn(R) -> T,
) -> Page<T> {
    let limit = limit as usize;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows
        .last()
        .filter(|_| has_more)
        .map(|row| cursor(row).write());
    Page {
        items: rows.into_iter().map(item).collect(),
        next_cursor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(query: &str) -> Url {
        Url::parse(&format!("https://edge/x?{query}")).expect("a URL")
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(
            wanted::<u32>(&url("")).map(|w| w.limit).ok(),
            Some(DEFAULT_LIMIT)
        );
        assert_eq!(
            wanted::<u32>(&url("limit=1&cursor=7"))
                .ok()
                .and_then(|w| w.after),
            Some(7)
        );
        for query in [
            "limit=0",
            "limit=101",
            "limit=x",
            "limit=-1",
            "cursor=",
            "cursor=x",
        ] {
            assert!(wanted::<u32>(&url(query)).is_err(), "{query}");
        }
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let full = page(vec![1, 2, 3], 2, |n| *n, |n| n);
        assert_eq!(
            (full.items, full.next_cursor.as_deref()),
            (vec![1, 2], Some("2"))
        );
        let last = page(vec![3], 2, |n| *n, |n| n);
        assert_eq!((last.items, last.next_cursor), (vec![3], None));
    }
}
