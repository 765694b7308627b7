//! The part of Spin's manifest version 2 that this host understands.
//!
//! A key that would change how the application behaves and is not supported here is an error and
//! never ignored: an application that starts on this host must mean the same on Spin.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// A parsed and checked `spin.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    spin_manifest_version: u32,
    pub application: Application,
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    #[serde(default)]
    pub trigger: Triggers,
    #[serde(default)]
    pub component: BTreeMap<String, Component>,
    /// Where relative paths of the manifest start.
    #[serde(skip)]
    pub dir: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub name: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub authors: Vec<String>,
    #[serde(default)]
    pub trigger: ApplicationTriggers,
    /// For tools of others; Spin ignores it as well.
    #[serde(default)]
    pub tool: toml::Table,
}

/// Settings that hold for every trigger of a type.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationTriggers {
    #[serde(default)]
    pub redis: Option<ApplicationRedis>,
    #[serde(default)]
    pub http: Option<ApplicationHttp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRedis {
    pub address: String,
}

/// Spin accepts a `base` and no longer uses any other than `/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationHttp {
    #[serde(default = "root_base")]
    pub base: String,
}

fn root_base() -> String {
    "/".to_owned()
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    #[serde(default)]
    pub required: bool,
    pub default: Option<String>,
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    #[serde(default)]
    pub http: Vec<HttpTrigger>,
    #[serde(default)]
    pub redis: Vec<RedisTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    #[serde(default)]
    pub id: String,
    pub component: String,
    pub route: Route,
}

/// Where an HTTP component is mounted.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Route {
    Pattern(String),
    /// Reachable by its `<component>.spin.internal` name alone.
    Private(PrivateRoute),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateRoute {
    pub private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisTrigger {
    #[serde(default)]
    pub id: String,
    pub component: String,
    pub channel: String,
    pub address: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    #[serde(default)]
    pub description: String,
    /// A path; Spin's tables for downloads are not supported.
    pub source: PathBuf,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub dependencies: BTreeMap<String, Dependency>,
    /// How others build the component, which is no business of a host.
    #[serde(default)]
    #[serde(rename = "build")]
    _build: toml::Table,
    #[serde(default)]
    #[serde(rename = "tool")]
    _tool: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    pub path: PathBuf,
    /// The name under which the dependency exports what is imported, when it differs.
    pub export: Option<String>,
    #[serde(default)]
    inherit_configuration: Inherit,
}

/// Spin also knows lists of configuration keys, which need its deny adapters.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Inherit {
    All(bool),
    Some(Vec<String>),
}

impl Default for Inherit {
    fn default() -> Self {
        Self::All(false)
    }
}

/// Whether Spin takes it for the name of a variable.
fn is_variable_name(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

impl Manifest {
    /// Reads and checks a manifest.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the manifest {}", path.display()))?;
        let mut manifest = Self::parse(&text)
            .with_context(|| format!("{} cannot be run by this host", path.display()))?;
        let path = std::path::absolute(path)?;
        manifest.dir = path.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(manifest)
    }

    /// Parses and checks the text of a manifest.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self = toml::from_str(text)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.spin_manifest_version == 2,
            "spin_manifest_version is {}, and only 2 is supported",
            self.spin_manifest_version
        );
        if let Some(http) = &self.application.trigger.http {
            ensure!(
                http.base == "/",
                "[application.trigger.http] base = {:?}: Spin no longer supports a base path",
                http.base
            );
        }
        for (name, variable) in &self.variables {
            ensure!(
                is_variable_name(name),
                "variable {name:?}: names are words of lower-case letters and digits that begin with a letter, \
                 with single '_' between"
            );
            ensure!(
                variable.required != variable.default.is_some(),
                "variable {name:?} must have either `default = \"…\"` or `required = true`"
            );
        }
        for trigger in &self.trigger.http {
            self.component_of(&trigger.component, "http")?;
            if let Route::Private(route) = &trigger.route {
                ensure!(
                    route.private,
                    "component {:?}: a route is a string or {{ private = true }}",
                    trigger.component
                );
            }
        }
        for trigger in &self.trigger.redis {
            self.component_of(&trigger.component, "redis")?;
            ensure!(
                trigger.address.is_some() || self.application.trigger.redis.is_some(),
                "the redis trigger of {:?} has no address, and there is none in \
                 [application.trigger.redis]",
                trigger.component
            );
        }
        for (id, component) in &self.component {
            component
                .check()
                .with_context(|| format!("component {id:?}"))?;
        }
        Ok(())
    }

    fn component_of(&self, id: &str, trigger: &str) -> Result<()> {
        ensure!(
            self.component.contains_key(id),
            "a trigger of type {trigger} names component {id:?}, which the manifest does not have"
        );
        Ok(())
    }

    /// The path of a file that the manifest names.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }

    /// Keeps the named components and their triggers; no names keep everything.
    pub fn select(&mut self, names: &[String]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if !self.component.contains_key(name) {
                let known: Vec<_> = self.component.keys().map(String::as_str).collect();
                bail!(
                    "the manifest has no component {name:?}; it has {}",
                    known.join(", ")
                );
            }
        }
        self.component.retain(|id, _| names.contains(id));
        self.trigger.http.retain(|t| names.contains(&t.component));
        self.trigger.redis.retain(|t| names.contains(&t.component));
        ensure!(
            !self.trigger.http.is_empty() || !self.trigger.redis.is_empty(),
            "no trigger names any of the selected components, so there is nothing to run"
        );
        Ok(())
    }
}

