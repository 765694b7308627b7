//! Which modules are served by a process of their own: a file laid over `spin.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::Deserialize;
use serde_json::json;
use toml::{Table, Value};

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::ports;
use crate::project::{self, Project};

/// The manifest that is served, and which of its components have a process of their own.
#[derive(Debug)]
pub struct Topology {
    /// Where the manifest lies.
    pub path: PathBuf,
    /// It, without the components of `apart`.
    pub manifest: Manifest,
    /// Modules that are deployed apart.
    pub apart: Vec<Apart>,
}

/// A module with a process of its own.
#[derive(Debug)]
pub struct Apart {
    /// The module's name, and the process'.
    pub name: String,
    /// What the process serves.
    pub components: Vec<String>,
    /// Who gets a key to call it with.
    pub callers: Vec<String>,
    /// Where it listens, on the loopback address.
    pub port: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    components: Vec<String>,
    #[serde(default)]
    callers: Vec<String>,
}

impl Topology {
    /// `spin.toml` as it is, or with `overlay` laid over it: that manifest is written into the data directory.
    pub fn read(
        project: &Project,
        data: &DataDir,
        overlay: Option<&Path>,
        taken: u16,
    ) -> Result<Topology> {
        let path = project.path("spin.toml");
        let Some(overlay) = overlay else {
            return Ok(Topology {
                manifest: Manifest::read(&path)?,
                path,
                apart: Vec::new(),
            });
        };
        let mut base = parse(&path)?;
        let mut over = parse(overlay)?;
        let processes = processes(over.remove("process"))
            .with_context(|| format!("{} is not a topology", overlay.display()))?;
        lay(&mut base, over);
        anchor(&mut base, project);
        let path = data.join("spin.toml");
        std::fs::write(&path, toml::to_string(&base)?)
            .with_context(|| format!("cannot write {}", path.display()))?;

        let mut manifest = Manifest::read(&path)?;
        let mut apart = Vec::new();
        for (name, process) in processes {
            for component in &process.components {
                if !manifest.http.contains(component) {
                    return Err(Failure::Usage(format!(
                        "{}: process {name} is to serve `{component}`, which is no HTTP component; these are: {}",
                        overlay.display(),
                        manifest.http.join(", ")
                    ))
                    .into());
                }
            }
            manifest.http.retain(|it| !process.components.contains(it));
            apart.push(Apart {
                port: ports::keep(data, &name, &[taken])?,
                name,
                components: process.components,
                callers: process.callers,
            });
        }
        Ok(Topology {
            path,
            manifest,
            apart,
        })
    }
}

impl Apart {
    /// Where its callers find it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The variables by which it and its callers know each other: `<module>_url`, `<module>_callers`, and
    /// `<caller>_service_key`.
    pub fn variables(&self, keys: &BTreeMap<String, String>) -> Result<Vec<(String, String)>> {
        let mut variables = vec![(format!("{}_url", self.name), self.url())];
        let mut callers = BTreeMap::new();
        for caller in &self.callers {
            let key = keys.get(caller).context("a caller without a key")?;
            callers.insert(caller, [public(key)?]);
            variables.push((format!("{caller}_service_key"), key.clone()));
        }
        variables.push((format!("{}_callers", self.name), json!(callers).to_string()));
        Ok(variables)
    }
}

/// The public half of a service key.
fn public(seed: &str) -> Result<String> {
    let bytes: [u8; 32] = URL_SAFE_NO_PAD
        .decode(seed)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .context("a service key is not 32 bytes in base64url")?;
    let key = SigningKey::from_bytes(&bytes);
    Ok(URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes()))
}

fn parse(path: &Path) -> Result<Table> {
    let text = project::read(path).map_err(|error| Failure::Usage(format!("{error:#}")))?;
    toml::from_str(&text).with_context(|| format!("{} is not TOML", path.display()))
}

fn processes(table: Option<Value>) -> Result<BTreeMap<String, Process>> {
    Ok(match table {
        None => BTreeMap::new(),
        Some(table) => table.try_into()?,
    })
}

/// Tables are merged, lists appended, and other values take the place of those there.
fn lay(base: &mut Table, over: Table) {
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Value::Table(base)), Value::Table(over)) => lay(base, over),
            (Some(Value::Array(base)), Value::Array(over)) => base.extend(over),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

