//! Pieces of the OpenAPI document that every module uses.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

#[cfg(not(target_arch = "wasm32"))]
pub use layer::complete;

/// The scheme named `bearer`: an access token from `POST /v1/sessions`.
#[must_use]
pub fn bearer_security() -> SecurityScheme {
    SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("Access token of 15 minutes, from POST /v1/sessions."))
            .build(),
    )
}

/// What is made of the document where it is made, natively.
#[cfg(not(target_arch = "wasm32"))]
mod layer {
    use utoipa::OpenApi as _;
    use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
    use utoipa::openapi::schema::{AnyOf, ObjectBuilder, Schema, Type};
    use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

    use super::super::problem::{Problem, ProblemField};

    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem, ProblemField)))]
    struct Problems;

    /// What the layer around the handlers answers, whatever they do: status, name, and codes.
    const ANSWERS: [(&str, &str, &str); 9] = [
        (
            "400",
            "Malformed",
            "`malformed_request`: what was sent is no JSON. `idempotency_key_required`: an Idempotency-Key was sent that is none.",
        ),
        (
            "404",
            "NotFound",
            "`not_found`: there is nothing here, or it is not yours to see.",
        ),
        (
            "408",
            "TooSlow",
            "`request_timeout`: the body did not arrive within 10 seconds.",
        ),
        (
            "409",
            "InProgress",
            "`idempotency_in_progress`: the first request with this Idempotency-Key has not finished.",
        ),
        (
            "413",
            "TooLarge",
            "`body_too_large`: a body may hold at most 1 MiB.",
        ),
        (
            "415",
            "NotJson",
            "`unsupported_media_type`: the body has to be `application/json`.",
        ),
        (
            "422",
            "Unacceptable",
            "`validation_failed`: see `errors`. `idempotency_key_reused`: this Idempotency-Key came with another request.",
        ),
        (
            "429",
            "RateLimited",
            "`rate_limited`: wait as long as `Retry-After` says.",
        ),
        (
            "503",
            "Unavailable",
            "`unavailable`: something that this needs is away or busy; repeat it after `Retry-After` seconds.",
        ),
    ];

    /// Adds what every operation may answer because of the layer around it, where it does not say so itself.
    #[must_use]
    pub fn complete(mut document: OpenApi) -> OpenApi {
        document.merge(Problems::openapi());
        for (path, item) in &mut document.paths.paths {
            for (operation, changes) in operations(item) {
                operation.parameters.iter_mut().flatten().for_each(form);
                answers(path, operation, changes);
            }
        }
        let components = document.components.get_or_insert_default();
        for (_, name, description) in ANSWERS {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", content)
                .build();
            components
                .responses
                .insert(name.to_owned(), RefOr::T(response));
        }
        for schema in components.schemas.values_mut() {
            several_may_fit(schema);
        }
        document
    }

    /// The operations of a path, and whether they may have a body.
    fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
        [
            (&mut item.get, false),
            (&mut item.head, false),
            (&mut item.delete, false),
            (&mut item.post, true),
            (&mut item.put, true),
            (&mut item.patch, true),
        ]
        .into_iter()
        .filter_map(|(operation, changes)| Some((operation.as_mut()?, changes)))
    }

    /// Headers that are read here have one form everywhere.
    fn form(parameter: &mut Parameter) {
        if parameter.parameter_in != ParameterIn::Header {
            return;
        }
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = match parameter.name.to_ascii_lowercase().as_str() {
            "idempotency-key" => text.min_length(Some(1)).max_length(Some(255)),
            "if-match" => text.pattern(Some("^\"[1-9][0-9]{0,17}\"$")),
            _ => return,
        };
        parameter.schema = Some(text.into());
    }

    fn answers(path: &str, operation: &mut Operation, changes: bool) {
        let parameters = operation.parameters.as_deref().unwrap_or_default();
        let has = |place: &ParameterIn| parameters.iter().any(|it| it.parameter_in == *place);
        let keyed = parameters
            .iter()
            .any(|it| it.name.eq_ignore_ascii_case("idempotency-key"));
        let json = operation
            .request_body
            .as_ref()
            .is_some_and(|body| body.content.contains_key("application/json"));
        let body = changes || json;
        // Neither counted nor in need of anything.
        let alive = path == "/healthz";
        for (status, name, _) in ANSWERS {
            let may = match status {
                "400" => json || keyed,
                "404" => has(&ParameterIn::Path),
                "408" | "413" => body,
                "409" => keyed,
                "415" => json,
                "422" => json || keyed || has(&ParameterIn::Query),
                "429" => !path.starts_with("/healthz"),
                _ => !alive,
            };
            if may {
                let reference = || RefOr::Ref(Ref::from_response_name(name));
                operation
                    .responses
                    .responses
                    .entry(status.to_owned())
                    .or_insert_with(reference);
            }
        }
    }

    /// A choice between named schemas without anything that says which it is is read as the first that fits, and
    /// several may.
    fn several_may_fit(schema: &mut RefOr<Schema>) {
        let RefOr::T(Schema::OneOf(choice)) = schema else {
            return;
        };
        let named = choice.items.iter().all(|it| matches!(it, RefOr::Ref(_)));
        if named && choice.discriminator.is_none() {
            let mut any = AnyOf::new();
            any.items = std::mem::take(&mut choice.items);
            any.description = choice.description.take();
            *schema = RefOr::T(Schema::AnyOf(any));
        }
    }

    #[cfg(test)]
    mod tests {
        use serde_json::Value;

        use super::*;

        #[utoipa::path(post, path = "/things/{id}", request_body = Problem,
            params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
            responses((status = 200, description = "Done."), (status = 409, description = "Its own words.")))]
        #[expect(dead_code, reason = "described, not called")]
        fn change() {}

        #[utoipa::path(get, path = "/healthz", responses((status = 200, description = "It serves.")))]
        #[expect(dead_code, reason = "described, not called")]
        fn alive() {}

        #[derive(utoipa::OpenApi)]
        #[openapi(paths(change, alive))]
        struct Things;

        #[test]
        fn an_operation_says_what_the_layer_around_it_answers() {
            let document = serde_json::to_value(complete(Things::openapi())).unwrap();
            let of = |pointer: &str| document.pointer(pointer).cloned().unwrap_or(Value::Null);
            let responses = of("/paths/~1things~1{id}/post/responses");
            let statuses: Vec<&str> = responses
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(
                statuses,
                [
                    "200", "400", "404", "408", "409", "413", "415", "422", "429", "503"
                ]
            );
            assert_eq!(responses["409"]["description"], "Its own words.");
            let key = of("/paths/~1things~1{id}/post/parameters/1/schema");
            assert_eq!(key["maxLength"], 255, "{key}");
            let shared = responses["415"]["$ref"].as_str().unwrap();
            assert!(of(shared.trim_start_matches('#'))["content"].is_object());
            let alive = of("/paths/~1healthz/get/responses");
            assert_eq!(alive.as_object().unwrap().len(), 1);
        }
    }
}
