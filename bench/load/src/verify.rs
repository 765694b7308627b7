//! Makes sure that the targets do the same before they are compared.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use http::Request;
use serde_json::Value;

use crate::options::Scenario;
use crate::requests::Source;
use crate::seed::Buyer;
use crate::stage::{Stage, Target};

/// Pages that are compared.
const PAGES: usize = 5;

/// Fails unless the bare component and the native server answer as the app does: pages byte for
/// byte, orders in every member and its type, their ids and times being their own.
pub async fn same_answers(stage: &Stage, scenario: Scenario, buyers: &[Buyer]) -> Result<()> {
    match scenario {
        Scenario::Product => {
            for _ in 0..PAGES {
                let path = request(stage, Target::App, scenario, buyers)?
                    .uri()
                    .path()
                    .to_owned();
                let mut pages = Vec::new();
                for target in [Target::App, Target::Floor, Target::Peer] {
                    let address = stage.address(target)?;
                    pages.push(
                        send(Request::get(format!("http://{address}{path}")).body(Vec::new())?)
                            .await?,
                    );
                }
                compare(&pages)?;
            }
            Ok(())
        }
        Scenario::Order => {
            let mut shapes = Vec::new();
            for target in [Target::App, Target::Floor, Target::Peer] {
                let (parts, body) = request(stage, target, scenario, buyers)?.into_parts();
                let body = http_body_util::BodyExt::collect(body)
                    .await
                    .context("a body")?
                    .to_bytes();
                let mut whole = Request::from_parts(parts, body.to_vec());
                *whole.uri_mut() =
                    format!("http://{}{}", stage.address(target)?, whole.uri()).parse()?;
                let answer = send(whole).await?;
                shapes.push(
                    shape(&answer)
                        .with_context(|| format!("the {} answered {answer}", target.name()))?,
                );
            }
            compare(&shapes)
        }
    }
}

fn request(
    stage: &Stage,
    target: Target,
    scenario: Scenario,
    buyers: &[Buyer],
) -> Result<crate::requests::HttpRequest> {
    Source::new(scenario, stage.address(target)?, buyers, 0)?
        .next()
        .context("there are no requests")
}

async fn send(request: Request<Vec<u8>>) -> Result<String> {
    let what = request.uri().to_string();
    let request = reqwest::Request::try_from(request)?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.execute(request).await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("{what} answered {status}: {text}");
    }
    Ok(text)
}

/// The answers of app, floor and peer, in this order.
fn compare(answers: &[String]) -> Result<()> {
    let Some((app, others)) = answers.split_first() else {
        return Ok(());
    };
    for (other, name) in others.iter().zip(["bare component", "native server"]) {
        if other != app {
            bail!("the {name} does not answer as the app does\napp:   {app}\nother: {other}");
        }
    }
    Ok(())
}

/// Every member of a document with its type.
fn shape(text: &str) -> Result<String> {
    let value: Value = serde_json::from_str(text)?;
    let mut paths = BTreeSet::new();
    walk(&value, "", &mut paths);
    Ok(paths.into_iter().collect::<Vec<_>>().join("\n"))
}

fn walk(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, member)| walk(member, &format!("{path}/{name}"), paths));
            "object"
        }
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| walk(item, &format!("{path}/-"), paths));
            "array"
        }
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Null => "null",
    };
    paths.insert(format!("{path}: {kind}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_differ_by_member_and_type_alone() {
        let one = shape(r#"{"id": "a", "orders": [{"total": 1}]}"#).unwrap();
        assert_eq!(
            one,
            shape(r#"{"orders": [{"total": 7}], "id": "b"}"#).unwrap()
        );
        assert_ne!(
            one,
            shape(r#"{"orders": [{"total": "7"}], "id": "b"}"#).unwrap()
        );
        assert_ne!(one, shape(r#"{"id": "a", "orders": []}"#).unwrap());
    }

    #[test]
    fn a_difference_names_who_differs() {
        let answers = ["x", "x", "y"].map(str::to_owned);
        assert!(
            compare(&answers)
                .unwrap_err()
                .to_string()
                .contains("native server")
        );
    }
}
