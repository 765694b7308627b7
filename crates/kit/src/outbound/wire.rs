//! The host's side of a call.

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, header};
use http_body_util::{BodyExt, Full};
use spin_sdk::wasip3::http::types::ErrorCode;

use super::{Error, Failure, Request, Response};

pub(super) async fn transmit(request: Request) -> Result<Response, Failure> {
    let mut builder = http::Request::builder()
        .method(request.method)
        .uri(&request.url);
    if let Some(headers) = builder.headers_mut() {
        headers.extend(request.headers);
        // Without a length the body goes in chunks, which not everybody reads.
        headers.insert(
            header::CONTENT_LENGTH,
            HeaderValue::from(request.body.len()),
        );
    }
    let outgoing = builder
        .body(Full::new(request.body))
        .map_err(|e| Failure::ours(e.to_string()))?;
    let answer = spin_sdk::http::send(outgoing)
        .await
        .map_err(|code| classify(&code))?;
    let (parts, body) = answer.into_parts();
    Ok(Response {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: read(body, request.limit).await.map_err(Failure::down)?,
    })
}

async fn read<B>(mut body: B, limit: usize) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut buffer = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::Unknown("the answer ended early".into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if buffer.len().saturating_add(data.len()) > limit {
            return Err(Error::Unknown(format!(
                "the answer has more than {limit} bytes"
            )));
        }
        buffer.extend_from_slice(&data);
    }
    Ok(buffer.freeze())
}

/// Whoever could not be reached has done nothing. The rest may have. What the host itself would not send
/// says nothing of the destination.
fn classify(code: &ErrorCode) -> Failure {
    let text: String = format!("{code:?}").chars().take(200).collect();
    match code {
        ErrorCode::ConnectionLimitReached
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong => Failure::ours(text),
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::TlsCertificateError => Failure::down(Error::NotDone(text)),
        _ => Failure::down(Error::Unknown(text)),
    }
}
