use deskbell_protocol::watch::Standing;
use deskbell_protocol::{Hospital, Status};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::{Map, Value};

use super::page::whole;
use super::words::Language;

/// Follows the reservation and shows what becomes of it.
pub(super) const SCRIPT: &str = include_str!("watch.js");

/// What the script needs: whom to follow, and what to say.
#[derive(Serialize)]
struct Watch<'a> {
    /// In the page and nowhere else: an address is written down in too many places.
    token: &'a str,
    words: Map<String, Value>,
    link: Link,
}

/// How far what the page says can be relied on.
#[derive(Serialize)]
struct Link {
    live: &'static str,
    lost: &'static str,
    ended: &'static str,
}

/// The page of a booking that was taken in. It says how the booking stands, and by the script, from then on.
pub(super) fn received(language: Language, hospital: &Hospital, standing: &Standing, token: &str) -> Markup {
    let t = |ko, en| language.of(ko, en);
    let words = Status::ALL.map(|status| {
        let words = language.standing(status).map(Value::from);
        (status.code().to_owned(), Value::from(words.to_vec()))
    });
    let watch = Watch {
        token,
        words: words.into_iter().collect(),
        link: Link {
            live: t(
                "이 화면을 열어 두시면 바뀌는 대로 여기에 나타납니다.",
                "Keep this page open: a change shows here by itself.",
            ),
            lost: t(
                "연결이 끊겨 다시 연결하고 있습니다. 위 내용이 바뀌었을 수 있습니다.",
                "The connection was lost and is being tried again. This may have changed meanwhile.",
            ),
            ended: t(
                "이 화면에는 더 이상 새 소식이 나타나지 않습니다. 병원에 전화해 확인해 주세요.",
                "Nothing new shows on this page any more. Call the hospital to be sure.",
            ),
        },
    };
    // Text and lists alone: it cannot fail.
    let watch = serde_json::to_string(&watch).unwrap_or_default();
    let [mark, title, next] = language.standing(standing.status);
    let content = html! {
        section data-watch=(watch) data-status=(standing.status.code()) {
            div role="status" aria-atomic="true" {
                p.mark data-part="mark" { (mark) }
                h1 data-part="title" { (title) }
                p data-part="next" { (next) }
                dl {
                    dt { (t("병원", "Hospital")) } dd { (hospital.name) }
                    dt { (language.label("reservationdate")) } dd data-part="date" { (language.day(standing.reservationdate)) }
                    dt { (language.label("reservationtime")) } dd data-part="time" { (standing.reservationtime) }
                }
            }
            p.soft data-part="link" {
                (t("병원의 연락을 기다려 주세요.", "Please wait to hear from the hospital."))
            }
        }
        p { a href={ "?lang=" (language.code()) } { (t("새 신청서 열기", "Open a new form")) } }
        script type="module" src="watch.js" {}
    };
    whole(language, title, &content)
}
