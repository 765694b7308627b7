//! A search: one statement.

use spin_sdk::pg::{DbValue, ParameterValue};

use crate::Failure;
use crate::database::{CATALOG, boolean, number, row, string, text, texts, uuid};
use crate::request::parameters;
use crate::search_page::{End, LIMIT, STATEMENT, Search};

/// A page of products.
pub async fn answer(query: Option<&str>) -> Result<String, Failure> {
    let (mut words, mut category, mut currency, mut sort) = (String::new(), None, None, None);
    for (name, value) in parameters(query.unwrap_or_default())? {
        match name.as_str() {
            "q" => words = value,
            "category_id" => category = Some(value.parse()?),
            "currency" => currency = Some(value),
            "sort" => sort = Some(value),
            other => return Err(format!("{other} is not known here").into()),
        }
    }
    let search = Search::new(&words, category, currency, sort);
    const NONE: ParameterValue = ParameterValue::DbNull;
    let category = search.category.map(|id| uuid(&id.to_string()));
    let found = row(
        CATALOG,
        STATEMENT,
        vec![
            texts(&search.words),
            category.unwrap_or(NONE),
            NONE,
            NONE,
            search.currency.as_deref().map_or(NONE, string),
            NONE,
            NONE,
            string(&search.order),
            ParameterValue::Int32(LIMIT),
            NONE,
            NONE,
            NONE,
            NONE,
        ],
    )
    .await?;
    let end = match found.get(4) {
        Some(DbValue::Uuid(id)) => Some(End {
            step: number(&found, 2)?.try_into()?,
            key: number(&found, 3)?,
            id: id.parse()?,
        }),
        _ => None,
    };
    Ok(search.page(text(&found, 0)?, boolean(&found, 1)?, end)?)
}
