//! `GET|POST /book/{slug}`: a page on which a patient books, served and taken in by the gateway itself.
//!
//! It needs no key, and no script: with its own, the page of a booking that was taken in shows by itself what becomes of it.
//! What it keeps is what every form keeps: the five fields.

mod page;
mod received;
mod slots;
mod words;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64URL_NOPAD;
use deskbell_protocol::watch::Standing;
use deskbell_protocol::{FieldError, Hospital, Reservation, read_date};
use deskbell_store::{Recorded, StoreError};

use crate::Gateway;
use crate::edge::Client;
use crate::gateway::RequestName;
use crate::http::{BodyError, STORE_AGAIN, StoreFailed, read_urlencoded, seconds, urlencoded, value};
use crate::limit::Network;
use crate::logging::chain;
use page::{Filled, Notice};
use words::{Language, Wrong};

/// The pages of a gateway that has them.
pub(crate) fn router() -> Router<Gateway> {
    Router::new()
        .route("/book/{slug}", get(show).post(send))
        .route("/book/watch.js", get(script))
        .layer(map_response(nothing_foreign))
}

/// The page loads and runs nothing but its own, and is in no frame.
async fn nothing_foreign(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(page::content_security_policy()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Why there is no page, or no booking.
#[derive(Debug, thiserror::Error)]
enum BookError {
    #[error("no such hospital")]
    NoHospital,
    #[error("a form of another site's page")]
    Foreign,
    #[error("the same form with other fields")]
    SentBefore,
    #[error("too many forms")]
    TooMany(Duration),
    #[error(transparent)]
    Body(BodyError),
    #[error("the hospital's time zone is not known")]
    TimeZone(#[source] jiff::Error),
    #[error(transparent)]
    Store(StoreError),
    #[error("it is not known whether the booking was stored")]
    PerhapsStored(#[source] StoreError),
}

impl BookError {
    fn into_page(self, language: Language) -> Response {
        let (status, notice) = match &self {
            Self::NoHospital => (StatusCode::NOT_FOUND, Notice::NoHospital),
            Self::Foreign => (StatusCode::FORBIDDEN, Notice::Foreign),
            Self::SentBefore => (StatusCode::CONFLICT, Notice::SentBefore),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, Notice::TooMany),
            Self::Body(error) => (error.status(), Notice::Unreadable),
            Self::TimeZone(_) | Self::Store(_) => {
                tracing::error!(error = chain(&self), "the booking page cannot be served");
                (StatusCode::SERVICE_UNAVAILABLE, Notice::Unavailable)
            }
            Self::PerhapsStored(_) => {
                tracing::error!(error = chain(&self), "a booking cannot be stored");
                (StatusCode::SERVICE_UNAVAILABLE, Notice::PerhapsStored)
            }
        };
        let mut response = (status, page::notice(language, notice)).into_response();
        if matches!(self, Self::Store(_) | Self::PerhapsStored(_)) {
            response.extensions_mut().insert(StoreFailed);
        }
        let again = match self {
            Self::TooMany(wait) => Some(wait),
            Self::TimeZone(_) | Self::Store(_) | Self::PerhapsStored(_) => Some(STORE_AGAIN),
            _ => None,
        };
        if let Some(wait) = again {
            response.headers_mut().insert(RETRY_AFTER, seconds(wait).into());
        }
        response
    }
}

/// What stands for the hospital in the address; not even a text, perhaps.
type Slug = Result<Path<String>, PathRejection>;

async fn show(
    State(gateway): State<Gateway>,
    slug: Slug,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = Language::chosen(query.as_deref(), &headers);
    let page = async {
        let hospital = hospital(&gateway, slug).await?;
        let today = gateway.today(&hospital).map_err(BookError::TimeZone)?;
        let filled = Filled::empty(once(&gateway), today);
        Ok(page::form(language, &hospital, today, &filled, &[]).into_response())
    };
    page.await
        .unwrap_or_else(|error: BookError| error.into_page(language))
}

async fn send(
    State(gateway): State<Gateway>,
    Client(address): Client,
    slug: Slug,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = Language::chosen(query.as_deref(), &headers);
    let answer = async {
        // Before it counts: the visitor of that page has sent nothing.
        if is_foreign(&headers) {
            return Err(BookError::Foreign);
        }
        gateway
            .bookings()
            .take(Network::of(address), gateway.clock().instant())
            .map_err(BookError::TooMany)?;
        let hospital = hospital(&gateway, slug).await?;
        let body = read_urlencoded(&headers, body).await.map_err(BookError::Body)?;
        take_in(&gateway, &hospital, language, &body).await
    };
    answer.await.unwrap_or_else(|error| error.into_page(language))
}

/// Whether the browser says that a page which is none of the gateway's own sent the form. Browsers say nothing of it
/// without TLS, and old ones never.
fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        received::SCRIPT,
    )
}

async fn take_in(
    gateway: &Gateway,
    hospital: &Hospital,
    language: Language,
    body: &[u8],
) -> Result<Response, BookError> {
    let today = gateway.today(hospital).map_err(BookError::TimeZone)?;
    let checked = urlencoded(body).map_err(BookError::Body)?.check();
    let faults = checked.as_ref().err().map(Vec::as_slice).unwrap_or_default();
    let mut wrong: Vec<_> = faults
        .iter()
        .map(|FieldError { field, fault }| (*field, Wrong::Fault(*fault)))
        .collect();
    let date = value(body, "reservationdate").and_then(|date| read_date(date.trim()));
    if date.is_some_and(|date| date < today) {
        // In the form's order: only the time comes after it.
        let at = wrong.iter().position(|(field, _)| *field == "reservationtime");
        wrong.insert(at.unwrap_or(wrong.len()), ("reservationdate", Wrong::Past));
    }
    let new = match checked {
        Ok(new) if wrong.is_empty() => new,
        _ => {
            let filled = Filled::of(body, once(gateway), &wrong);
            let page = page::form(language, hospital, today, &filled, &wrong);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    // Sent again by the browser's back and reload, it is the same booking.
    let once = value(body, "once").filter(|once| !once.is_empty());
    let name = once.as_ref().map(|once| RequestName::Page(once.as_bytes()));
    let reservation = match gateway.take_in(hospital.id, None, &new, name).await {
        Ok(Recorded::New(reservation)) => reservation,
        Ok(Recorded::Repeated(first)) => now(gateway, hospital, first).await,
        Err(StoreError::Conflict) => return Err(BookError::SentBefore),
        Err(error) => return Err(BookError::PerhapsStored(error)),
    };
    let token = gateway.short(&reservation).watch_token;
    Ok(received::received(language, hospital, &Standing::from(&reservation), &token).into_response())
}

/// The reservation as it stands now; as it was `first` where that cannot be looked up, which the page puts right.
async fn now(gateway: &Gateway, hospital: &Hospital, first: Reservation) -> Reservation {
    match gateway.store().reservation(hospital.id, first.id).await {
        Ok(details) => details.reservation,
        Err(_) => first,
    }
}

async fn hospital(gateway: &Gateway, slug: Slug) -> Result<Hospital, BookError> {
    let Path(slug) = slug.map_err(|_| BookError::NoHospital)?;
    gateway
        .store()
        .hospital_by_slug(&slug)
        .await
        .map_err(|error| match error {
            StoreError::NotFound => BookError::NoHospital,
            other => BookError::Store(other),
        })
}

/// Names one filled form.
fn once(gateway: &Gateway) -> String {
    let mut random = [0; 15];
    gateway.entropy().fill(&mut random);
    BASE64URL_NOPAD.encode(&random)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use data_encoding::BASE64;
    use sha2::{Digest, Sha256};

    use crate::Options;
    use crate::http::testing::{Answer, SEED, Site, URLENCODED, with};

    /// The hidden name of the form on a page.
    fn once_of(page: &str) -> &str {
        let (_, after) = page.split_once("name=\"once\" value=\"").unwrap();
        after.split_once('"').unwrap().0
    }

    /// A page as a snapshot holds it: without its style sheet, one element a line.
    fn readable(page: &Answer) -> String {
        let (before, after) = page.body.split_once("<style>").unwrap();
        let (_, after) = after.split_once("</style>").unwrap();
        format!("{}\n{before}{after}", page.status).replace("><", ">\n<")
    }

    async fn book(site: &Site, query: &str, body: &str) -> Answer {
        site.send("POST", &format!("/book/haneul{query}"), &[URLENCODED], body)
            .await
    }

    #[tokio::test]
    async fn a_patient_fills_the_page_in_and_the_desk_sees_it() {
        let site = Site::new().await;
        let page = site.get("/book/haneul").await;
        assert_eq!(page.status, 200);
        insta::assert_snapshot!("page_ko", readable(&page));
        let body = format!(
            "{}&once={}",
            with("reservationdate", "2026-11-22"),
            once_of(&page.body)
        );
        let received = book(&site, "", &body).await;
        assert_eq!(received.status, 200);
        insta::assert_snapshot!("received_ko", readable(&received));
        assert_eq!(site.recorded().await, 1);
        assert_eq!(
            book(&site, "", &body).await.body,
            received.body,
            "a reload is no second booking"
        );
        assert_eq!(site.recorded().await, 1);
        let changed = body.replace("010-1111-1111", "010-1111-1112");
        assert_eq!(book(&site, "", &changed).await.status, 409);
        assert_eq!(site.recorded().await, 1);
    }

    #[tokio::test]
    async fn the_page_speaks_the_patients_language() {
        let site = Site::new().await;
        for (path, header, lang) in [
            ("/book/haneul", "", "ko"),
            ("/book/haneul", "en-GB,en;q=0.9,ko;q=0.8", "en"),
            ("/book/haneul", "de, ko;q=0.4, en;q=0.5", "en"),
            ("/book/haneul", "fr", "ko"),
            ("/book/haneul?lang=en", "ko", "en"),
            ("/book/haneul?lang=ko", "en", "ko"),
            ("/book/haneul?lang=xx", "en", "en"),
        ] {
            let page = site.send("GET", path, &[("accept-language", header)], "").await;
            assert!(
                page.body.contains(&format!("<html lang=\"{lang}\">")),
                "{path} {header}"
            );
        }
    }

    #[tokio::test]
    async fn errors_stand_beside_their_fields_and_what_was_typed_stays() {
        let site = Site::new().await;
        let body = "relationship=%EC%9E%90%EB%85%80&name=%22%3E%3Cb%3EKim&phone=12&reservationdate=2026-11-21&\
            reservationtime=10%3A30+~+11%3A00&idnumber=canary";
        let page = book(&site, "?lang=en", body).await;
        assert_eq!(page.status, 422);
        insta::assert_snapshot!("errors_en", readable(&page));
        assert!(!page.body.contains("<b>Kim") && !page.body.contains("canary"));
        let page = book(&site, "?lang=en", &with("name", "Kim 960625-1111111")).await;
        assert_eq!(page.status, 422);
        assert!(!page.body.contains("960625") && page.body.contains("010-1111-1111"));
        for hidden in ["960625-1111111\n", "960625-1111111&name=Kim"] {
            let page = book(&site, "?lang=en", &SEED.replace("%EA%B9%80", hidden)).await;
            assert_eq!(page.status, 422);
            assert!(!page.body.contains("960625"), "{hidden}");
        }
        assert_eq!(site.recorded().await, 0);
    }

    #[tokio::test]
    async fn the_past_begins_at_the_hospitals_midnight() {
        let site = Site::new().await;
        let post = async |date: &str| book(&site, "", &with("reservationdate", date)).await.status;
        assert_eq!(post("2026-11-21").await, 422);
        assert_eq!(post("2026-11-22").await, 200);
        // 15:00 UTC is midnight in Seoul.
        site.clock.advance(Duration::from_secs(14 * 60 * 60));
        assert_eq!(post("2026-11-22").await, 422);
        assert_eq!(post("2026-11-23").await, 200);
    }

    #[tokio::test]
    async fn no_foreign_content_no_inline_script_no_frame_no_cache() {
        let site = Site::new().await;
        let page = site.get("/book/haneul").await;
        let style = page
            .body
            .split_once("<style>")
            .unwrap()
            .1
            .split_once("</style>")
            .unwrap()
            .0;
        let hash = BASE64.encode(&Sha256::digest(style));
        assert_eq!(
            page.header("content-security-policy").unwrap(),
            format!(
                "default-src 'none'; style-src 'sha256-{hash}'; script-src 'self'; connect-src 'self'; \
                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
        );
        assert_eq!(page.header("cache-control").unwrap(), "no-store");
        assert!(!page.body.contains("<script") && !page.body.contains("style=\""));
    }

    #[tokio::test]
    async fn the_script_is_the_pages_own_small_and_free_of_tokens() {
        let site = Site::new().await;
        let script = site.get("/book/watch.js").await;
        assert_eq!(script.status, 200);
        let kind = script.header("content-type").unwrap();
        assert_eq!(kind, "text/javascript; charset=utf-8");
        assert!(script.body.len() < 4_096, "{} bytes", script.body.len());
        let page = book(&site, "", &with("reservationdate", "2026-11-22")).await;
        let token = page.body.split_once("dbwatch").unwrap().1;
        let token = format!("dbwatch{}", token.split_once('&').unwrap().0);
        assert_eq!(token.len(), "dbwatch".len() + 64);
        assert_eq!(page.body.matches(&token).count(), 1, "in no address");
        assert!(
            page.body
                .contains(r#"<script type="module" src="watch.js"></script>"#)
        );
    }

    #[tokio::test]
    async fn one_address_cannot_flood_a_hospital() {
        let site = Site::new().await;
        for _ in 0..20 {
            assert_eq!(book(&site, "", "").await.status, 422);
        }
        let refused = book(&site, "?lang=en", SEED).await;
        assert_eq!(
            (refused.status, refused.header("retry-after").as_deref()),
            (429, Some("30"))
        );
        // What was typed is not lost: the browser still has it.
        assert!(
            refused.body.contains("Reload this page in a minute"),
            "{}",
            refused.body
        );
        site.clock.advance(Duration::from_secs(30));
        assert_eq!(book(&site, "", "").await.status, 422);
    }

    #[tokio::test]
    async fn what_cannot_be_shown_is_a_page_too() {
        let site = Site::new().await;
        assert_eq!(site.get("/book/%FF").await.status, 404);
        let nowhere = site.get("/book/nowhere?lang=en").await;
        assert_eq!(nowhere.status, 404);
        insta::assert_snapshot!("no_hospital_en", readable(&nowhere));
        assert_eq!(book(&site, "", "name=%B1%E8").await.status, 400);
        let json = site
            .send(
                "POST",
                "/book/haneul",
                &[("content-type", "application/json")],
                "{}",
            )
            .await;
        assert_eq!(json.status, 415);
    }

    #[tokio::test]
    async fn a_page_that_the_database_fails_says_when_to_come_back_and_is_counted() {
        let site = Site::new().await;
        site.store.close().await;
        for answer in [
            site.get("/book/haneul").await,
            book(&site, "", &with("reservationdate", "2026-11-22")).await,
        ] {
            assert_eq!(
                (answer.status, answer.header("retry-after").as_deref()),
                (503, Some("5"))
            );
        }
        let metrics = site.get_here("/metrics", &[]).await.body;
        assert!(metrics.contains("deskbell_store_failures_total 2"), "{metrics}");
    }

    #[tokio::test]
    async fn another_sites_page_cannot_book_in_its_visitors_name() {
        let site = Site::new().await;
        let body = with("reservationdate", "2026-11-22");
        let from = async |where_from: &str| {
            let headers = [URLENCODED, ("sec-fetch-site", where_from)];
            let path = "/book/haneul?lang=en";
            site.send("POST", path, &headers, &body).await
        };
        for elsewhere in ["cross-site", "same-site"] {
            // Nor does it use up what the visitor may send.
            for _ in 0..21 {
                assert_eq!(from(elsewhere).await.status, 403, "{elsewhere}");
            }
        }
        assert_eq!(site.recorded().await, 0);
        insta::assert_snapshot!("sent_from_elsewhere_en", readable(&from("cross-site").await));
        assert_eq!(from("same-origin").await.status, 200);
        // A reload of what a browser had kept.
        assert_eq!(from("none").await.status, 200);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_booking_that_may_have_been_stored_is_not_said_to_be_lost() {
        let site = Site::new().await;
        let body = with("reservationdate", "2026-11-22");
        assert_eq!(book(&site, "", &body).await.status, 200);
        site.lose_the_database().await;
        let answer = book(&site, "?lang=en", &body).await;
        assert_eq!(answer.status, 503);
        assert!(
            answer.body.contains("not known whether") && !answer.body.contains("Nothing was stored"),
            "{}",
            answer.body
        );
    }

    #[tokio::test]
    async fn there_is_no_page_unless_it_is_wanted() {
        let site = Site::with(Options::default()).await;
        assert_eq!(site.get("/book/haneul").await.status, 404);
    }
}
