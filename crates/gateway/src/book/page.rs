use std::fmt;

use data_encoding::BASE64;
use deskbell_protocol::{Fault, Hospital};
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::slots::slots;
use super::words::{Language, Wrong};
use crate::http::value;

const STYLE: &str = include_str!("page.css");

/// For whom a booking can be: what the desk will read, and what it is in English.
const RELATIONSHIPS: [(&str, &str); 5] = [
    ("본인", "Myself"),
    ("자녀", "My child"),
    ("부모", "My parent"),
    ("배우자", "My spouse"),
    ("기타", "Somebody else"),
];

/// What stands in the form's fields.
pub(super) struct Filled {
    once: String,
    relationship: String,
    name: String,
    phone: String,
    reservationdate: String,
    reservationtime: String,
}

impl Filled {
    /// A form nobody has touched, for today.
    pub(super) fn empty(once: String, today: Date) -> Self {
        Self {
            once,
            relationship: String::new(),
            name: String::new(),
            phone: String::new(),
            reservationdate: today.to_string(),
            reservationtime: String::new(),
        }
    }

    /// The form as it was sent, to be corrected. A form sent without a name gets `once`. A resident registration number
    /// does not go back over the wire, nor what was not looked through for one.
    pub(super) fn of(body: &[u8], once: String, wrong: &[(&str, Wrong)]) -> Self {
        let field = |name| {
            let hidden = [Fault::ResidentNumber, Fault::Control, Fault::Twice];
            let shown = !hidden
                .iter()
                .any(|fault| wrong.contains(&(name, Wrong::Fault(*fault))));
            value(body, name).filter(|_| shown).unwrap_or_default()
        };
        Self {
            once: value(body, "once")
                .filter(|sent| !sent.is_empty())
                .unwrap_or(once),
            relationship: field("relationship"),
            name: field("name"),
            phone: field("phone"),
            reservationdate: field("reservationdate"),
            reservationtime: field("reservationtime"),
        }
    }
}

/// The values are a patient's.
impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filled(***)")
    }
}

/// A page that says one thing.
#[derive(Clone, Copy)]
pub(super) enum Notice {
    Foreign,
    SentBefore,
    NoHospital,
    TooMany,
    Unreadable,
    PerhapsStored,
    Unavailable,
}

