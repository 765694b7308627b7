//! The HTTP trigger: a server whose requests go to the components' instances.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Poller, Poll};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;
use wasmtime::component::{GuestTaskId, InstancePre};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyHandler, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::drops::Doom;
use crate::headers;
use crate::routes::{RouteMatch, Routes, WELL_KNOWN};
use crate::state::{ComponentContext, State};

/// Requests that one instance answers in its life.
const REQUESTS_PER_INSTANCE: usize = 128;
/// Requests that one instance works on at the same time.
const CONCURRENT_REQUESTS: usize = 16;
/// How long an instance without work is kept.
const IDLE: Duration = Duration::from_secs(1);

/// The address that a component sees of another that calls it.
const CHAINED_CLIENT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);

/// Routes, and a handler for each component that has an HTTP trigger.
pub struct HttpServer {
    routes: Routes,
    handlers: BTreeMap<String, ProxyHandler<Handler>>,
    /// What `/.well-known/spin/info` answers.
    info: String,
}

impl HttpServer {
    pub fn new(routes: Routes, info: String) -> Self {
        Self {
            routes,
            handlers: BTreeMap::new(),
            info,
        }
    }

    /// Adds a component, which has to export `wasi:http/handler`.
    pub fn add(&mut self, component: Arc<ComponentContext>, pre: InstancePre<State>) -> Result<()> {
        let id = component.id.to_string();
        let service = ServicePre::new(pre)
            .map_err(anyhow::Error::from)
            .with_context(|| {
                format!(
                    "component {id:?} has an HTTP trigger and exports no wasi:http/handler@0.3.0"
                )
            })?;
        let handler = ProxyHandler::new(Handler { component, service });
        self.handlers.insert(id, handler);
        Ok(())
    }

    /// Serves connections for ever.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> Result<()> {
        loop {
            // TCP_NODELAY stays off, as on Spin, so that what costs there costs here as well.
            let (stream, client) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely, which passes.
                    eprintln!("stoa-host: cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            tokio::spawn(self.clone().serve_connection(stream, client));
        }
    }

    async fn serve_connection(self: Arc<Self>, stream: TcpStream, client: SocketAddr) {
        let service = service_fn(|request| self.answer(request, client));
        // An error here is a client that went away or did not speak HTTP.
        _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Response<WasiBody>> {
        let path = request.uri().path();
        if let Some(name) = path.strip_prefix(WELL_KNOWN) {
            return Ok(match name {
                "health" => text("OK"),
                "info" => {
                    let mut response = text(&self.info);
                    let json = http::HeaderValue::from_static("application/json");
                    response
                        .headers_mut()
                        .insert(http::header::CONTENT_TYPE, json);
                    response
                }
                _ => empty(StatusCode::NOT_FOUND),
            });
        }
        let Some(route) = self.routes.find(path) else {
            return Ok(empty(StatusCode::NOT_FOUND));
        };
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        self.dispatch(request, route, client).await
    }

    /// A request of one component to another by its name.
    pub async fn chain(
        &self,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>> {
        let route = RouteMatch::chained(component, request.uri().path());
        // Boxed, because the component that is called may call on.
        Box::pin(self.dispatch(request, route, CHAINED_CLIENT)).await
    }

    /// Hands a request to its component. A guest that fails or traps has its say in the log; the
    /// client gets an empty 500.
    async fn dispatch(
        &self,
        mut request: Request<WasiBody>,
        route: RouteMatch,
        client: SocketAddr,
    ) -> Result<Response<WasiBody>> {
        let handler = self
            .handlers
            .get(&route.component)
            .with_context(|| format!("there is no HTTP component {:?}", route.component))?;
        let line = format!("{} {}", request.method(), request.uri().path());
        let answered = match headers::prepare(&mut request, &route, client) {
            Ok(()) => handler.handle((), request).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        Ok(answered.unwrap_or_else(|error| {
            eprintln!("stoa-host: {}: {line}: {error:#}", route.component);
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }))
    }
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = text("");
    *response.status_mut() = status;
    response
}

fn text(body: &str) -> Response<WasiBody> {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    Response::new(body.map_err(Into::into).boxed_unsync())
}

/// Makes instances of one component.
struct Handler {
    component: Arc<ComponentContext>,
    service: ServicePre<State>,
}

impl HandlerState for Handler {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Worker>> {
        let mut store = State::store(self.service.engine(), &self.component, true);
        let service = self.service.instantiate_async(&mut store).await?;
        let doom = store.data().calls.doom.clone();
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: State::incoming_http,
            expiration: Expiration {
                idle: Box::pin(tokio::time::sleep(IDLE)),
                doom,
            },
            state: Worker(self.component.id.clone()),
        })
    }
}

/// Ends an instance that has been idle. One that works is left alone, since there is no request
/// timeout, unless a test wants it dropped.
struct Expiration {
    idle: Pin<Box<Sleep>>,
    doom: Doom,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Poller<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        if self.doom.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        let deadline = (since + IDLE).into();
        if self.idle.deadline() != deadline {
            self.idle.as_mut().reset(deadline);
        }
        self.idle.as_mut().poll(cx)
    }
}

/// One instance, known by its component.
struct Worker(Arc<str>);

impl WorkerState for Worker {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= REQUESTS_PER_INSTANCE {
            ShouldAccept::Never
        } else if concurrent >= CONCURRENT_REQUESTS {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync + 'static>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        if let Err(error) = result {
            eprintln!("stoa-host: an instance of {} failed: {error:?}", self.0);
        }
        drop(store);
    }
}
