//! `POST /v1/exports`: a day as a table, for whoever has a reason to take it along.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use deskbell_protocol::http::{ExportRequest, Problem as ProblemBody};
use deskbell_protocol::{Fault, FieldError, Reservation, check_remark, read_date};
use deskbell_store::{Act, Filter, StoreError};

use super::asker::Asker;
use super::auth::ByDesk;
use super::body::read_json;
use super::{BodyError, Client, Problem};
use crate::Gateway;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// What a desk sees of a reservation at a glance, and no more: no id, nobody's name but the patient's.
const COLUMNS: [&str; 6] = [
    "reservationdate",
    "reservationtime",
    "status",
    "name",
    "phone",
    "relationship",
];

/// Tells a spreadsheet that what follows is UTF-8.
const BOM: &str = "\u{FEFF}";

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("fields at fault")]
    Fields(Vec<FieldError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the table cannot be written")]
    Table(#[from] csv::Error),
}

impl IntoResponse for ExportError {
    fn into_response(self) -> Response {
        match self {
            Self::Body(error) => error.into_response(),
            Self::Fields(errors) => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-request",
                "The export has fields at fault",
            )
            .detail("Nothing was exported.")
            .fields(&errors)
            .into_response(),
            Self::Store(error) => Problem::unreadable(&error).into_response(),
            // Nothing that is written into memory fails; if it did, its text might quote a cell.
            Self::Table(_) => Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The table cannot be written",
            )
            .into_response(),
        }
    }
}

/// Takes a day along as a table
///
/// CSV (RFC 4180) in UTF-8 with a byte order mark. Who took it, and the reason, go into the access record.
#[utoipa::path(
    post, path = "/v1/exports", tag = "desk", operation_id = "export",
    request_body = ExportRequest,
    responses(
        (status = 200, description = "The day, by time", content_type = "text/csv", body = String,
            headers(("content-disposition" = String))),
        (status = 422, description = "Fields are at fault", content_type = "application/problem+json", body = ProblemBody),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn post(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ExportError> {
    let request: ExportRequest = read_json(&headers, body).await?;
    let date = read_date(&request.date).ok_or(Fault::NotADate);
    let reason = check_remark(&request.reason, LONGEST_REASON);
    let (date, reason) = match (date, reason) {
        (Ok(date), Ok(reason)) => (date, reason),
        (date, reason) => {
            let faults = [("date", date.err()), ("reason", reason.err())];
            let at_fault = |(field, fault): (_, Option<_>)| fault.map(|fault| FieldError { field, fault });
            return Err(ExportError::Fields(
                faults.into_iter().filter_map(at_fault).collect(),
            ));
        }
    };
    let masked = if request.masked { "masked" } else { "whole" };
    Asker::desk(&desk, None, client)
        .note(
            &gateway,
            Act::Export,
            None,
            Some(format!("{date}, {masked}: {reason}")),
        )
        .await?;
    let list = gateway
        .store()
        .reservations(desk.hospital.id, Filter::Date(date))
        .await?;
    let table = table(&list.reservations, request.masked)?;
    let name = format!("attachment; filename=\"{}-{date}.csv\"", desk.hospital.slug);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, table).into_response())
}

