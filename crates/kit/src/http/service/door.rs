//! The callee's side: a module's functions for those who are deployed apart from it.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::remote::TOKEN;
use super::{Call, Callers, Peer};
use crate::http::{Answer, RequestContext};
use crate::{Error, local, variables};

/// A call whose caller is known: an extractor. It refuses with 401 whoever shows no token, or one that is not
/// for this module and this very request.
///
/// The component's variables `service_module` and `service_callers` say which module this is and who may call
/// it (see [`Callers::parse`]).
#[derive(Debug)]
pub struct Called {
    /// Who calls.
    pub peer: Peer,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Called {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let token = request
            .headers()
            .get(TOKEN)
            .and_then(|token| token.to_str().ok())
            .ok_or_else(|| Error::problem("unknown_peer"))?;
        let body = request
            .extensions()
            .get::<RequestContext>()
            .map(|context| context.body.clone())
            .ok_or_else(|| Error::internal("no request context"))?;
        let module = variables::get("service_module").await?;
        let callers = variables::get("service_callers").await?;
        let callers = Callers::parse(&module, &callers).ok_or_else(|| {
            Error::internal("service_callers is not of the form {\"order\": [\"<public key>\"]}")
        })?;
        let uri = request.uri();
        let call = Call {
            method: request.method().as_str(),
            path: uri
                .path_and_query()
                .map_or(uri.path(), |whole| whole.as_str()),
            body: &body,
        };
        let peer = callers.verify(token, &call)?;
        Ok(Self { peer, body })
    }
}

impl Called {
    /// Calls the function with the arguments that were sent, a tuple, and answers what it returns.
    pub async fn answer<A, T, F>(self, function: impl FnOnce(A) -> F) -> Response
    where
        A: DeserializeOwned,
        T: Serialize,
        F: Future<Output = T>,
    {
        let arguments = match serde_json::from_slice(&self.body) {
            Ok(arguments) => arguments,
            Err(error) => return malformed(&error).into_response(),
        };
        let returned = local(function(arguments)).await;
        match Answer::json(&returned) {
            Ok(answer) => answer.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::problem_with(
        "malformed_request",
        serde_json::json!({"errors": [{"pointer": "", "code": "malformed_json", "detail": error.to_string()}]}),
    )
}
