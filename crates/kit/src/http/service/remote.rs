//! The caller's side: a peer's functions over HTTP.
//!
//! Only for functions that may be repeated: reads, and calls that carry a reference. A call that fails is
//! tried again, slower each time, until its time is over; a peer that fails on is left alone by the breaker
//! of [`outbound`].

use std::time::Duration;

use http::HeaderName;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, ServiceKey};
use crate::outbound::{self, Request, Response};
use crate::time::{sleep, within};
use crate::{local, variables};

/// The header that carries the token. Not `authorization`: that says who the *user* is.
pub const TOKEN: HeaderName = HeaderName::from_static("stoa-service-token");
/// How long one try may take.
const DEADLINE: Duration = Duration::from_secs(2);
/// How long all tries and the pauses between them may take.
const PATIENCE: Duration = Duration::from_millis(4_500);
/// The pauses before the second try, the third, and so on.
const PAUSES_MS: [u64; 3] = [50, 200, 800];
/// Largest answer that is read.
const ANSWER_LIMIT: usize = 4 << 20;

/// Where a function of a peer is found: `/peer/<module>/<interface>/<function>`.
#[must_use]
pub fn path(module: &str, interface: &str, function: &str) -> String {
    format!("/peer/{module}/{interface}/{function}")
}

/// Why a peer's answer is not there. The texts are for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It did not take the arguments: repeating the call will not help.
    #[error("{0}")]
    Invalid(String),
    /// Whether it did anything is unknown. The same call may be repeated later.
    #[error("{0}")]
    Unavailable(String),
}

/// A module that is deployed apart.
#[derive(Debug, Clone, Copy)]
pub struct Remote {
    /// Its name, such as `promotion`.
    pub module: &'static str,
    /// The variable that says where it is: scheme, host and port.
    pub url: &'static str,
}

impl Remote {
    /// Calls a function and answers what it returned. The arguments are a tuple.
    ///
    /// The component's variables `service_name` and `service_key` say who calls.
    ///
    /// # Errors
    /// [`Unanswered`]
    pub async fn call<A: Serialize, T: DeserializeOwned>(
        &self,
        interface: &str,
        function: &str,
        arguments: &A,
    ) -> Result<T, Unanswered> {
        let path = path(self.module, interface, function);
        let body = serde_json::to_vec(arguments)
            .map_err(|error| Unanswered::Invalid(format!("{path}: {error}")))?;
        let target = self.target().await?;
        let response = within(PATIENCE, target.patiently(self.module, &path, &body))
            .await
            .unwrap_or_else(|| {
                let ms = PATIENCE.as_millis();
                Err(Unanswered::Unavailable(format!(
                    "{path}: no answer within {ms} ms"
                )))
            })?;
        read(&path, &response)
    }

    async fn target(&self) -> Result<Target, Unanswered> {
        let variable = async |name: &'static str| {
            variables::get(name)
                .await
                .map_err(|error| Unanswered::Unavailable(error.to_string()))
        };
        let (name, seed) = (
            variable("service_name").await?,
            variable("service_key").await?,
        );
        let key = ServiceKey::decode(&name, &seed).ok_or_else(|| {
            Unanswered::Unavailable("service_key is not 32 bytes in base64url".into())
        })?;
        let url = variable(self.url).await?;
        Ok(Target {
            url: url.trim_end_matches('/').to_owned(),
            key,
        })
    }
}

/// Where calls go, and in whose name.
struct Target {
    url: String,
    key: ServiceKey,
}

impl Target {
    async fn patiently(
        &self,
        module: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Response, Unanswered> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            match self.once(module, path, body).await {
                Ok(response) => return Ok(response),
                Err(error) => {
                    let Some(pause) = pauses.next() else {
                        return Err(Unanswered::Unavailable(format!("{path}: {error}")));
                    };
                    local(sleep(Duration::from_millis(*pause))).await;
                }
            }
        }
    }

    /// Each try has a token of its own: the first one's life may be over.
    async fn once(
        &self,
        module: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Response, outbound::Error> {
        let call = Call {
            method: "POST",
            path,
            body,
        };
        let token = self.key.token(module, &call);
        let request = Request::post(format!("{}{path}", self.url))
            .secret_header(TOKEN, &token)
            .body("application/json", body.to_vec())
            .deadline(DEADLINE)
            .limit(ANSWER_LIMIT);
        outbound::send(request).await
    }
}

fn read<T: DeserializeOwned>(path: &str, response: &Response) -> Result<T, Unanswered> {
    match response.status {
        200 => serde_json::from_slice(&response.body).map_err(|error| {
            Unanswered::Unavailable(format!("{path}: an answer that is none: {error}"))
        }),
        400 | 422 => Err(Unanswered::Invalid(format!(
            "{path}: the arguments were refused"
        ))),
        // A key that it does not know yet or any more, or a part that is not there: the operator's to mend,
        // and then the same call goes through.
        status => Err(Unanswered::Unavailable(format!(
            "{path}: refused with status {status}; do `service_key` here and `service_callers` there match?"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &'static str) -> Result<Result<u32, String>, Unanswered> {
        let response = Response {
            status,
            headers: http::HeaderMap::new(),
            body: body.into(),
        };
        read("/peer/a/b/c", &response)
    }

    #[test]
    fn what_a_function_returns_is_its_answer_whether_it_refused_or_not() {
        assert_eq!(answered(200, r#"{"Ok":7}"#), Ok(Ok(7)));
        assert_eq!(answered(200, r#"{"Err":"no"}"#), Ok(Err("no".into())));
    }

    #[test]
    fn only_refused_arguments_are_not_worth_another_call() {
        for (status, body) in [(200, "{}"), (200, ""), (401, "{}"), (404, "{}"), (302, "")] {
            let unanswered = answered(status, body);
            assert!(
                matches!(unanswered, Err(Unanswered::Unavailable(_))),
                "{status}: {unanswered:?}"
            );
        }
        assert!(matches!(answered(400, "{}"), Err(Unanswered::Invalid(_))));
    }
}
