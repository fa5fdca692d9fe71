mod amendment;

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::{NotASlot, PersonName, Phone, Relationship, TimeSlot};

pub use amendment::{Amended, Amendment, AmendmentError, AmendmentFault};

/// A booking form as it arrives: the five fields that are kept, unchecked. Every other field is dropped unread.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// Whom the booking is for.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = true, min_length = 1, max_length = 40, examples("본인")))]
    relationship: Raw,
    /// The patient.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = true, min_length = 1, max_length = 100, examples("김크리스")))]
    name: Raw,
    /// Digits, `+`, `-`, blanks and parentheses; at least 7 digits.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = true, min_length = 7, max_length = 20, examples("010-1111-1111")))]
    phone: Raw,
    /// A real day, in the hospital's time zone; the past is allowed.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = true, format = Date, examples("2026-11-23")))]
    reservationdate: Raw,
    /// `HH:MM ~ HH:MM`, the end after the start.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = true, examples("10:30 ~ 11:00")))]
    reservationtime: Raw,
}

/// The values are a patient's, and not even checked.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(***)")
    }
}

#[derive(Clone, Default)]
enum Raw {
    #[default]
    Missing,
    Text(String),
    NotText,
    Twice,
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => Self::Text(text),
            Value::Null => Self::Missing,
            _ => Self::NotText,
        })
    }
}

/// A reservation that passed every check of [`Form::check`].
#[derive(Clone, PartialEq, Eq)]
pub struct NewReservation {
    /// Whom the booking is for.
    pub relationship: Relationship,
    /// The patient.
    pub name: PersonName,
    /// How to reach them.
    pub phone: Phone,
    /// The day, in the hospital's time zone.
    pub reservationdate: Date,
    /// The time, likewise.
    pub reservationtime: TimeSlot,
}

/// A patient's fields stay out of it.
impl fmt::Debug for NewReservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewReservation(***)")
    }
}

/// One field of a form and what is wrong with it. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The form's field.
    pub field: &'static str,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a form's field. `Display` is the sentence a web developer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Absent, or blank.
    #[error("is required")]
    Missing,
    /// More than one value in one form.
    #[error("is given more than once")]
    Twice,
    /// JSON, but no string.
    #[error("must be a text")]
    NotText,
    /// Too many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A line break, a tab, a zero byte, …
    #[error("must not hold control characters")]
    Control,
    /// Something shaped like a resident registration number, which may not be collected.
    #[error(
        "holds something shaped like a resident registration number, which may not be collected: leave it out"
    )]
    ResidentNumber,
    /// No phone number.
    #[error("must be 7 to 20 characters of digits, +, -, blanks and parentheses, with at least 7 digits")]
    NotAPhone,
    /// No real date.
    #[error("must be a real date, as YYYY-MM-DD")]
    NotADate,
    /// No stretch of time.
    #[error("must be a stretch of time, as HH:MM ~ HH:MM")]
    NotASlot,
    /// A stretch of time that does not go forward.
    #[error("must end after it starts")]
    SlotOrder,
}

impl Form {
    /// Takes one `name=value` pair of an urlencoded form; drops it unread when it is none of the five.
    pub fn take(&mut self, field: &str, value: impl FnOnce() -> String) {
        let kept = match field {
            "relationship" => &mut self.relationship,
            "name" => &mut self.name,
            "phone" => &mut self.phone,
            "reservationdate" => &mut self.reservationdate,
            "reservationtime" => &mut self.reservationtime,
            _ => return,
        };
        *kept = if matches!(kept, Raw::Missing) {
            Raw::Text(value())
        } else {
            Raw::Twice
        };
    }

    /// Checks and normalises all five fields.
    ///
    /// # Errors
    /// Every field at fault, in the form's order.
    pub fn check(self) -> Result<NewReservation, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |field, fault| errors.push(FieldError { field, fault });

