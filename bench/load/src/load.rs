//! The load generator: connections that are kept alive, one request at a time on each.
//!
//! It shares the machine with what it measures, so it does as little as it can: one thread, one
//! task for each connection, requests made ahead, answers read and thrown away.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::StatusCode;
use http::header::RETRY_AFTER;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::requests::{Draw, HttpRequest, Requests, Source};
use crate::sample::{Outcome, Sample};

/// An answer that takes longer is an error.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Load before the measurement begins: instances that idled away in the meantime come back.
pub const LEAD_IN: Duration = Duration::from_millis(500);
/// Errors are counted, and after this many there is no point in going on.
const TOO_MANY: u64 = 200;

/// Puts load on `target` for `length`, after a lead-in that does not count.
pub async fn run(
    target: SocketAddr,
    requests: &Requests,
    connections: u16,
    length: Duration,
) -> Result<Sample> {
    let begin = Instant::now() + LEAD_IN;
    let window = Window {
        begin,
        end: begin + length,
        most: u64::MAX,
    };
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let source = requests.source(number.into());
        tasks.spawn(connection(target, source, window));
    }
    let mut all = Sample::new(length)?;
    while let Some(one) = tasks.join_next().await {
        all.add(one.context("a connection's task")??)?;
    }
    Ok(all)
}

/// Sends a few requests, one after another.
pub async fn some(target: SocketAddr, requests: &Requests, most: u64) -> Result<Sample> {
    let begin = Instant::now();
    let window = Window {
        begin,
        end: begin + TIMEOUT,
        most,
    };
    connection(target, requests.source(0), window).await
}

/// Sends one request, on a connection of its own.
pub async fn one(target: SocketAddr, request: HttpRequest) -> Result<Sample> {
    let requests = Requests::shared(Draw::InTurn, vec![request])?;
    some(target, &requests, 1).await
}

/// What counts: answers that come in between, whenever they were asked for.
#[derive(Clone, Copy, Debug)]
struct Window {
    begin: Instant,
    end: Instant,
    /// Requests after which it is enough.
    most: u64,
}

async fn connection(target: SocketAddr, mut source: Source, window: Window) -> Result<Sample> {
    let mut sample = Sample::new(window.end - window.begin)?;
    let mut sender = None;
    for _ in 0..window.most {
        let sent = Instant::now();
        if sent >= window.end || sample.errors >= TOO_MANY {
            break;
        }
        let exchange = exchange(&mut sender, target, source.next());
        let outcome = match tokio::time::timeout(TIMEOUT, exchange).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Outcome::Failed(error),
            Err(_) => Outcome::Failed("no answer in time".to_owned()),
        };
        let answered = Instant::now();
        let failed = matches!(outcome, Outcome::Failed(_));
        let counts = answered >= window.begin && answered <= window.end;
        sample.record(outcome, answered - sent, counts);
        if failed {
            sender = None;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(sample)
}

/// Sends one request and reads its answer to the end, on the connection that is there.
async fn exchange(
    kept: &mut Option<SendRequest<Full<Bytes>>>,
    target: SocketAddr,
    request: HttpRequest,
) -> Result<Outcome, String> {
    let sender = match kept {
        Some(sender) if !sender.is_closed() => sender,
        _ => kept.insert(connect(target).await?),
    };
    sender
        .ready()
        .await
        .map_err(|error| format!("the connection broke: {error}"))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| format!("no answer: {error}"))?;
    let status = answer.status();
    let refused =
        status == StatusCode::SERVICE_UNAVAILABLE && answer.headers().contains_key(RETRY_AFTER);
    let mut body = answer.into_body();
    if status.is_success() || refused {
        while let Some(frame) = body.frame().await {
            frame.map_err(|error| format!("the answer broke off: {error}"))?;
        }
        return Ok(if refused {
            Outcome::Refused
        } else {
            Outcome::Done
        });
    }
    let body = body
        .collect()
        .await
        .map(|it| it.to_bytes())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(body.get(..500).unwrap_or(&body)).into_owned();
    Ok(Outcome::Failed(format!("{status}: {text}")))
}

async fn connect(target: SocketAddr) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(target)
        .await
        .map_err(|error| format!("no connection: {error}"))?;
    stream
        .set_nodelay(true)
        .map_err(|error| error.to_string())?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| format!("no connection: {error}"))?;
    // What goes wrong on it is told to the request that waits.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::Response;
    use hyper::server::conn::http1 as server;
    use hyper::service::service_fn;
    use tokio::net::TcpListener;

    use super::*;
    use crate::requests::{empty, get};

    async fn answering(status: StatusCode, headers: &[(&'static str, &'static str)]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut answer = Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(Full::<Bytes>::from("{}")).unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let answer = answer.clone();
                let answer = service_fn(move |_| {
                    let answer = answer.clone();
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        address
    }

    async fn measure(target: SocketAddr, millis: u64) -> Sample {
        let request = empty(get(target, "/")).unwrap();
        let requests = Requests::shared(Draw::AtRandom, vec![request]).unwrap();
        run(target, &requests, 2, Duration::from_millis(millis))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn answers_in_time_are_counted_and_measured() {
        let target = answering(StatusCode::OK, &[]).await;
        let sample = measure(target, 200).await;
        assert!(sample.done.len() > 10 && sample.errors == 0, "{sample:?}");
        assert!(sample.rate() > 50.0);
    }

    #[tokio::test]
    async fn a_refusal_that_says_when_to_come_again_is_no_error() {
        let target = answering(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "1")]).await;
        let sample = measure(target, 100).await;
        assert!(
            sample.refused.len() > 10 && sample.errors == 0,
            "{sample:?}"
        );
        assert_eq!(sample.done.len(), 0);
    }

    #[tokio::test]
    async fn other_statuses_are_errors_and_are_shown() {
        for status in [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::INTERNAL_SERVER_ERROR,
        ] {
            let target = answering(status, &[]).await;
            let sample = measure(target, 50).await;
            assert!(sample.done.len() + sample.refused.len() == 0 && sample.errors > 0);
            assert!(sample.first_error.unwrap().starts_with(status.as_str()));
        }
        let target = answering(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "1")]).await;
        assert!(measure(target, 50).await.errors > 0);
    }

    #[tokio::test]
    async fn a_target_that_is_away_is_an_error() {
        let target = ([127, 0, 0, 1], crate::process::free_port().unwrap()).into();
        assert!(measure(target, 20).await.errors > 0);
    }
}
