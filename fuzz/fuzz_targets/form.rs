//! A booking form, as JSON or urlencoded: any bytes are a reservation or its faults, and what passed passes again. So is what
//! a site wants to be changed of one.
#![no_main]

use deskbell_fuzz::in_bounds;
use deskbell_protocol::{Amendment, Form, NewReservation};
use libfuzzer_sys::fuzz_target;

fn form(fields: [(&str, String); 5]) -> Form {
    let mut form = Form::default();
    for (field, value) in fields {
        form.take(field, || value);
    }
    form
}

/// What passed is within its limits, and passes again as it is.
fn check(form: Form) {
    let Ok(kept) = form.check() else {
        return;
    };
    let NewReservation {
        relationship,
        name,
        phone,
        reservationdate,
        reservationtime,
    } = &kept;
    assert!(name.as_str().chars().count() <= 100 && relationship.as_str().chars().count() <= 40);
    let fields = [
        ("relationship", relationship.as_str().to_owned()),
        ("name", name.as_str().to_owned()),
        ("phone", phone.as_str().to_owned()),
        ("reservationdate", reservationdate.to_string()),
        ("reservationtime", reservationtime.to_string()),
    ];
    assert!(self::form(fields).check() == Ok(kept), "it does not pass again");
}

fuzz_target!(|body: &[u8]| {
    in_bounds(body.len(), || {
        if let Ok(form) = serde_json::from_slice(body) {
            check(form);
        }
        if let Ok(amendment) = serde_json::from_slice::<Amendment>(body) {
            let _ = amendment.check();
        }
        let mut form = Form::default();
        for (field, value) in form_urlencoded::parse(body) {
            form.take(&field, || value.into_owned());
        }
        check(form);
    });
});
