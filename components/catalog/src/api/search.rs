//! Search.

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Cursor, Page, Problem, Query};
use stoa_kit::{Error, Result};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::shapes::SearchPage;
use crate::domain::limits;
use crate::domain::search::{self, Order, Position, Search};

/// In which order to list what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchSort {
    Relevance,
    Newest,
    PriceAsc,
    PriceDesc,
    BestSelling,
}

/// What to search for.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, in any order and with or without accents; the last one may be unfinished. Without it, the
    /// filters alone decide.
    #[garde(inner(custom(limits::search_text)))]
    #[param(min_length = 1, max_length = 200, example = "den long")]
    pub q: Option<String>,
    /// In this category or below it.
    #[garde(skip)]
    pub category_id: Option<Uuid>,
    /// Lowest price at least this, in minor units of `currency`.
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[param(minimum = 0, maximum = 1_000_000_000_000i64)]
    pub min_price: Option<i64>,
    /// Lowest price at most this, in minor units of `currency`.
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[param(minimum = 0, maximum = 1_000_000_000_000i64)]
    pub max_price: Option<i64>,
    /// Sold in this currency. Needed with a limit of the price, and to sort by it.
    #[garde(inner(custom(limits::currency)))]
    #[param(example = "VND")]
    pub currency: Option<String>,
    /// Of this seller.
    #[garde(skip)]
    pub seller_id: Option<Uuid>,
    /// `true`: what can be bought now; `false`: what cannot.
    #[garde(skip)]
    pub in_stock: Option<bool>,
    /// `relevance` when left out, without `q` `newest`.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<SearchSort>,
    /// How many items, 1 to 100; 20 when left out.
    #[garde(skip)]
    #[param(minimum = 1, maximum = 100, default = 20)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; good for the same search only.
    #[garde(skip)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    pub cursor: Option<String>,
}

/// Finds listed products.
///
/// All words have to be in a product's name, category or description (its first 1000 characters), accents
/// or not. The best match comes first: name before category before description, and among equals what sells.
/// Where nothing holds all the words, those that nobody uses are taken for what they are nearest to, and
/// `match` is `similar`.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "catalog",
    params(
        SearchQuery,
    ),
    responses(
        (status = 200, body = SearchPage, description = "A page of products"),
        (status = 422, description = "A parameter is not acceptable, one that it needs is missing, or the cursor is of another search", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn search_products(
    Query(query): Query<SearchQuery>,
    page: Page<Position>,
) -> Result<Answer> {
    let search = read(query)?;
    if let Some(position) = &page.after
        && position.search != search.fingerprint()
    {
        return Err(Error::invalid(
            "?cursor",
            "invalid_cursor",
            "This cursor is of another search. Start again without one.",
        ));
    }
    let found = crate::store::search::search(&search, page.after.as_ref(), page.limit).await?;
    let matched = match (&search.words, found.similar) {
        (None, _) => "null",
        (Some(_), false) => "\"text\"",
        (Some(_), true) => "\"similar\"",
    };
    let cursor = found.next.map_or_else(
        || "null".to_owned(),
        |position| format!("\"{}\"", Cursor::encode(&position)),
    );
    Ok(Answer::json_text(format!(
        "{{\"items\":{},\"match\":{matched},\"next_cursor\":{cursor}}}",
        found.items
    )))
}

/// Fills in what was left out, and refuses what says nothing.
fn read(query: SearchQuery) -> Result<Search> {
    let order = match query.sort {
        None if query.q.is_some() => Order::Relevance,
        None | Some(SearchSort::Newest) => Order::Newest,
        Some(SearchSort::Relevance) => Order::Relevance,
        Some(SearchSort::PriceAsc) => Order::PriceAsc,
        Some(SearchSort::PriceDesc) => Order::PriceDesc,
        Some(SearchSort::BestSelling) => Order::BestSelling,
    };
    if order == Order::Relevance && query.q.is_none() {
        return Err(Error::invalid(
            "?q",
            "missing_field",
            "To sort by relevance, say to which words.",
        ));
    }
    let prices = query.min_price.is_some() || query.max_price.is_some() || order.compares_prices();
    if prices && query.currency.is_none() {
        return Err(Error::invalid(
            "?currency",
            "missing_field",
            "Prices compare within one currency: say which.",
        ));
    }
    if let (Some(min), Some(max)) = (query.min_price, query.max_price)
        && min > max
    {
        return Err(Error::invalid(
            "?max_price",
            "out_of_range",
            "The maximum is below the minimum.",
        ));
    }
    Ok(Search {
        words: query.q.map(|text| search::words(&text)),
        category: query.category_id,
        min_price: query.min_price,
        max_price: query.max_price,
        currency: query.currency,
        seller: query.seller_id,
        in_stock: query.in_stock,
        order,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_at(query: SearchQuery) -> String {
        match read(query) {
            Err(Error::Invalid(errors)) => errors
                .first()
                .map(|e| e.pointer.clone())
                .unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_are_sorted_by_relevance_and_everything_else_by_age() {
        let order = |q: Option<&str>| {
            let query = SearchQuery {
                q: q.map(ToOwned::to_owned),
                ..SearchQuery::default()
            };
            read(query).unwrap().order
        };
        assert_eq!(order(Some("tea")), Order::Relevance);
        assert_eq!(order(None), Order::Newest);
    }

    #[test]
    fn prices_need_a_currency() {
        for query in [
            SearchQuery {
                min_price: Some(1),
                ..SearchQuery::default()
            },
            SearchQuery {
                max_price: Some(1),
                ..SearchQuery::default()
            },
            SearchQuery {
                sort: Some(SearchSort::PriceDesc),
                ..SearchQuery::default()
            },
        ] {
            assert_eq!(refused_at(query), "?currency");
        }
        let range = SearchQuery {
            min_price: Some(2),
            max_price: Some(1),
            currency: Some("VND".into()),
            ..SearchQuery::default()
        };
        assert_eq!(refused_at(range), "?max_price");
    }

    #[test]
    fn relevance_needs_words() {
        let query = SearchQuery {
            sort: Some(SearchSort::Relevance),
            ..SearchQuery::default()
        };
        assert_eq!(refused_at(query), "?q");
    }
}
