//! Application variables, the components' own variables made of them, and the interface
//! `spin:variables` through which a guest reads the latter.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use crate::manifest::{Component, Variable};
use crate::state::State;
use crate::template::Template;

/// The values of the application's variables.
#[derive(Debug, Default)]
pub struct AppVariables(BTreeMap<String, String>);

impl AppVariables {
    /// Takes each value from `lookup` (the environment) or from its default. Every required one
    /// that is missing is named, so that one start is enough to see them all.
    pub fn resolve(
        declared: &BTreeMap<String, Variable>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            check_name(name)
                .map_err(|reason| anyhow::anyhow!("variable name {name:?} {reason}"))?;
            let environment = environment_name(name);
            match lookup(&environment).or_else(|| variable.default.clone()) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => missing.push(environment),
            }
        }
        if !missing.is_empty() {
            bail!(
                "required variables have no value; set {}",
                missing.join(", ")
            );
        }
        Ok(Self(values))
    }

    /// Fills a template of the manifest.
    pub fn fill(&self, text: &str) -> Result<String> {
        Template::parse(text)?.fill(|name| {
            let value = self.0.get(name);
            value
                .cloned()
                .with_context(|| format!("{text:?} names the unknown variable {name:?}"))
        })
    }
}

/// Where the value of an application variable is looked for.
pub fn environment_name(variable: &str) -> String {
    format!("SPIN_VARIABLE_{}", variable.to_ascii_uppercase())
}

/// Spin's rule for names: they have to survive as parts of environment variables and paths.
fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() {
        Err("must not be empty")
    } else if !name.chars().all(allowed) {
        Err("may contain only lower-case letters, digits and underscores")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Err("must start with a lower-case letter")
    } else if name.ends_with('_') {
        Err("must end with a letter or digit")
    } else if name.contains("__") {
        Err("must not contain two underscores in a row")
    } else {
        Ok(())
    }
}

/// What one component sees of the variables.
#[derive(Debug, Default)]
pub struct ComponentVariables {
    component: String,
    values: BTreeMap<String, String>,
}

impl ComponentVariables {
    pub fn resolve(id: &str, component: &Component, app: &AppVariables) -> Result<Self> {
        let mut values = BTreeMap::new();
        for (name, template) in &component.variables {
            check_name(name)
                .map_err(|reason| anyhow::anyhow!("variable name {name:?} {reason}"))?;
            values.insert(name.clone(), app.fill(template)?);
        }
        Ok(Self {
            component: id.to_owned(),
            values,
        })
    }

    fn get(&self, name: &str) -> Result<String, Error> {
        check_name(name).map_err(|reason| Error::InvalidName(format!("{name:?}: {reason}")))?;
        let value = self.values.get(name).cloned();
        value.ok_or_else(|| {
            Error::Undefined(format!("no variable for {:?}.{name:?}", self.component))
        })
    }
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
enum Error {
    #[component(name = "invalid-name")]
    InvalidName(String),
    #[component(name = "undefined")]
    Undefined(String),
    #[component(name = "provider")]
    Provider(String),
    #[component(name = "other")]
    Other(String),
}

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut instance = linker.instance("spin:variables/variables@3.0.0")?;
    instance.func_wrap_concurrent("get", |accessor, (name,): (String,)| {
        Box::pin(async move {
            let variables: Arc<ComponentVariables> =
                accessor.with(|mut access| access.get().component.variables.clone());
            Ok((variables.get(&name),))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(entries: &[(&str, Option<&str>)]) -> BTreeMap<String, Variable> {
        let variable = |default: &Option<&str>| Variable {
            required: default.is_none(),
            default: default.map(str::to_owned),
            ..Variable::default()
        };
        entries
            .iter()
            .map(|(name, default)| ((*name).to_owned(), variable(default)))
            .collect()
    }

    #[test]
    fn the_environment_goes_before_the_default() {
        let declared = declared(&[("a_b", Some("default")), ("c", Some("kept"))]);
        let app = AppVariables::resolve(&declared, |name| {
            (name == "SPIN_VARIABLE_A_B").then(|| "set".to_owned())
        });
        assert_eq!(app.unwrap().fill("{{ a_b }} {{c}}").unwrap(), "set kept");
    }

    #[test]
    fn every_missing_variable_is_named() {
        let declared = declared(&[("a", None), ("b", None), ("c", Some(""))]);
        let error = AppVariables::resolve(&declared, |_| None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("SPIN_VARIABLE_A, SPIN_VARIABLE_B"),
            "{error}"
        );
    }

    #[test]
    fn a_template_with_an_unknown_variable_is_an_error() {
        let app = AppVariables::resolve(&BTreeMap::new(), |_| None).unwrap();
        assert!(app.fill("{{ nope }}").is_err());
    }

    #[test]
    fn a_guest_reads_only_the_variables_of_its_component() {
        let variables = ComponentVariables {
            component: "shop".to_owned(),
            values: BTreeMap::from([("url".to_owned(), "x".to_owned())]),
        };
        assert_eq!(variables.get("url"), Ok("x".to_owned()));
        assert!(matches!(variables.get("other"), Err(Error::Undefined(_))));
        assert!(matches!(
            variables.get("Bad-Name"),
            Err(Error::InvalidName(_))
        ));
    }
}
