//! Composition of components: exports of one become the imports of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use wac_graph::types::{Package, SubtypeChecker, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::manifest::{Component, Manifest};

/// The bytes of a component with its dependencies plugged in, as Spin makes them at start.
pub fn load(manifest: &Manifest, id: &str, component: &Component) -> Result<Vec<u8>> {
    let source = read(&manifest.resolve(&component.source))?;
    if component.dependencies.is_empty() {
        return Ok(source);
    }
    let mut composition = Composition::new(id, source)?;
    let mut satisfied: BTreeMap<String, &str> = BTreeMap::new();
    for (name, dependency) in &component.dependencies {
        let wanted = DependencyName::parse(name)?;
        let matched: Vec<_> = composition
            .imports()
            .into_iter()
            .filter(|import| wanted.matches(import))
            .collect();
        ensure!(
            !matched.is_empty(),
            "dependency {name:?} matches no import of the component; it imports {}",
            composition.imports().join(", ")
        );
        for import in &matched {
            if let Some(other) = satisfied.insert(import.clone(), name) {
                bail!("import {import:?} is satisfied by both {other:?} and {name:?}");
            }
        }
        let bytes = read(&manifest.resolve(&dependency.path))?;
        let plug = composition.add(wanted.package, bytes)?;
        for import in &matched {
            let export = dependency.export.as_ref().unwrap_or(import);
            composition
                .plug(plug, export, import)
                .with_context(|| format!("dependency {name:?}"))?;
        }
    }
    composition.finish()
}

/// Plugs every export of `plugs` into the import of the same name of `base`. For components that
/// import peers themselves and are composed before others import them.
pub fn plug_all(base: &Path, plugs: &[impl AsRef<Path>]) -> Result<Vec<u8>> {
    let mut composition = Composition::new("base", read(base)?)?;
    let mut satisfied = BTreeSet::new();
    for (index, path) in plugs.iter().enumerate() {
        let path = path.as_ref();
        let plug = composition.add(&format!("plug:p{index}"), read(path)?)?;
        let exports = composition.exports(plug.world);
        let mut used = false;
        for import in composition.imports() {
            if !exports.contains(&import) {
                continue;
            }
            ensure!(
                satisfied.insert(import.clone()),
                "{} exports {import:?}, which another plug has exported already",
                path.display()
            );
            composition
                .plug(plug, &import, &import)
                .with_context(|| path.display().to_string())?;
            used = true;
        }
        ensure!(
            used,
            "{} exports nothing that {} imports",
            path.display(),
            base.display()
        );
    }
    composition.finish()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| {
        format!(
            "cannot read the component {}: has it been built?",
            path.display()
        )
    })
}

/// A graph with one component whose imports are being satisfied.
struct Composition {
    graph: CompositionGraph,
    base: Part,
}

#[derive(Clone, Copy)]
struct Part {
    world: WorldId,
    node: NodeId,
}

impl Composition {
    fn new(name: &str, bytes: Vec<u8>) -> Result<Self> {
        let mut graph = CompositionGraph::new();
        let base = register(&mut graph, name, bytes)?;
        Ok(Self { graph, base })
    }

    fn imports(&self) -> Vec<String> {
        let world = &self.graph.types()[self.base.world];
        world.imports.keys().cloned().collect()
    }

    fn exports(&self, world: WorldId) -> BTreeSet<String> {
        self.graph.types()[world].exports.keys().cloned().collect()
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<Part> {
        register(&mut self.graph, name, bytes)
    }

    fn plug(&mut self, part: Part, export: &str, import: &str) -> Result<()> {
        let types = self.graph.types();
        let offered = types[part.world]
            .exports
            .get(export)
            .with_context(|| format!("there is no export {export:?} for the import {import:?}"))?;
        let wanted = types[self.base.world].imports[import];
        SubtypeChecker::new(&mut Default::default())
            .is_subtype(*offered, types, wanted, types)
            .with_context(|| {
                format!(
                    "export {export:?} does not have the type of import {import:?}: the two \
                     components were built from different versions of the contract"
                )
            })?;
        let alias = self.graph.alias_instance_export(part.node, export)?;
        self.graph
            .set_instantiation_argument(self.base.node, import, alias)?;
        Ok(())
    }

    /// Exports what the base exports; the imports left over become those of the whole.
    fn finish(mut self) -> Result<Vec<u8>> {
        for name in self.exports(self.base.world) {
            let alias = self.graph.alias_instance_export(self.base.node, &name)?;
            self.graph.export(alias, &name)?;
        }
        self.graph
            .encode(EncodeOptions::default())
            .context("the composed component cannot be encoded")
    }
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: Vec<u8>) -> Result<Part> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .with_context(|| format!("{name}: not a component"))?;
    let world = package.ty();
    let id = graph.register_package(package).with_context(|| {
        format!("two dependencies name the package {name}: name it once, without an interface")
    })?;
    let node = graph.instantiate(id);
    Ok(Part { world, node })
}

/// `namespace:package[/interface][@version]`, or a plain name.
struct DependencyName<'a> {
    package: &'a str,
    interface: Option<&'a str>,
    version: Option<&'a str>,
}

impl<'a> DependencyName<'a> {
    fn parse(name: &'a str) -> Result<Self> {
        let (path, version) = split(name, '@');
        let (package, interface) = split(path, '/');
        ensure!(
            !package.is_empty() && interface != Some("") && version != Some(""),
            "dependency {name:?} is not of the form namespace:package[/interface][@version]"
        );
        Ok(Self {
            package,
            interface,
            version,
        })
    }

    /// A part that the manifest leaves out matches anything.
    fn matches(&self, import: &str) -> bool {
        let (path, version) = split(import, '@');
        let (package, interface) = split(path, '/');
        package == self.package
            && (self.interface.is_none() || self.interface == interface)
            && (self.version.is_none() || self.version == version)
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(name: &str, import: &str) -> bool {
        DependencyName::parse(name).unwrap().matches(import)
    }

    #[test]
    fn a_package_matches_all_its_interfaces_of_that_version() {
        assert!(matches("stoa:catalog@0.1.0", "stoa:catalog/products@0.1.0"));
        assert!(matches("stoa:catalog@0.1.0", "stoa:catalog/events@0.1.0"));
        assert!(matches("stoa:catalog", "stoa:catalog/events@0.1.0"));
        assert!(matches("a:b/c@0.1.0", "a:b/c@0.1.0"));
        assert!(matches("plain", "plain"));
    }

    #[test]
    fn versions_and_names_have_to_be_equal() {
        assert!(!matches(
            "stoa:catalog@0.1.0",
            "stoa:catalog/products@0.1.1"
        ));
        assert!(!matches("stoa:catalog@0.1.0", "stoa:catalog/products"));
        assert!(!matches(
            "stoa:catalog@0.1.0",
            "stoa:catalogue/products@0.1.0"
        ));
        assert!(!matches("a:b/c", "a:b/c-d"));
        assert!(DependencyName::parse("a:b@").is_err());
    }
}
