//! The whole document against the running app: schemathesis makes requests of it, good ones and bad ones, and
//! every answer has to be one that the document knows. A minute's worth of them, with a fixed seed; ten
//! minutes' in long runs.
//!
//! It is a Python program of its own, installed from PyPI into a virtual environment beside the other things
//! that a checkout keeps.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::authorisation_matrix::cast::{Cast, Who};
use crate::authorisation_matrix::things::Things;
use crate::bad_input::operations::operations;
use crate::bad_input::walked;
use crate::openapi::document;
use crate::support::actor::PASSWORD;
use crate::support::root;

const VERSION: &str = "4.32.5";
const SEED: &str = "20260807";
/// Statuses, types and headers that are in the document, bodies of its schemas, nothing that is our fault, no
/// answer without the token that is asked for, none to another method. Left out is what goes beyond what a
/// schema can say: that whatever it allows is accepted, and that what is wrong in two ways is refused for the
/// one that schemathesis had in mind. What is refused, `bad_input` goes through.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,ignored_auth,\
                      unsupported_method";
/// What is called by somebody else: it may end the session that it is called in, or is nobody's own to decide.
const OTHERS: [(&str, Who); 6] = [
    ("DELETE /v1/sessions", Who::Other),
    ("DELETE /v1/sessions/{id}", Who::Moderator),
    ("POST /v1/me/password", Who::Admin),
    ("DELETE /v1/me", Who::Unverified),
    ("POST /v1/withdrawals/{id}/approve", Who::Admin),
    ("POST /v1/withdrawals/{id}/reject", Who::Admin),
];
/// Ids that stand in bodies: of which operation, where, and of what.
const NAMED: [(&str, &str, &str); 8] = [
    ("POST /v1/cart/lines", "variant_id", "foreign-variant"),
    (
        "POST /v1/checkouts",
        "lines[*].variant_id",
        "foreign-variant",
    ),
    ("POST /v1/products", "category_id", "category"),
    ("POST /v1/stock/adjustments", "variant_id", "variant"),
    ("POST /v1/stock/imports", "lines[*].variant_id", "variant"),
    ("POST /v1/stock/transfers", "lines[*].variant_id", "variant"),
    ("POST /v1/sales/confirmations", "order_ids[*]", "sale"),
    ("POST /v1/wallets/adjustments", "account_id", "account"),
];
/// What is known in bodies.
const KNOWN: [(&str, &str, &str); 7] = [
    ("POST /v1/me/api-keys", "password", PASSWORD),
    ("PUT /v1/me/email", "password", PASSWORD),
    ("PUT /v1/me/phone", "password", PASSWORD),
    ("POST /v1/me/password", "current_password", PASSWORD),
    ("POST /v1/me/totp", "password", PASSWORD),
    ("DELETE /v1/me/totp", "password", PASSWORD),
    ("POST /v1/me/totp/recovery-codes", "password", PASSWORD),
];

#[tokio::test]
async fn every_answer_is_in_the_document() {
    let program = installed();
    let app = walked();
    let mut cast = Cast::assemble(app).await;
    let things = Things::make(app, &cast).await;
    // Whose everything is and who may everything: nothing hides behind a refusal.
    app.grant(cast.actor(Who::Owner), "admin").await;
    cast.back(Who::Owner).await;
    let actor = cast.actor(Who::Owner);

    let folder = app.data_dir.join("schemathesis");
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let configuration = write("schemathesis.toml", configured(&things, &cast));
    // The app serves the committed one, and that is this one: another test sees to it.
    let document = write("openapi.json", document().to_string());
    let long = std::env::var_os("STOA_LONG").is_some();
    let output = Command::new(program)
        .arg("--config-file")
        .arg(&configuration)
        .arg("run")
        .arg(&document)
        .args(["--url", &app.url])
        .args(["--checks", CHECKS, "--seed", SEED])
        .args(["--max-time", if long { "600" } else { "60" }])
        // Of two workers one would stumble: CPython cannot parse in two threads.
        .args(["--workers", "1", "--request-timeout", "20", "--no-color"])
        .args(["--continue-on-failure", "--generation-database", "none"])
        .args(["--output-truncate", "false", "--output-sanitize", "true"])
        .current_dir(&folder)
        .output()
        .expect("schemathesis runs");
    let said = said(&output);
    write("report.txt", said.clone());
    assert!(output.status.success(), "{said}");
    // Otherwise it has seen nothing but 401.
    actor.get("/v1/me").await.expect(200);
}