        let relationship = text(self.relationship, 40).map_err(|fault| keep("relationship", fault));
        let name = text(self.name, 100).map_err(|fault| keep("name", fault));
        let phone = text(self.phone, 20)
            .and_then(phone)
            .map_err(|fault| keep("phone", fault));
        let date = date(self.reservationdate).map_err(|fault| keep("reservationdate", fault));
        let slot = slot(self.reservationtime).map_err(|fault| keep("reservationtime", fault));

        match (relationship, name, phone, date, slot) {
            (Ok(relationship), Ok(name), Ok(phone), Ok(reservationdate), Ok(reservationtime)) => {
                Ok(NewReservation {
                    relationship: Relationship::new(relationship),
                    name: PersonName::new(name),
                    phone: Phone::new(phone),
                    reservationdate,
                    reservationtime,
                })
            }
            _ => Err(errors),
        }
    }
}

/// What is wrong with a word that a person at a desk typed in passing: who sits there, why something is exported. It has
/// 1 to `longest` characters, none of them a control character, and is nothing like a resident registration number.
///
/// # Errors
/// The fault. The word comes back without the blanks around it.
pub fn check_remark(word: &str, longest: usize) -> Result<String, Fault> {
    text(Raw::Text(word.to_owned()), longest)
}

fn text(raw: Raw, longest: usize) -> Result<String, Fault> {
    let text = match raw {
        Raw::Missing => return Err(Fault::Missing),
        Raw::NotText => return Err(Fault::NotText),
        Raw::Twice => return Err(Fault::Twice),
        Raw::Text(text) => text,
    };
    // Before the blanks around it are dropped, as a line break is one of them.
    if text.chars().any(is_control) {
        return Err(Fault::Control);
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::Missing);
    }
    if has_resident_number(text) {
        return Err(Fault::ResidentNumber);
    }
    if text.chars().count() > longest {
        return Err(Fault::TooLong(longest));
    }
    Ok(text.to_owned())
}

/// Control characters, and the invisible ones that turn the direction of what follows (Trojan Source, CVE-2021-42574).
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// 6 digits, an optional hyphen, 7 digits of which the first is 1 to 8; anywhere in the text, so that a digit in front
/// does not hide it. Full-width digits and the dashes and blanks people type for a hyphen count too.
fn has_resident_number(text: &str) -> bool {
    let shape: Vec<char> = text.chars().map(plain).collect();
    (0..shape.len()).any(|at| {
        let rest = &shape[at..];
        let digits = |from: usize, n: usize| {
            rest.get(from..from + n)
                .is_some_and(|part| part.iter().all(char::is_ascii_digit))
        };
        if !digits(0, 6) {
            return false;
        }
        let joint = rest[6..].iter().take_while(|c| matches!(c, '-' | ' ')).count();
        digits(6 + joint, 7) && ('1'..='8').contains(&rest[6 + joint])
    })
}