/// Allows the one style sheet above, the gateway's own script and socket, and a form that goes back to where it came from.
pub(super) fn content_security_policy() -> String {
    let style = BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The form, with what is wrong beside each field.
pub(super) fn form(
    language: Language,
    hospital: &Hospital,
    today: Date,
    filled: &Filled,
    wrong: &[(&str, Wrong)],
) -> Markup {
    let t = |ko, en| language.of(ko, en);
    let page = FormPage { language, wrong };
    let heading = match language {
        Language::Ko => format!("{} 예약 신청", hospital.name),
        Language::En => format!("Book at {}", hospital.name),
    };
    let content = html! {
        nav { (other_language(language)) }
        h1 { (heading) }
        p.soft { (t("신청하시면 병원에서 확인한 뒤 확정합니다.", "The hospital will look at your request and confirm it.")) }
        (page.summary())
        form method="post" action={ "?lang=" (language.code()) } novalidate {
            input type="hidden" name="once" value=(filled.once);
            (page.field("relationship", html! {
                select id="relationship" name="relationship" required
                    aria-invalid=[page.invalid("relationship")] aria-describedby=[page.describes("relationship")] {
                    option value="" { (t("골라 주세요", "Please choose")) }
                    @for (ko, en) in RELATIONSHIPS {
                        option value=(ko) selected[filled.relationship == ko] { (t(ko, en)) }
                    }
                }
            }))
            (page.field("name", html! {
                input id="name" name="name" value=(filled.name) maxlength="100" autocomplete="name" required
                    aria-invalid=[page.invalid("name")] aria-describedby=[page.describes("name")];
            }))
            (page.field("phone", html! {
                input id="phone" name="phone" value=(filled.phone) type="tel" maxlength="20" autocomplete="tel" required
                    placeholder="010-1234-5678"
                    aria-invalid=[page.invalid("phone")] aria-describedby=[page.describes("phone")];
            }))
            .pair {
                (page.field("reservationdate", html! {
                    input id="reservationdate" name="reservationdate" value=(filled.reservationdate) type="date"
                        min=(today) required
                        aria-invalid=[page.invalid("reservationdate")]
                        aria-describedby=[page.describes("reservationdate")];
                }))
                (page.field("reservationtime", html! {
                    select id="reservationtime" name="reservationtime" required
                        aria-invalid=[page.invalid("reservationtime")]
                        aria-describedby=[page.describes("reservationtime")] {
                        option value="" { (t("골라 주세요", "Please choose")) }
                        @for slot in slots(hospital) {
                            option value=(slot) selected[filled.reservationtime == slot] { (slot) }
                        }
                    }
                }))
            }
            button { (t("예약 신청하기", "Send the request")) }
        }
        p.soft {
            (t(
                "위 다섯 항목만 병원에 전달됩니다. 주민등록번호는 적지 마세요.",
                "Only these five answers go to the hospital. Do not write a resident registration number.",
            ))
        }
    };
    whole(language, &heading, &content)
}

/// A page that says how it went.
pub(super) fn notice(language: Language, notice: Notice) -> Markup {
    let t = |ko, en| language.of(ko, en);
    let (title, text) = match notice {
        Notice::Foreign => (
            t(
                "다른 사이트에서 보낸 신청서입니다",
                "This form came from another site",
            ),
            t(
                "아무것도 접수되지 않았습니다. 신청하시려면 여기에서 새 신청서를 여세요.",
                "Nothing was received. To book, open a new form here.",
            ),
        ),
        Notice::SentBefore => (
            t("이미 보낸 신청서입니다", "This form was sent already"),
            t(
                "처음 보낸 내용은 접수되었습니다. 다시 신청하려면 새 신청서를 여세요.",
                "What you sent first was received. To book again, open a new form.",
            ),
        ),
        Notice::NoHospital => (
            t("없는 주소입니다", "There is no such page"),
            t(
                "병원에서 받은 주소를 다시 확인해 주세요.",
                "Check the address that the hospital gave you.",
            ),
        ),
        Notice::TooMany => (
            t("잠시 뒤 다시 보내 주세요", "Please send it again in a moment"),
            t(
                "한 곳에서 신청이 너무 많이 들어왔습니다. 1분 뒤 이 페이지를 새로 고치면 같은 신청서를 다시 보냅니다.",
                "Too many requests came from the same place. Reload this page in a minute to send the same form again.",
            ),
        ),
        Notice::Unreadable => (
            t("신청서를 읽지 못했습니다", "The form could not be read"),
            t(
                "새 신청서를 열어 다시 적어 주세요.",
                "Open a new form and fill it in again.",
            ),
        ),
        Notice::PerhapsStored => (
            t(
                "접수되었는지 알 수 없습니다",
                "It is not known whether this was received",
            ),
            t(
                "잠시 뒤 이 페이지를 새로 고쳐 같은 신청서를 다시 보내거나 병원에 전화해 주세요. 두 번 접수되지는 않습니다.",
                "Reload this page later to send the same form again, or call the hospital. It will not be booked twice.",
            ),
        ),
        Notice::Unavailable => (
            t(
                "지금은 신청을 받을 수 없습니다",
                "Requests cannot be taken right now",
            ),
            t(
                "저장된 것은 없습니다. 잠시 뒤 이 페이지를 새로 고치거나 병원에 전화해 주세요.",
                "Nothing was stored. Reload this page later, or call the hospital.",
            ),
        ),
    };
    let content = html! {
        h1 { (title) }
        p { (text) }
        @if !matches!(notice, Notice::NoHospital) {
            p { a href={ "?lang=" (language.code()) } { (t("새 신청서 열기", "Open a new form")) } }
        }
    };
    whole(language, title, &content)
}

/// The form's fields, and what is wrong with them.
struct FormPage<'a> {
    language: Language,
    wrong: &'a [(&'a str, Wrong)],
}

impl FormPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        let (_, wrong) = self.wrong.iter().find(|(field, _)| *field == name)?;
        Some(self.language.wrong(*wrong))
    }

    fn invalid(&self, name: &str) -> Option<&'static str> {
        self.wrong(name).map(|_| "true")
    }

    fn describes(&self, name: &str) -> Option<String> {
        self.wrong(name).map(|_| format!("{name}-wrong"))
    }

    fn field(&self, name: &str, control: Markup) -> Markup {
        html! {
            .field {
                label for=(name) { (self.language.label(name)) }
                (control)
                @if let Some(wrong) = self.wrong(name) {
                    p.wrong id={ (name) "-wrong" } { (wrong) }
                }
            }
        }
    }

    /// Where a screen reader begins after an error.
    fn summary(&self) -> Markup {
        html! {
            @if !self.wrong.is_empty() {
                .summary role="alert" {
                    strong { (self.language.of("아직 보내지 않았습니다. 고쳐 주세요:", "Not sent yet. Please correct:")) }
                    ul {
                        @for (name, wrong) in self.wrong {
                            li { a href={ "#" (name) } { (self.language.label(name)) " – " (self.language.wrong(*wrong)) } }
                        }
                    }
                }
            }
        }
    }
}

fn other_language(language: Language) -> Markup {
    let (code, name) = match language {
        Language::Ko => ("en", "English"),
        Language::En => ("ko", "한국어"),
    };
    html! { a href={ "?lang=" (code) } lang=(code) hreflang=(code) { (name) } }
}

/// A page of this title around its content.
pub(super) fn whole(language: Language, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (content) } }
        }
    }
}
