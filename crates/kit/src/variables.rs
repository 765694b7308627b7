//! The application's variables, read once per instance.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::{Error, Result, local};

thread_local! {
    static KNOWN: RefCell<HashMap<&'static str, Rc<str>>> = RefCell::default();
}

/// The value of a variable of this component (or, composed, of its importer).
///
/// # Errors
/// Internal when the manifest does not give the variable to the component.
pub async fn get(name: &'static str) -> Result<String> {
    if let Some(value) = known(name) {
        return Ok(value.to_string());
    }
    let value = local(spin_sdk::variables::get(name))
        .await
        .map_err(|e| Error::internal(format!("variable {name}: {e}")))?;
    KNOWN.with_borrow_mut(|k| k.insert(name, Rc::from(value.as_str())));
    Ok(value)
}

fn known(name: &'static str) -> Option<Rc<str>> {
    KNOWN.with_borrow(|k| k.get(name).cloned())
}