fn plain(c: char) -> char {
    match c {
        '\u{FF10}'..='\u{FF19}' => char::from(b'0' + u8::try_from(u32::from(c) - 0xFF10).unwrap_or_default()),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn phone(text: String) -> Result<String, Fault> {
    let allowed = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if allowed && digits >= 7 {
        Ok(text)
    } else {
        Err(Fault::NotAPhone)
    }
}

/// The day that `text` names: exactly `YYYY-MM-DD`, and a day that there is.
#[must_use]
pub fn read_date(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| {
            if matches!(at, 4 | 7) {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    text.parse().ok().filter(|_| shaped)
}

fn date(raw: Raw) -> Result<Date, Fault> {
    let text = text(raw, 10).map_err(not_too_long(Fault::NotADate))?;
    read_date(&text).ok_or(Fault::NotADate)
}

fn slot(raw: Raw) -> Result<TimeSlot, Fault> {
    let text = text(raw, 40).map_err(not_too_long(Fault::NotASlot))?;
    text.parse().map_err(|error| match error {
        NotASlot::Shape => Fault::NotASlot,
        NotASlot::Order => Fault::SlotOrder,
    })
}

fn not_too_long(instead: Fault) -> impl Fn(Fault) -> Fault {
    move |fault| {
        if matches!(fault, Fault::TooLong(_)) {
            instead
        } else {
            fault
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The form of the project that this one grows from, as it arrived there.
    const SEED: [(&str, &str); 9] = [
        ("relationship", "본인"),
        ("name", "김크리스"),
        ("phone", "010-1111-1111"),
        ("reservationdate", "2023-03-30"),
        ("reservationtime", "10:30 ~ 11:00"),
        ("contents", "진구야 공부 잘하고 있지?"),
        ("idnumber", "960625-1111111"),
        ("proxyName", ""),
        ("address", "광주광역시 북구 비엔날레로 162(용봉동) 우리집 아니야"),
    ];

    fn seed_with(field: &str, value: &str) -> Result<NewReservation, Vec<FieldError>> {
        let mut form = Form::default();
        for (key, seed) in SEED {
            form.take(key, || {
                if key == field {
                    value.to_owned()
                } else {
                    seed.to_owned()
                }
            });
        }
        form.check()
    }

    #[test]
    fn keeps_five_fields_of_nine() {
        let kept = seed_with("contents", "-").unwrap();
        assert_eq!(kept.name.as_str(), "김크리스");
        assert_eq!(kept.phone.as_str(), "010-1111-1111");
        assert_eq!(kept.relationship.as_str(), "본인");
        assert_eq!(kept.reservationdate.to_string(), "2023-03-30");
        assert_eq!(kept.reservationtime.to_string(), "10:30 ~ 11:00");
    }

    #[test]
    fn a_dropped_field_is_not_even_decoded() {
        let mut form = Form::default();
        form.take("idnumber", || panic!("read"));
    }

    #[test]
    fn each_fault_names_its_field() {
        let long = "가".repeat(101);
        for (field, value, fault) in [
            ("relationship", "", Fault::Missing),
            ("relationship", &"가".repeat(41), Fault::TooLong(40)),
            ("name", "  ", Fault::Missing),
            ("name", &long, Fault::TooLong(100)),
            ("name", "김\u{0}철수", Fault::Control),
            ("name", "김\n철수", Fault::Control),
            ("name", "김\u{202E}철수", Fault::Control),
            ("name", "\n\tkim\n", Fault::Control),
            ("name", "\r\n", Fault::Control),
            ("reservationdate", "2023-03-30\n", Fault::Control),
            ("reservationtime", "\t10:30 ~ 11:00", Fault::Control),
            ("name", "김철수 960625-1111111", Fault::ResidentNumber),
            ("name", "김철수(9606251111111)", Fault::ResidentNumber),
            (
                "name",
                "김철수 ９６０６２５–１１１１１１１",
                Fault::ResidentNumber,
            ),
            ("relationship", "0960625-2111111", Fault::ResidentNumber),
            ("phone", "960625-1111111", Fault::ResidentNumber),
            ("phone", "123-456", Fault::NotAPhone),
            ("phone", "010-1111-111x", Fault::NotAPhone),
            ("phone", "0000000-0000000-00000", Fault::TooLong(20)),
            ("reservationdate", "2023-02-29", Fault::NotADate),
            ("reservationdate", "20230330", Fault::NotADate),
            ("reservationdate", "30.03.2023 and more", Fault::NotADate),
            ("reservationtime", "10:30", Fault::NotASlot),
            ("reservationtime", "11:00 ~ 10:30", Fault::SlotOrder),
        ] {
            assert_eq!(
                seed_with(field, value),
                Err(vec![FieldError { field, fault }]),
                "{field}={value:?}"
            );
        }
    }

    #[test]
    fn blanks_around_a_value_are_dropped() {
        let kept = seed_with("name", " \u{3000}김 크리스 ").unwrap();
        assert_eq!(kept.name.as_str(), "김 크리스");
    }

    #[test]
    fn a_date_is_read_in_one_shape_alone() {
        assert_eq!(read_date("2023-03-30").unwrap().to_string(), "2023-03-30");
        for text in [
            "2023-3-30",
            "20230330",
            "2023-02-29",
            "2023-03-30T10:30",
            " 2023-03-30",
            "+002023-03-30",
            "２０２３-03-30",
            "",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_form_names_all_five() {
        let fields: Vec<_> = Form::default()
            .check()
            .unwrap_err()
            .iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(
            fields,
            [
                "relationship",
                "name",
                "phone",
                "reservationdate",
                "reservationtime"
            ]
        );
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        let mut form = Form::default();
        for _ in 0..2 {
            for (key, value) in SEED {
                form.take(key, || value.to_owned());
            }
        }
        assert!(
            form.check()
                .unwrap_err()
                .iter()
                .all(|error| error.fault == Fault::Twice)
        );
    }

    #[test]
    fn json_that_is_no_text_is_named() {
        let form: Form =
            serde_json::from_str(r#"{"name": 7, "phone": null, "idnumber": {"deep": [1]}}"#).unwrap();
        let errors = form.check().unwrap_err();
        assert!(errors.contains(&FieldError {
            field: "name",
            fault: Fault::NotText
        }));
        assert!(errors.contains(&FieldError {
            field: "phone",
            fault: Fault::Missing
        }));
    }

    #[test]
    fn an_amendment_moves_or_cancels_and_never_both() {
        let check = |json: &str| serde_json::from_str::<Amendment>(json).unwrap().check();
        let (date, time) = (read_date("2026-11-23"), "10:30 ~ 11:00".parse().ok());
        for (json, amended) in [
            (r#"{"status":"cancelled","name":7}"#, Amended::Cancelled),
            (
                r#"{"reservationdate":"2026-11-23","status":null}"#,
                Amended::Rescheduled { date, time: None },
            ),
            (
                r#"{"reservationdate":"2026-11-23","reservationtime":"10:30-11:00"}"#,
                Amended::Rescheduled { date, time },
            ),
        ] {
            assert_eq!(check(json), Ok(amended), "{json}");
        }
        for (json, faults) in [
            (
                "{}",
                vec![
                    ("reservationdate", AmendmentFault::Neither),
                    ("reservationtime", AmendmentFault::Neither),
                    ("status", AmendmentFault::Neither),
                ],
            ),
            (
                r#"{"status":"cancelled","reservationdate":"2026-11-23"}"#,
                vec![("status", AmendmentFault::Both)],
            ),
            (
                r#"{"reservationdate":"2023-02-29","reservationtime":"11:00 ~ 10:30","status":"booked"}"#,
                vec![
                    ("reservationdate", Fault::NotADate.into()),
                    ("reservationtime", Fault::SlotOrder.into()),
                    ("status", AmendmentFault::NotCancelled),
                ],
            ),
            (
                r#"{"reservationdate":" ","reservationtime":7}"#,
                vec![
                    ("reservationdate", Fault::NotADate.into()),
                    ("reservationtime", Fault::NotText.into()),
                ],
            ),
        ] {
            let faults = faults
                .into_iter()
                .map(|(field, fault)| AmendmentError { field, fault });
            assert_eq!(check(json), Err(faults.collect()), "{json}");
        }
    }

    #[test]
    fn ordinary_numbers_are_no_resident_numbers() {
        for phone in [
            "010-1111-1111",
            "02-123-4567",
            "+82 10-1111-2222",
            "(051) 123-4567",
            "01011112222",
            "960625-9111111",
        ] {
            assert!(seed_with("phone", phone).is_ok(), "{phone}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_panic(value in "\\PC{0,60}", field in 0_usize..5) {
            let _ = seed_with(SEED[field].0, &value);
        }

        #[test]
        fn a_resident_number_never_passes(before in "\\PC{0,8}", after in "\\PC{0,8}", born in "[0-9]{6}", rest in "[1-8][0-9]{6}") {
            let name = format!("{before}{born}-{rest}{after}");
            prop_assert!(seed_with("name", &name).is_err());
        }
    }
}
