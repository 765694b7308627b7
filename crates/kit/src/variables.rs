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
/// Internal when the manifest does not give the variable to the component, or the host does not say.
pub async fn get(name: &'static str) -> Result<String> {
    find(name)
        .await?
        .ok_or_else(|| Error::internal(format!("variable {name} is not given to this component")))
}

/// The same for one that the manifest need not give.
///
/// # Errors
/// Internal when the host does not say: what the value is, or whether there is one, is unknown then.
pub async fn find(name: &'static str) -> Result<Option<String>> {
    if let Some(value) = known(name) {
        return Ok(Some(value.to_string()));
    }
    match local(spin_sdk::variables::get(name)).await {
        Ok(value) => {
            KNOWN.with_borrow_mut(|k| k.insert(name, Rc::from(value.as_str())));
            Ok(Some(value))
        }
        Err(spin_sdk::variables::Error::Undefined(_)) => Ok(None),
        Err(error) => Err(Error::internal(format!("variable {name}: {error}"))),
    }
}

fn known(name: &'static str) -> Option<Rc<str>> {
    KNOWN.with_borrow(|k| k.get(name).cloned())
}