/// Makes the files that the manifest names absolute: it lies elsewhere now.
fn anchor(manifest: &mut Table, project: &Project) {
    let absolute = |path: &mut Value| {
        if let Value::String(path) = path {
            *path = project.path(path).display().to_string();
        }
    };
    let Some(Value::Table(components)) = manifest.get_mut("component") else {
        return;
    };
    for component in components
        .iter_mut()
        .filter_map(|(_, it)| it.as_table_mut())
    {
        if let Some(source) = component.get_mut("source") {
            absolute(source);
        }
        let dependencies = component.get_mut("dependencies");
        if let Some(dependencies) = dependencies.and_then(Value::as_table_mut) {
            for (_, dependency) in dependencies.iter_mut() {
                if let Some(path) = dependency.get_mut("path") {
                    absolute(path);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(root: &Path) -> Project {
        std::fs::write(
            root.join("spin.toml"),
            r#"
            [variables]
            order_db = { required = true }
            [[trigger.http]]
            route = "/v1/orders/..."
            component = "order"
            [component.order]
            source = "target/stoa/order.wasm"
            allowed_outbound_hosts = ["a"]
            [component.order.variables]
            order_db = "{{ order_db }}"
            [component.order.dependencies]
            "stoa:promotion@0.1.0" = { path = "in.wasm", inherit_configuration = true }
            "#,
        )
        .unwrap();
        Project {
            root: root.to_owned(),
        }
    }

    fn read(over: &str) -> Result<(Topology, Table)> {
        let root = tempfile::tempdir().unwrap();
        let project = project(root.path());
        let data = DataDir::open(&root.path().join("data")).unwrap();
        let overlay = root.path().join("over.toml");
        std::fs::write(&overlay, over).unwrap();
        let topology = Topology::read(&project, &data, Some(&overlay), 1)?;
        let written = parse(&topology.path)?;
        Ok((topology, written))
    }

    #[test]
    fn what_is_laid_over_a_manifest_adds_to_it_and_replaces() {
        let (topology, written) = read(
            r#"
            [process.promotion]
            components = ["peer"]
            callers = ["order"]
            [[trigger.http]]
            route = "/peer/..."
            component = "peer"
            [component.peer]
            source = "target/stoa/peer.wasm"
            [component.order]
            allowed_outbound_hosts = ["b"]
            [component.order.dependencies]
            "stoa:promotion@0.1.0" = { path = "remote.wasm" }
            "#,
        )
        .unwrap();
        assert_eq!(topology.manifest.http, ["order"]);
        assert_eq!(topology.apart[0].components, ["peer"]);
        assert!(!written.contains_key("process"));
        let order = &written["component"]["order"];
        let hosts = order["allowed_outbound_hosts"].as_array().unwrap();
        assert_eq!(hosts.len(), 2);
        let plugged = &order["dependencies"]["stoa:promotion@0.1.0"];
        let path = plugged["path"].as_str().unwrap();
        assert!(
            path.starts_with('/') && path.ends_with("/remote.wasm"),
            "{path}"
        );
        assert_eq!(plugged["inherit_configuration"].as_bool(), Some(true));
        assert_eq!(written["trigger"]["http"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_process_serves_http_components_that_exist() {
        let error = read("[process.x]\ncomponents = [\"ghost\"]").unwrap_err();
        assert!(error.to_string().contains("`ghost`"), "{error}");
        assert!(read("[process.x]\nserves = [\"order\"]").is_err());
    }

    #[test]
    fn callers_are_known_by_the_public_halves_of_their_keys() {
        let seed = URL_SAFE_NO_PAD.encode([7; 32]);
        let apart = Apart {
            name: "promotion".into(),
            components: Vec::new(),
            callers: vec!["order".into()],
            port: 9,
        };
        let keys = BTreeMap::from([("order".to_owned(), seed.clone())]);
        let variables: BTreeMap<_, _> = apart.variables(&keys).unwrap().into_iter().collect();
        assert_eq!(variables["promotion_url"], "http://127.0.0.1:9");
        assert_eq!(variables["order_service_key"], seed);
        let callers = &variables["promotion_callers"];
        assert!(callers.starts_with("{\"order\":[\"") && !callers.contains(&seed));
        assert!(apart.variables(&BTreeMap::new()).is_err());
    }
}
