//! Outbound HTTP of guests: only to allowed hosts, and to other components by their
//! `<component>.spin.internal` names without leaving the process.

use std::sync::Arc;

use http::Request;
use http::uri::{Scheme, Uri};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks, default_send_request,
};

use crate::allowed_hosts::chaining_target;
use crate::drops::{Calls, Kind};
use crate::runtime_config::BlockedNetworks;
use crate::state::ComponentContext;

/// What an instance may send.
pub struct HttpHooks {
    component: Arc<ComponentContext>,
    calls: Calls,
    chaining: bool,
}

impl HttpHooks {
    pub fn new(component: Arc<ComponentContext>, calls: Calls, chaining: bool) -> Self {
        Self {
            component,
            calls,
            chaining,
        }
    }
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(http::Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for HttpHooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        // How the guest fared with the response is of no use to anybody here.
        _: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let (component, chaining) = (self.component.clone(), self.chaining);
        let calls = self.calls.clone();
        Box::new(async move {
            let what = format!("{} {}", request.method(), request.uri());
            let sent = send(&component, chaining, request, options);
            calls.run(Kind::Http, &what, sent).await
        })
    }
}

async fn send(
    component: &ComponentContext,
    chaining: bool,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Sent {
    if !component
        .allowed_hosts
        .allows(&request.uri().to_string(), "https")
    {
        return Err(Error::HttpRequestDenied);
    }
    let host = request.uri().host().unwrap_or_default();
    if let Some(target) = chaining_target(host).map(str::to_owned)
        && chaining
    {
        return chain(component, &target, request).await;
    }
    refuse_blocked(&component.shared.blocked_networks, request.uri().clone()).await?;
    let (response, io) = default_send_request(request, options).await?;
    Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as Io))
}

/// The headers of a request that comes in are what the client sent; only those that a guest makes
/// are restricted. Without this a guest would not see the host that it was called by.
pub struct IncomingHooks;

impl WasiHttpHooks for IncomingHooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|_| false)
    }
}

async fn chain(component: &ComponentContext, target: &str, request: Request<WasiBody>) -> Sent {
    let server = component.shared.server.get().and_then(|s| s.upgrade());
    let server = server.ok_or(Error::DestinationNotFound)?;
    let response = server.chain(target, request).await.map_err(|error| {
        eprintln!("stoa-host: {} called {target}: {error:#}", component.id);
        Error::DestinationNotFound
    })?;
    Ok((response, Box::new(async { Ok(()) })))
}

/// Looks the name up before connecting. A name that changes its address in between escapes this,
/// which is good enough for tests; Spin checks the address that it connects to.
async fn refuse_blocked(blocked: &BlockedNetworks, uri: Uri) -> Result<(), Error> {
    if blocked.is_empty() {
        return Ok(());
    }
    let default = if uri.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    let host = uri.host().ok_or(Error::HttpRequestUriInvalid)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(default);
    let addresses = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| Error::DnsError {
            rcode: Some(error.to_string()),
            info_code: None,
        })?;
    for address in addresses {
        if blocked.blocks(address.ip()) {
            return Err(Error::DestinationIpProhibited);
        }
    }
    Ok(())
}