fn table(reservations: &[Reservation], masked: bool) -> Result<Vec<u8>, csv::Error> {
    let mut table = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(BOM.as_bytes().to_vec());
    table.write_record(COLUMNS)?;
    for reservation in reservations {
        let (name, phone) = if masked {
            (reservation.name.masked(), reservation.phone.masked())
        } else {
            let (name, phone) = (reservation.name.as_str(), reservation.phone.as_str());
            (name.to_owned(), phone.to_owned())
        };
        table.write_record(
            [
                reservation.reservationdate.to_string(),
                reservation.reservationtime.to_string(),
                reservation.status.code().to_owned(),
                name,
                phone,
                reservation.relationship.as_str().to_owned(),
            ]
            .map(harmless),
        )?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// What a spreadsheet would take for a formula is made a text (CSV injection, CWE-1236).
fn harmless(cell: String) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SEED, Site, URLENCODED, with};

    #[tokio::test]
    async fn a_day_is_taken_along_with_a_reason() {
        let site = Site::new().await;
        site.post(&[URLENCODED], SEED).await;
        site.post(&[URLENCODED], &with("reservationdate", "2023-03-31"))
            .await;
        let early = with("reservationtime", "09:00 ~ 09:30");
        site.post(
            &[URLENCODED],
            &early.replace("010-1111-1111", "%2B82+10-2222-3333"),
        )
        .await;
        let desk = site.pair().await;
        let body = r#"{"date":"2023-03-30","reason":" 진료과 전달 ","masked":false}"#;
        let answer = desk.ask("POST", "/v1/exports", body).await;
        assert!(
            answer.body.starts_with('\u{FEFF}'),
            "a spreadsheet takes it for UTF-8"
        );
        insta::assert_snapshot!(answer.to_string().replace('\r', "␍").replace('\u{FEFF}', ""), @r#"
        200
        content-type: text/csv; charset=utf-8; header=present
        cache-control: no-store
        content-disposition: attachment; filename="haneul-2023-03-30.csv"
        reservationdate,reservationtime,status,name,phone,relationship␍
        2023-03-30,09:00 ~ 09:30,pending,김크리스,'+82 10-2222-3333,본인␍
        2023-03-30,10:30 ~ 11:00,pending,김크리스,010-1111-1111,본인␍
        "#);
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        접수 1 | 203.0.113.7 | pair
        접수 1 | 203.0.113.7 | export | 2023-03-30, whole: 진료과 전달
        "#);
        let elsewhere = site.other_hospital().await.pair().await;
        let none = elsewhere.ask("POST", "/v1/exports", body).await;
        assert_eq!(
            none.body,
            "\u{FEFF}reservationdate,reservationtime,status,name,phone,relationship\r\n"
        );
    }

    #[tokio::test]
    async fn names_and_numbers_are_masked_when_asked() {
        let site = Site::new().await;
        site.post(&[URLENCODED], SEED).await;
        let body = r#"{"date":"2023-03-30","reason":"통계","masked":true}"#;
        let answer = site.pair().await.ask("POST", "/v1/exports", body).await;
        let row = answer.body.lines().nth(1);
        assert_eq!(
            row,
            Some("2023-03-30,10:30 ~ 11:00,pending,김**스,010-****-1111,본인")
        );
        assert_eq!(
            site.accesses().await.last().unwrap(),
            "접수 1 | 203.0.113.7 | export | 2023-03-30, masked: 통계"
        );
    }

    #[tokio::test]
    async fn no_cell_is_a_formula_and_quotes_stay_quotes() {
        let site = Site::new().await;
        let desk = site.pair().await;
        for (day, (name, cell)) in (1..).zip([
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1+2", "'-1+2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝A1", "'＝A1"),
            ("\"Kim, Chris\"", "\"\"\"Kim, Chris\"\"\""),
        ]) {
            let date = format!("2023-04-0{day}");
            let form = with("name", name).replace("2023-03-30", &date);
            assert_eq!(site.post(&[URLENCODED], &form).await.status, 201, "{name}");
            let body = format!(r#"{{"date":"{date}","reason":"통계","masked":false}}"#);
            let answer = desk.ask("POST", "/v1/exports", &body).await;
            let row = format!("{date},10:30 ~ 11:00,pending,{cell},010-1111-1111,본인");
            assert_eq!(answer.body.lines().nth(1), Some(&*row));
        }
    }

    #[tokio::test]
    async fn without_a_day_and_a_reason_there_is_no_table_and_no_note() {
        let site = Site::new().await;
        let desk = site.pair().await;
        let nothing = r#"{"date":"2023-02-29","reason":" ","masked":true}"#;
        insta::assert_snapshot!(desk.ask("POST", "/v1/exports", nothing).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was exported.",
          "errors": [
            {
              "field": "date",
              "message": "must be a real date, as YYYY-MM-DD"
            },
            {
              "field": "reason",
              "message": "is required"
            }
          ],
          "status": 422,
          "title": "The export has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-request"
        }
        "#);
        for (reason, status) in [
            ("이".repeat(200), 200),
            ("이".repeat(201), 422),
            ("김크리스 960625-1111111".to_owned(), 422),
            ("a\\tb".to_owned(), 422),
        ] {
            let body = format!(r#"{{"date":"2023-03-30","reason":"{reason}","masked":true}}"#);
            let answer = desk.ask("POST", "/v1/exports", &body).await;
            assert_eq!(answer.status, status, "{reason}");
        }
        for body in [
            "{}",
            r#"{"date":"2023-03-30","reason":"통계"}"#,
            r#"{"date":"2023-03-30","reason":"통계","masked":"no"}"#,
        ] {
            assert_eq!(desk.ask("POST", "/v1/exports", body).await.status, 400, "{body}");
        }
        let exports = site.accesses().await;
        let exports = exports.iter().filter(|line| line.contains("export"));
        assert_eq!(exports.count(), 1);
    }
}
