use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::FieldError;
use deskbell_protocol::http::{self as wire, FieldProblem};

use crate::logging::chain;

/// When to try again after the database could not be used.
pub(crate) const STORE_AGAIN: Duration = Duration::from_secs(5);

/// Marks an answer that says that the database cannot be used, so that it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreFailed;

/// What `Retry-After` says of it: whole seconds, at least one.
pub(crate) fn seconds(wait: Duration) -> u64 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    seconds.max(1)
}

/// An error answer in the making. Its texts are ours, so that no value of a form gets into one.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    headers: HeaderMap,
    store_failed: bool,
}

impl Problem {
    /// A problem of the kind `name`, which `title` says in a few words.
    pub(crate) fn new(status: StatusCode, name: &'static str, title: &'static str) -> Self {
        Self {
            status,
            name,
            title,
            detail: Cow::Borrowed(""),
            errors: Vec::new(),
            headers: HeaderMap::new(),
            store_failed: false,
        }
    }

    /// What to do about it.
    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// One more field at fault.
    pub(crate) fn field(mut self, field: &str, message: impl ToString) -> Self {
        self.errors.push(FieldProblem {
            field: field.to_owned(),
            message: message.to_string(),
        });
        self
    }

    /// The fields at fault.
    pub(crate) fn fields(self, errors: &[FieldError]) -> Self {
        errors
            .iter()
            .fold(self, |problem, error| problem.field(error.field, error.fault))
    }

    /// When to come back.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.headers.insert(RETRY_AFTER, seconds(wait).into());
        self
    }

    /// Which credentials are missing.
    pub(crate) fn bearer(mut self) -> Self {
        self.headers
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        self
    }

    /// The database could not be asked. Logged here, as nobody further out knows why.
    pub(crate) fn unreadable(error: &dyn Error) -> Self {
        Self::unavailable(error).detail("Nothing was changed. Send the same again later.")
    }

    /// The database did not say that it stored something; it may have, when what failed was the last step. Logged here,
    /// as nobody further out knows why.
    pub(crate) fn perhaps_stored(error: &dyn Error, detail: &'static str) -> Self {
        Self::unavailable(error).detail(detail)
    }

    /// The database is known not to be usable.
    pub(super) fn not_ready() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The database cannot be used now",
        )
        .retry_after(STORE_AGAIN)
    }

    fn unavailable(error: &dyn Error) -> Self {
        tracing::error!(error = chain(error), "the store cannot be used");
        Self {
            store_failed: true,
            ..Self::not_ready()
        }
    }

    /// Too many of something.
    pub(crate) fn too_many(title: &'static str, wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", title).retry_after(wait)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = wire::Problem {
            kind: format!("urn:problem-type:deskbell:{}", self.name),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.into_owned(),
            errors: self.errors,
        };
        let mut response = (self.status, self.headers, axum::Json(body)).into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.store_failed {
            response.extensions_mut().insert(StoreFailed);
        }
        response
    }
}
