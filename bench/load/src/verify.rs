//! Makes sure that the targets do the same before they are compared.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use http::Request;
use serde_json::Value;

use crate::options::Scenario;
use crate::requests::HttpRequest;
use crate::scenarios::Same;
use crate::shop::Shop;
use crate::stage::{Stage, Target};

/// Fails unless the bare component and the native server answer the first requests of a scenario as
/// the app does. The requests follow one another on each: what the app writes first, the others
/// find written.
pub async fn same_answers(stage: &Stage, scenario: Scenario, shop: &Shop) -> Result<()> {
    let plan = scenario.plan();
    let (count, same) = plan.compared;
    let targets = [Target::App, Target::Floor, Target::Peer];
    let mut requests = Vec::new();
    for target in targets {
        let all = stage.requests(target, scenario, shop)?;
        requests.push(all.first(count).collect::<Vec<_>>());
    }
    for n in 0..count {
        let mut answers = Vec::new();
        for (target, requests) in targets.iter().zip(&requests) {
            let request = requests.get(n).context("there are no requests")?.clone();
            let whole = whole(request, stage.address(*target)?).await?;
            let what = whole.uri().to_string();
            let answer = send(whole).await?;
            require_filled(&answer, plan.list)
                .with_context(|| format!("{what} answered {answer}"))?;
            answers.push(match same {
                Same::Bytes => answer,
                Same::Shape => shape(&answer)
                    .with_context(|| format!("the {} answered {answer}", target.name()))?,
            });
        }
        compare(&answers)?;
    }
    Ok(())
}

/// The request with its body at hand and its target in its address.
async fn whole(request: HttpRequest, target: SocketAddr) -> Result<Request<Vec<u8>>> {
    let (parts, body) = request.into_parts();
    let body = http_body_util::BodyExt::collect(body)
        .await
        .context("a body")?
        .to_bytes();
    let mut whole = Request::from_parts(parts, body.to_vec());
    *whole.uri_mut() = format!("http://{target}{}", whole.uri()).parse()?;
    Ok(whole)
}

/// Nothing is measured by what finds nothing.
fn require_filled(answer: &str, list: &str) -> Result<()> {
    let answer: Value = serde_json::from_str(answer)?;
    match answer.pointer(list).and_then(Value::as_array) {
        Some(items) if items.is_empty() => bail!("nothing is in {list}"),
        _ => Ok(()),
    }
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
    fn an_answer_without_a_single_item_is_none() {
        assert!(require_filled(r#"{"items": []}"#, "/items").is_err());
        assert!(require_filled(r#"{"items": [1]}"#, "/items").is_ok());
        assert!(require_filled(r#"{"version": 1}"#, "/items").is_ok());
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
