//! The OpenAPI document of the whole platform: made from the code, locked in `docs/openapi.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::root;

/// The parts of the document, by the component that answers them. What is nobody's is `edge`'s.
fn modules() -> [(&'static str, utoipa::openapi::OpenApi); 7] {
    [
        ("account", stoa_account::openapi()),
        ("catalog", stoa_catalog::openapi()),
        ("inventory", stoa_inventory::openapi()),
        ("order", stoa_order::openapi()),
        ("promotion", stoa_promotion::openapi()),
        ("payment", stoa_payment::openapi()),
        ("notification", stoa_notification::openapi()),
    ]
}

/// The document as the code says it now.
pub fn document() -> Value {
    let mut whole = stoa_edge::openapi();
    for (_, module) in modules() {
        whole.merge(module);
    }
    let mut document = serde_json::to_value(whole).expect("JSON");
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Stoa",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "A social marketplace: any account sells and buys.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    let bearer = serde_json::to_value(stoa_kit::http::bearer_security()).expect("JSON");
    document["components"]["securitySchemes"] = json!({"bearer": bearer});
    let mut problems: Vec<Value> = Vec::new();
    for (module, table) in [
        ("platform", stoa_kit::http::PLATFORM_PROBLEMS),
        ("account", stoa_account::PROBLEMS),
        ("catalog", stoa_catalog::PROBLEMS),
        ("inventory", stoa_inventory::PROBLEMS),
        ("order", stoa_order::PROBLEMS),
        ("promotion", stoa_promotion::PROBLEMS),
        ("payment", stoa_payment::PROBLEMS),
        ("notification", stoa_notification::PROBLEMS),
    ] {
        for p in table {
            let problem = json!({
                "module": module, "code": p.code, "status": p.status, "title": p.title, "detail": p.detail,
            });
            // What a peer refused is answered in the peer's words, which stand here once: as the
            // peer's, who comes later in this list than those who plug it.
            let told = |known: &Value| {
                ["code", "status", "title", "detail"]
                    .iter()
                    .all(|part| known[part] == problem[part])
            };
            match problems.iter_mut().find(|known| told(known)) {
                Some(known) => known["module"] = module.into(),
                None => problems.push(problem),
            }
        }
    }
    document["x-problems"] = problems.into();
    document
}

#[test]
fn the_document_is_the_one_that_is_committed() {
    let path = root().join("docs/openapi.json");
    let now = format!(
        "{}\n",
        serde_json::to_string_pretty(&document()).expect("JSON")
    );
    if std::env::var_os("STOA_UPDATE").is_some() {
        std::fs::write(&path, &now).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        now == committed,
        "docs/openapi.json is not what the code says; look at the difference and run the test with STOA_UPDATE=1"
    );
}

#[test]
fn a_schema_of_one_name_is_the_same_in_every_module() {
    // Merged they are one, and the others are lost.
    let mut known: BTreeMap<String, (&str, Value)> = BTreeMap::new();
    let edge = [("edge", stoa_edge::openapi())];
    for (module, document) in edge.into_iter().chain(modules()) {
        let components = document.components.unwrap_or_default();
        for (name, schema) in components.schemas {
            let schema = serde_json::to_value(schema).expect("JSON");
            let (first, same) = known
                .entry(name.clone())
                .or_insert((module, schema.clone()));
            assert!(
                *same == schema,
                "{name} of {module} is another one than {first}'s"
            );
        }
    }
}

#[test]
fn the_manifest_brings_every_path_to_the_component_that_answers_it() {
    let manifest = std::fs::read_to_string(root().join("spin.toml")).expect("a manifest");
    let manifest: toml::Table = toml::from_str(&manifest).expect("TOML");
    let routes: Vec<(&str, &str)> = manifest["trigger"]["http"]
        .as_array()
        .expect("triggers")
        .iter()
        .map(|it| (it["route"].as_str(), it["component"].as_str()))
        .map(|(route, component)| (route.expect("a route"), component.expect("a component")))
        .collect();
    // The longest route that fits has it.
    let brought_to = |path: &str| {
        let fits = |route: &str| match route.strip_suffix("/...") {
            Some(prefix) => path == prefix || path.starts_with(&format!("{prefix}/")),
            None => path == route,
        };
        routes
            .iter()
            .filter(|(route, _)| fits(route))
            .max_by_key(|(route, _)| route.len())
            .map(|(_, component)| *component)
    };
    for (component, document) in modules() {
        for path in document.paths.paths.keys() {
            assert_eq!(brought_to(path), Some(component), "{path}");
        }
    }
}

#[test]
fn every_operation_is_described_and_has_its_problems() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let name = format!("{method} {path}");
            let described =
                operation["summary"].is_string() || operation["description"].is_string();
            assert!(described, "{name} says nothing about itself");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                ids.insert(format!("{}/{id}", operation["tags"][0])),
                "{name}: the id {id} is not its own"
            );
            let responses = operation["responses"].as_object().expect("responses");
            assert!(
                responses.keys().any(|s| s.starts_with('2')),
                "{name} has no success"
            );
            if operation["security"].is_array() {
                assert!(
                    responses.contains_key("401"),
                    "{name} needs a token and does not say 401"
                );
            }
        }
    }
    let codes: Vec<&str> = document["x-problems"]
        .as_array()
        .expect("problems")
        .iter()
        .filter_map(|p| p["code"].as_str())
        .collect();
    for code in &codes {
        assert_eq!(
            codes.iter().filter(|c| c == &code).count(),
            1,
            "{code} is defined twice"
        );
    }
}
