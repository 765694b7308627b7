//! Composition as a manifest asks for it, with components small enough to be written here.

use std::fs;
use std::path::Path;

use stoa_host::compose;
use stoa_host::manifest::Manifest;
use tempfile::TempDir;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

/// Imports `x:y/add@0.1.0` and exports a function that calls it.
const SHOP: &str = r#"(component
    (import "x:y/add@0.1.0" (instance $add (export "one" (func (param "n" u32) (result u32)))))
    (core func $one (canon lower (func $add "one")))
    (core module $m
        (import "" "one" (func $one (param i32) (result i32)))
        (func (export "run") (result i32) (call $one (i32.const 41))))
    (core instance $i (instantiate $m (with "" (instance (export "one" (func $one))))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))
)"#;

/// Exports the interface named in place of `NAME`.
const STOCK: &str = r#"(component
    (core module $m
        (func (export "one") (param i32) (result i32)
            (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m))
    (func $one (param "n" u32) (result u32) (canon lift (core func $i "one")))
    (instance $add (export "one" (func $one)))
    (export "NAME" (instance $add))
)"#;

fn directory(exported: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        fs::write(dir.path().join(name), wat::parse_str(text).unwrap()).unwrap();
    };
    write("shop.wasm", SHOP);
    write("stock.wasm", &STOCK.replace("NAME", exported));
    dir
}

fn composed(dir: &Path, dependencies: &[&str]) -> anyhow::Result<Vec<u8>> {
    let mut text = "spin_manifest_version = 2\n[application]\nname = \"t\"\n\
                    [component.shop]\nsource = \"shop.wasm\"\n[component.shop.dependencies]\n"
        .to_owned();
    for name in dependencies {
        text +=
            &format!("\"{name}\" = {{ path = \"stock.wasm\", inherit_configuration = true }}\n");
    }
    fs::write(dir.join("spin.toml"), text)?;
    let manifest = Manifest::load(&dir.join("spin.toml"))?;
    compose::load(&manifest, "shop", &manifest.component["shop"])
}

fn run(bytes: &[u8]) -> u32 {
    let engine = Engine::new(&Config::new()).unwrap();
    let component = Component::new(&engine, bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine)
        .instantiate(&mut store, &component)
        .unwrap();
    let run = instance
        .get_typed_func::<(), (u32,)>(&mut store, "run")
        .unwrap();
    run.call(&mut store, ()).unwrap().0
}

fn refused(exported: &str, dependencies: &[&str]) -> String {
    let dir = directory(exported);
    format!("{:#}", composed(dir.path(), dependencies).unwrap_err())
}

#[test]
fn a_dependency_satisfies_the_imports_of_its_package() {
    let dir = directory("x:y/add@0.1.0");
    assert_eq!(run(&composed(dir.path(), &["x:y@0.1.0"]).unwrap()), 42);
}

#[test]
fn every_plug_given_by_hand_is_plugged() {
    let dir = directory("x:y/add@0.1.0");
    let [shop, stock] = ["shop.wasm", "stock.wasm"].map(|name| dir.path().join(name));
    assert_eq!(run(&compose::plug_all(&shop, &[&stock]).unwrap()), 42);
    assert!(compose::plug_all(&stock, &[&shop]).is_err());
    assert!(compose::plug_all(&shop, &[&stock, &stock]).is_err());
}

#[test]
fn a_dependency_that_is_not_imported_is_an_error() {
    let error = refused("x:y/add@0.1.0", &["x:other@0.1.0"]);
    assert!(error.contains("matches no import"), "{error}");
    assert!(error.contains("x:y/add@0.1.0"), "{error}");
}

#[test]
fn a_dependency_has_to_export_what_is_imported() {
    let error = refused("x:y/subtract@0.1.0", &["x:y@0.1.0"]);
    assert!(error.contains("no export \"x:y/add@0.1.0\""), "{error}");
}

#[test]
fn two_dependencies_for_one_import_are_an_error() {
    let error = refused("x:y/add@0.1.0", &["x:y@0.1.0", "x:y/add@0.1.0"]);
    assert!(error.contains("satisfied by both"), "{error}");
}