impl Component {
    fn check(&self) -> Result<()> {
        for (name, dependency) in &self.dependencies {
            match &dependency.inherit_configuration {
                Inherit::All(true) => {}
                Inherit::All(false) => bail!(
                    "dependency {name:?} must say `inherit_configuration = true`: this host has \
                     no deny adapters"
                ),
                Inherit::Some(keys) => bail!(
                    "dependency {name:?} inherits only {keys:?}, and this host knows only \
                     `inherit_configuration = true`"
                ),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"t\"\n";

    fn parse(rest: &str) -> Result<Manifest> {
        Manifest::parse(&format!("{HEAD}{rest}"))
    }

    #[test]
    fn the_manifest_of_the_platform_is_understood() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
        let manifest = Manifest::load(&path).unwrap();
        assert!(!manifest.trigger.http.is_empty());
        assert!(manifest.component.contains_key("order"));
    }

    #[test]
    fn a_key_that_is_not_supported_is_an_error() {
        let error = parse("[component.a]\nsource = \"a.wasm\"\nai_models = [\"x\"]\n");
        assert!(format!("{:#}", error.unwrap_err()).contains("ai_models"));
        assert!(parse("[[trigger.cron]]\ncomponent = \"a\"\n").is_err());
    }

    #[test]
    fn build_and_tool_sections_are_ignored() {
        let manifest = parse(
            "[component.a]\nsource = \"a.wasm\"\n[component.a.build]\ncommand = \"make\"\n\
             [component.a.tool.x]\ny = 1\n",
        )
        .unwrap();
        assert_eq!(manifest.component["a"].source, Path::new("a.wasm"));
    }

    #[test]
    fn a_trigger_must_name_a_component() {
        let error = parse("[[trigger.http]]\nroute = \"/\"\ncomponent = \"b\"\n").unwrap_err();
        assert!(error.to_string().contains("\"b\""));
    }

    #[test]
    fn a_variable_is_named_as_spin_wants_it() {
        for name in ["x", "seal_key", "a2", "host_b2_c"] {
            let text = format!("[variables]\n{name} = {{ default = \"1\" }}\n");
            assert!(parse(&text).is_ok(), "{name}");
        }
        for name in ["host_1", "2x", "x__y", "_x", "x_", "X", "x-y"] {
            let text = format!("[variables]\n{name} = {{ default = \"1\" }}\n");
            assert!(parse(&text).is_err(), "{name}");
        }
    }

    #[test]
    fn a_variable_is_either_required_or_has_a_default() {
        assert!(parse("[variables]\nx = { default = \"1\" }\n").is_ok());
        assert!(parse("[variables]\nx = { required = true, secret = true }\n").is_ok());
        assert!(parse("[variables]\nx = { secret = true }\n").is_err());
        assert!(parse("[variables]\nx = { required = true, default = \"1\" }\n").is_err());
    }

    #[test]
    fn a_private_route_has_to_be_private() {
        let component = "[component.a]\nsource = \"a.wasm\"\n";
        let trigger = |route: &str| {
            format!("[[trigger.http]]\ncomponent = \"a\"\nroute = {route}\n{component}")
        };
        assert!(parse(&trigger("{ private = true }")).is_ok());
        assert!(parse(&trigger("{ private = false }")).is_err());
    }

    #[test]
    fn a_dependency_must_inherit_the_whole_configuration() {
        let dependency = |inherit: &str| {
            parse(&format!(
                "[component.a]\nsource = \"a.wasm\"\n[component.a.dependencies]\n\
                 \"x:y@0.1.0\" = {{ path = \"y.wasm\"{inherit} }}\n"
            ))
        };
        assert!(dependency(", inherit_configuration = true").is_ok());
        assert!(dependency("").is_err());
        assert!(dependency(", inherit_configuration = [\"variables\"]").is_err());
    }

    #[test]
    fn selecting_components_keeps_their_triggers_only() {
        let mut manifest = parse(
            "[[trigger.http]]\nroute = \"/a\"\ncomponent = \"a\"\n\
             [[trigger.redis]]\nchannel = \"c\"\naddress = \"redis://x\"\ncomponent = \"b\"\n\
             [component.a]\nsource = \"a.wasm\"\n[component.b]\nsource = \"b.wasm\"\n",
        )
        .unwrap();
        assert!(manifest.select(&["z".to_owned()]).is_err());
        manifest.select(&["b".to_owned()]).unwrap();
        assert!(manifest.trigger.http.is_empty());
        assert_eq!(manifest.trigger.redis.len(), 1);
        assert_eq!(manifest.component.len(), 1);
    }
}
