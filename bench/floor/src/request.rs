//! What a request says, as far as the bare component looks at it.

use http::request::Parts;
use serde_json::Value;

use crate::Failure;

/// Names the buyer: the bare component looks into no tokens.
pub const BUYER: &str = "x-bench-buyer";

pub fn header(parts: &Parts, name: &str) -> Result<String, Failure> {
    let value = parts
        .headers
        .get(name)
        .ok_or_else(|| format!("no {name}"))?;
    Ok(value.to_str()?.to_owned())
}

/// The body, which is JSON.
pub async fn document<B>(body: B) -> Result<Value, Failure>
where
    B: http_body_util::BodyExt,
    B::Error: std::error::Error + 'static,
{
    let body = body.collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

pub fn member<'a>(value: &'a Value, pointer: &str) -> Result<&'a Value, Failure> {
    value
        .pointer(pointer)
        .ok_or_else(|| format!("no {pointer}").into())
}

/// Names and values of a query string.
pub fn parameters(query: &str) -> Result<Vec<(String, String)>, Failure> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| Ok((name.to_owned(), decoded(value)?)))
        .collect()
}

fn decoded(value: &str) -> Result<String, Failure> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                u8::from_str_radix(std::str::from_utf8(&digits)?, 16)?
            }
            other => other,
        });
    }
    Ok(String::from_utf8(bytes)?)
}
