//! Query strings: pages of lists, and single parameters. What an endpoint does not declare is refused.

pub use oriel_shared::text::cursor::{Cursor, TimeCursor};
use oriel_shared::wire::admin::{PAGE_ITEMS_MAX, Page};
use oriel_shared::wire::api::Endpoint;
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

/// Refuses parameters that an endpoint does not declare.
///
/// # Errors
/// 400 `invalid_query`, which names the first of them.
pub fn check_declared(url: &Url, endpoint: &Endpoint) -> Result<(), Problem> {
    let unknown = url
        .query_pairs()
        .find(|(name, _)| !endpoint.takes_parameter(name));
    let Some((name, _)) = unknown else {
        return Ok(());
    };
    let known: Vec<_> = endpoint
        .parameters()
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    let why = match known.as_slice() {
        [] => "is not a parameter: this call takes none".to_owned(),
        known => format!(
            "is not a parameter of this call, which takes {}",
            known.join(", ")
        ),
    };
    Err(Problem::parameter(&name, &why))
}

/// Reads a parameter that is one of a few names.
///
/// # Errors
/// 400 `invalid_query`, which lists them.
pub fn one_of<T: Copy>(
    parameter: &str,
    value: Option<String>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(value) = value else {
        return Ok(None);
    };
    let found = all.iter().copied().find(|one| name(*one) == value);
    found.map(Some).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
        let why = format!("must be one of {}", names.join(", "));
        Problem::parameter(parameter, &why)
    })
}

/// Which page of a list is wanted: how many items, after which one.
pub struct PageRequest<C> {
    /// Items on the page.
    pub limit: u32,
    /// The last item of the page before.
    pub after: Option<C>,
}

impl PageRequest<TimeCursor> {
    /// Where the page begins: after the last item of the page before, or before the first row.
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
pub fn page_request<C: Cursor>(url: &Url) -> Result<PageRequest<C>, Problem> {
    let limit = match param(url, "limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit))
            .ok_or_else(|| {
                let why = format!("must be a number from 1 to {PAGE_ITEMS_MAX}");
                Problem::parameter("limit", &why)
            })?,
    };
    let after = match param(url, "cursor") {
        None => None,
        Some(text) => Some(C::read(&text).ok_or_else(|| {
            let why = "must be the `next_cursor` of a page of this list";
            Problem::parameter("cursor", &why)
        })?),
    };
    Ok(PageRequest { limit, after })
}

/// Makes a page of rows. They were read with one more than `limit`, which tells whether another page follows.
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
    use oriel_shared::wire::api;
    use oriel_shared::wire::problem::Code;

    use super::*;

    fn url(query: &str) -> Url {
        Url::parse(&format!("https://edge/x?{query}")).expect("a URL")
    }

    #[test]
    fn what_an_endpoint_does_not_declare_is_refused_by_name() {
        let endpoint = |name: &str| api::endpoints().find(|endpoint| endpoint.name == name);
        let (reviews, alive) = (endpoint("list_reviews"), endpoint("alive"));
        let (reviews, alive) = (reviews.expect("declared"), alive.expect("declared"));
        for query in ["", "site=a&kind=lead&limit=1", "cursor=x&%6cimit=1"] {
            assert!(check_declared(&url(query), reviews).is_ok(), "{query}");
        }
        for (query, name) in [
            ("limit=1&colour=red", "colour"),
            ("Limit=1", "Limit"),
            ("=x", ""),
            ("a%26b=1", "a&b"),
        ] {
            let problem = check_declared(&url(query), reviews).expect_err(query);
            assert_eq!(problem.code, Code::InvalidQuery);
            assert_eq!(problem.field.as_deref(), Some(name));
        }
        assert!(check_declared(&url("limit=1"), alive).is_err());
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(
            page_request::<u32>(&url("")).map(|page| page.limit).ok(),
            Some(DEFAULT_LIMIT)
        );
        assert_eq!(
            page_request::<u32>(&url("limit=1&cursor=7"))
                .ok()
                .and_then(|page| page.after),
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
            assert!(page_request::<u32>(&url(query)).is_err(), "{query}");
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