/// What schemathesis is told besides its arguments: who asks, and what there is to ask for.
fn configured(things: &Things, cast: &Cast) -> String {
    let bearer = |who: Who| {
        let token = cast.actor(who).token.as_deref().expect("a token");
        json!({"Authorization": format!("Bearer {token}")})
    };
    let mut dictionaries = serde_json::Map::new();
    let mut rules = Vec::new();
    for operation in operations() {
        let name = operation.name();
        let mut parameters = serde_json::Map::new();
        let in_path = operation.names().into_iter().map(|parameter| {
            let id = things.of(&operation.path, parameter);
            (format!("path.{parameter}"), id)
        });
        let in_body = NAMED
            .iter()
            .filter(|(of, ..)| *of == name)
            .map(|(_, place, thing)| (format!("body.{place}"), things.id(thing)));
        let known = KNOWN
            .iter()
            .filter(|(of, ..)| *of == name)
            .map(|(_, place, value)| (format!("body.{place}"), *value));
        let tag = operation
            .needs_if_match()
            .then(|| ("header.If-Match".to_owned(), "\"1\""));
        for (place, value) in in_path.chain(in_body).chain(known).chain(tag) {
            let dictionary = format!("d{}", dictionaries.len());
            dictionaries.insert(dictionary.clone(), json!({"values": [value]}));
            parameters.insert(
                place,
                json!({"dictionary": dictionary, "probability": 0.75}),
            );
        }
        let mut rule = json!({"include-name": name});
        if !parameters.is_empty() {
            rule["parameters"] = Value::Object(parameters);
        }
        if let Some((_, who)) = OTHERS.iter().find(|(of, _)| *of == name) {
            rule["headers"] = bearer(*who);
        }
        if rule.as_object().is_some_and(|rule| rule.len() > 1) {
            rules.push(rule);
        }
    }
    // The runtime itself answers 500 to header values that are not UTF-8, before any component sees them; and
    // schemathesis sends Latin-1.
    let beyond_ascii: String = ('\u{80}'..='\u{ff}').collect();
    let whole = json!({
        "headers": bearer(Who::Owner), "dictionaries": dictionaries, "operations": rules,
        "generation": {"exclude-header-characters": beyond_ascii},
    });
    toml::to_string(&whole).expect("TOML")
}

/// The program, which is installed when it is not there.
fn installed() -> PathBuf {
    let home = root().join(".stoa").join(format!("schemathesis-{VERSION}"));
    let (program, whole) = (home.join("bin/schemathesis"), home.join("whole"));
    if whole.exists() {
        return program;
    }
    let needed =
        "schemathesis runs on Python 3.10 or newer: apt-get install -y python3 python3-venv";
    let _ = std::fs::remove_dir_all(&home);
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&home)
        .output();
    match made {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{needed}\n{}", said(&output)),
        Err(error) => panic!("{needed}\n{error}"),
    }
    let package = format!("schemathesis=={VERSION}");
    let pip = Command::new(home.join("bin/pip"))
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &package,
        ])
        .output()
        .expect("pip runs");
    assert!(
        pip.status.success(),
        "{package} is not to be had: {}/bin/pip install {package}\n{}",
        home.display(),
        said(&pip)
    );
    std::fs::write(&whole, "").expect("written");
    program
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
