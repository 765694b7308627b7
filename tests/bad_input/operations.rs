//! The operations of the OpenAPI document, and requests that they would take.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Actor;

/// One operation of the document.
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub secured: bool,
    pub parameters: Vec<Value>,
    /// What it may answer, as the document says.
    pub statuses: Vec<String>,
    /// A query with what it cannot do without, if there is anything: `name=value&…`.
    pub query: String,
    /// A body that the schema accepts, if the operation takes one.
    pub body: Option<Value>,
}

impl Operation {
    /// The path with every id replaced, and with good words where it takes words.
    pub fn path_with(&self, id: &str) -> String {
        self.path_of(|name| word(name).unwrap_or(id).to_owned())
    }

    /// The path with every parameter replaced by what is made of its name.
    pub fn path_of(&self, value: impl Fn(&str) -> String) -> String {
        let mut path = self.path.clone();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            let value = value(&path[start + 1..end]);
            path.replace_range(start..=end, &value);
        }
        path
    }

    pub fn names(&self) -> Vec<&str> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect()
    }

    pub fn has_id(&self) -> bool {
        self.names().iter().any(|name| word(name).is_none())
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn needs_if_match(&self) -> bool {
        self.parameters.iter().any(|p| {
            p["required"] == true
                && p["name"]
                    .as_str()
                    .is_some_and(|n| n.eq_ignore_ascii_case("if-match"))
        })
    }

    pub fn request(&self, actor: &Actor, path: &str) -> reqwest::RequestBuilder {
        let request = actor
            .request(self.method.clone(), path)
            .header("idempotency-key", Uuid::new_v4().to_string());
        if self.needs_if_match() {
            request.header("if-match", "\"1\"")
        } else {
            request
        }
    }
}

/// A good value for a parameter of a path that takes words; the others are ids.
pub fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "currency" | "base" => "VND",
        "quote" => "USD",
        "provider" => "sandbox",
        "segment" => "walkers",
        "category_slug" => "no-such-category",
        _ => {
            assert!(
                name == "id" || name == "leg" || name.ends_with("_id"),
                "{name} in a path: an id, or which word?"
            );
            return None;
        }
    })
}

pub fn operations() -> Vec<Operation> {
    let document = crate::openapi::document();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            operations.push(Operation {
                method,
                path: path.clone(),
                statuses: operation["responses"]
                    .as_object()
                    .map(|all| all.keys().cloned().collect())
                    .unwrap_or_default(),
                query: good_query(&document, &parameters, None),
                // An empty requirement among them says that signing in is optional.
                secured: operation["security"]
                    .as_array()
                    .is_some_and(|all| all.iter().all(|one| one != &json!({}))),
                parameters,
                body: (!schema.is_null()).then(|| example(&document, schema, 0)),
            });
        }
    }
    assert!(
        operations.len() >= 100,
        "only {} operations: is the document whole?",
        operations.len()
    );
    operations
}

/// What a query cannot do without, each with a good value; but for one of its parameters.
pub fn good_query(document: &Value, parameters: &[Value], except: Option<&str>) -> String {
    let needed: Vec<String> = parameters
        .iter()
        .filter(|p| p["in"] == "query" && p["required"] == true)
        .filter_map(|p| Some((p["name"].as_str()?, p)))
        .filter(|(name, _)| Some(*name) != except)
        .map(|(name, p)| {
            let good = match &p["example"] {
                Value::Null => example(document, &p["schema"], 0),
                given => given.clone(),
            };
            match good {
                Value::String(text) => format!("{name}={text}"),
                other => format!("{name}={other}"),
            }
        })
        .collect();
    needed.join("&")
}

/// A small value that a schema accepts.
pub fn example(document: &Value, schema: &Value, depth: u8) -> Value {
    if depth > 8 {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document
            .pointer(reference.trim_start_matches('#'))
            .expect("the schema exists");
        return example(document, target, depth + 1);
    }
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|e| e.first()) {
        return first.clone();
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(options) = schema[choice].as_array() {
            let option = options
                .iter()
                .find(|o| o["type"] != "null")
                .expect("an option");
            return example(document, option, depth + 1);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|k| *k != "null")
            .unwrap_or("null"),
        Value::String(kind) => kind,
        _ => "object",
    };
    match kind {
        "string" if schema["format"] == "uuid" => json!(Uuid::now_v7()),
        "string" if schema["format"] == "date" => json!("2026-01-02"),
        "string" if schema["format"] == "date-time" => json!("2026-01-02T03:04:05Z"),
        // A currency.
        "string" if schema["maxLength"] == 3 => json!("USD"),
        "string" => json!("example"),
        "integer" | "number" => schema["minimum"]
            .as_i64()
            .map_or(json!(1), |m| json!(m.max(1))),
        "boolean" => json!(true),
        "array" => json!([example(document, &schema["items"], depth + 1)]),
        "object" => {
            let mut object = serde_json::Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                object.insert(name.clone(), example(document, property, depth + 1));
            }
            Value::Object(object)
        }
        _ => Value::Null,
    }
}
