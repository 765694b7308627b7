//! The load generator: connections that are kept alive, one request at a time on each.
//!
//! It shares the machine with what it measures, so it does as little as it can: one thread, one
//! task for each connection, requests made ahead, answers read and thrown away.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::options::Scenario;
use crate::requests::{HttpRequest, Source};
use crate::seed::Buyer;

/// An answer that takes longer is an error.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Load before the measurement begins: instances that idled away in the meantime come back.
const LEAD_IN: Duration = Duration::from_millis(500);
/// Errors are counted, and after this many there is no point in going on.
const TOO_MANY: u64 = 200;

/// What one measurement found.
#[derive(Debug)]
pub struct Sample {
    /// Answers with 2xx that came within the time.
    pub done: u64,
    pub elapsed: Duration,
    /// Of these answers, in microseconds.
    pub latency: Histogram<u64>,
    /// Requests without an answer, or with another status than 2xx; in the lead-in too.
    pub errors: u64,
    pub first_error: Option<String>,
}

impl Sample {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }
}

/// An empty histogram: up to a minute, three significant digits.
pub fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).context("a histogram")
}

/// Puts load on `target` for `length`, after a lead-in that does not count.
pub async fn run(
    scenario: Scenario,
    target: SocketAddr,
    buyers: &[Buyer],
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
        let source = Source::new(scenario, target, buyers, usize::from(number))?;
        tasks.spawn(connection(target, source, window));
    }
    let mut all = Sample {
        done: 0,
        elapsed: length,
        latency: histogram()?,
        errors: 0,
        first_error: None,
    };
    while let Some(one) = tasks.join_next().await {
        let one = one.context("a connection's task")??;
        all.done += one.done;
        all.errors += one.errors;
        all.latency.add(&one.latency).context("adding histograms")?;
        all.first_error = all.first_error.or(one.first_error);
    }
    Ok(all)
}

/// Sends a few requests, one after another.
pub async fn some(
    scenario: Scenario,
    target: SocketAddr,
    buyers: &[Buyer],
    most: u64,
) -> Result<Sample> {
    let begin = Instant::now();
    let window = Window {
        begin,
        end: begin + TIMEOUT,
        most,
    };
    connection(target, Source::new(scenario, target, buyers, 0)?, window).await
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
    let mut sample = Sample {
        done: 0,
        elapsed: Duration::ZERO,
        latency: histogram()?,
        errors: 0,
        first_error: None,
    };
    let mut sender = None;
    for _ in 0..window.most {
        let sent = Instant::now();
        if sent >= window.end || sample.errors >= TOO_MANY {
            break;
        }
        let request = source.next().context("there are no requests")?;
        let outcome =
            match tokio::time::timeout(TIMEOUT, exchange(&mut sender, target, request)).await {
                Ok(outcome) => outcome,
                Err(_) => Err("no answer in time".to_owned()),
            };
        let answered = Instant::now();
        match outcome {
            Ok(()) if answered >= window.begin && answered <= window.end => {
                sample.done += 1;
                let micros = u64::try_from((answered - sent).as_micros()).unwrap_or(u64::MAX);
                sample.latency.saturating_record(micros.max(1));
            }
            Ok(()) => {}
            Err(error) => {
                sample.errors += 1;
                sample.first_error.get_or_insert(error);
                sender = None;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
    Ok(sample)
}

/// Sends one request and reads its answer to the end, on the connection that is there.
async fn exchange(
    kept: &mut Option<SendRequest<Full<Bytes>>>,
    target: SocketAddr,
    request: HttpRequest,
) -> Result<(), String> {
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
    let mut body = answer.into_body();
    if status.is_success() {
        while let Some(frame) = body.frame().await {
            frame.map_err(|error| format!("the answer broke off: {error}"))?;
        }
        return Ok(());
    }
    let body = body
        .collect()
        .await
        .map(|it| it.to_bytes())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(body.get(..500).unwrap_or(&body)).into_owned();
    Err(format!("{status}: {text}"))
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

    use http::{Response, StatusCode};
    use hyper::server::conn::http1 as server;
    use hyper::service::service_fn;
    use tokio::net::TcpListener;

    use super::*;

    async fn answering(status: StatusCode) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let answer = service_fn(move |_| async move {
                    let body = Full::<Bytes>::from("{}");
                    Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
                });
                tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        address
    }

    #[tokio::test]
    async fn answers_in_time_are_counted_and_measured() {
        let target = answering(StatusCode::OK).await;
        let sample = run(
            Scenario::Product,
            target,
            &[],
            2,
            Duration::from_millis(200),
        )
        .await
        .unwrap();
        assert!(sample.done > 10 && sample.errors == 0, "{sample:?}");
        assert_eq!(sample.latency.len(), sample.done);
        assert!(sample.rate() > 50.0);
    }

    #[tokio::test]
    async fn other_statuses_are_errors_and_are_shown() {
        let target = answering(StatusCode::SERVICE_UNAVAILABLE).await;
        let sample = run(Scenario::Product, target, &[], 1, Duration::from_millis(50))
            .await
            .unwrap();
        assert!(sample.done == 0 && sample.errors > 0);
        assert!(sample.first_error.unwrap().starts_with("503"));
    }

    #[tokio::test]
    async fn a_target_that_is_away_is_an_error() {
        let target = ([127, 0, 0, 1], crate::process::free_port().unwrap()).into();
        let sample = run(Scenario::Product, target, &[], 1, Duration::from_millis(20))
            .await
            .unwrap();
        assert!(sample.errors > 0);
    }
}
