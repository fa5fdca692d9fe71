//! `GET /openapi.json`: the endpoints, described by themselves.
//!
//! Each handler says what is its own; what all of a kind have in common is added here, so that it is said once.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use deskbell_protocol::http::Problem;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    self, ComponentsBuilder, ContentBuilder, Header, Info, Object, OpenApi, OpenApiBuilder, Ref,
    ResponseBuilder, Type,
};

/// What an operation may be answered with, when it is of a kind.
const COMMON: [(Kind, &str, &str); 8] = [
    (Kind::Body, "400", "It cannot be read"),
    (
        Kind::Secured,
        "401",
        "The token is missing, nobody's, another kind's, or a signed-out desk's",
    ),
    (Kind::OfOne, "404", "The hospital has no such reservation"),
    (Kind::Body, "408", "The body took more than 20 seconds"),
    (Kind::Body, "413", "The body is larger than 16 KiB"),
    (Kind::Body, "415", "Another content type or charset"),
    (
        Kind::Stored,
        "429",
        "Too many requests; `Retry-After` says in how many seconds to come back",
    ),
    (
        Kind::Stored,
        "503",
        "The database cannot be used; `Retry-After` says in how many seconds to come back",
    ),
];

/// Which operations.
#[derive(Clone, Copy)]
enum Kind {
    /// Those that take a body.
    Body,
    /// Those that take a token.
    Secured,
    /// Those about one reservation.
    OfOne,
    /// Those that use the database for somebody.
    Stored,
}

impl Kind {
    fn has(self, path: &str, operation: &Operation) -> bool {
        match self {
            Self::Body => operation.request_body.is_some(),
            Self::Secured => operation.security.is_some(),
            Self::OfOne => path.contains("{id}"),
            Self::Stored => path.starts_with("/v1/"),
        }
    }
}

/// The document before any operation is in it.
pub(super) fn blank() -> OpenApi {
    let mut info = Info::new("Deskbell gateway", &*deskbell_protocol::API.to_string());
    info.description = Some(
        "Takes a hospital's reservations in and keeps them for its desks. What is pushed to the desks goes by Socket.IO and is \
         described in WIRE.md, as is the meaning of each field."
            .to_owned(),
    );
    let bearer = |description: &str| {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.description = Some(description.to_owned());
        SecurityScheme::Http(http)
    };
    let components = ComponentsBuilder::new()
        .schema_from::<Problem>()
        .security_scheme("intake_key", bearer("A hospital's intake key, `dbsite…`"))
        .security_scheme("desk_token", bearer("A desk's token, `dbdesk…`"))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .build()
}

/// Adds to each operation what all of its kind have in common.
pub(super) fn complete(mut api: OpenApi) -> OpenApi {
    for (path, item) in &mut api.paths.paths {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            for (kind, status, description) in COMMON {
                if kind.has(path, operation) {
                    let answers = &mut operation.responses.responses;
                    answers
                        .entry(status.to_owned())
                        .or_insert_with(|| problem(status, description).into());
                }
            }
        }
    }
    api
}

fn problem(status: &str, description: &str) -> openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let problem = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    if matches!(status, "429" | "503") {
        let seconds = Header::new(Object::with_type(Type::Integer));
        problem.header("retry-after", seconds).build()
    } else {
        problem.build()
    }
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object)),
)]
pub(super) async fn get(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    Json(&*document).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::super::testing::{JSON, Site};
    use super::*;
    use crate::Options;

    fn document() -> OpenApi {
        complete(super::super::api().into_openapi())
    }

    /// Writes the document anew with `DESKBELL_WRITE_OPENAPI=1 cargo test -p deskbell-gateway openapi`.
    #[test]
    fn the_document_in_docs_is_not_stale() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let fresh = document().to_pretty_json().unwrap() + "\n";
        if std::env::var_os("DESKBELL_WRITE_OPENAPI").is_some() {
            std::fs::write(&kept, &fresh).unwrap();
        }
        assert!(
            std::fs::read_to_string(&kept).is_ok_and(|kept| kept == fresh),
            "stale: run DESKBELL_WRITE_OPENAPI=1 cargo test -p deskbell-gateway openapi"
        );
    }

    #[tokio::test]
    async fn the_gateway_serves_it() {
        let site = Site::new().await;
        let served = site.get("/openapi.json").await;
        assert_eq!(served.header("content-type").as_deref(), Some("application/json"));
        assert_eq!(served.json(), serde_json::to_value(document()).unwrap());
    }

    /// An address that takes a method which the document does not know would be seen here, and the reverse. That the router has
    /// no other addresses is by construction: both are made of one list.
    #[tokio::test]
    async fn an_address_takes_the_methods_of_the_document_and_no_other() {
        let site = Site::with(Options::default()).await;
        let api = serde_json::to_value(document()).unwrap();
        for (path, item) in api["paths"].as_object().unwrap() {
            let address = path.replace("{id}", "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a");
            for method in ["get", "put", "post", "delete", "patch"] {
                let answer = site.send(&method.to_uppercase(), &address, &[JSON], "").await;
                let expected = item.get(method).is_some();
                assert_eq!(answer.status != 405, expected, "{method} {path}");
                assert!(!answer.body.contains(":not-found"), "{method} {path}");
            }
        }
    }

    #[tokio::test]
    async fn a_token_is_asked_for_where_the_document_says_so() {
        let site = Site::with(Options::default()).await;
        let api = serde_json::to_value(document()).unwrap();
        for (path, item) in api["paths"].as_object().unwrap() {
            let address = path.replace("{id}", "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a");
            for (method, operation) in item.as_object().unwrap() {
                let answer = site.send(&method.to_uppercase(), &address, &[JSON], "").await;
                let secured = operation.get("security").is_some();
                assert_eq!(answer.status == 401, secured, "{method} {path}");
                let status = answer.status.to_string();
                assert!(
                    operation["responses"].get(&status).is_some(),
                    "{method} {path} answers {status}, which it does not say"
                );
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let api = serde_json::to_value(document()).unwrap();
        let mut found = BTreeSet::new();
        references(&api, &mut found);
        assert!(found.contains("#/components/schemas/Reservation"), "{found:?}");
        for reference in found {
            assert!(
                api.pointer(&reference[1..]).is_some(),
                "{reference} leads nowhere"
            );
        }
    }
}
