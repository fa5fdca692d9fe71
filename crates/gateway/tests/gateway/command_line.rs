use std::process::Output;

use serde_json::json;

use crate::program::Place;

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_hospital_is_added_once_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let hours = "Mon-Fri 09:00-18:00,sat 09:00-13:00";
    let added = place.json(&[
        "hospital",
        "add",
        "haneul",
        "--name",
        "하늘병원",
        "--hours",
        hours,
    ]);
    assert_eq!(added["hospital"]["slug"], "haneul");
    assert_eq!(added["hospital"]["timezone"], "Asia/Seoul");
    assert!(added["intake_key"].as_str().unwrap().starts_with("dbsite"));

    let again = place.run(&["hospital", "add", "haneul", "--name", "하늘병원"]);
    assert!(!again.status.success());
    assert_eq!(
        said(&again),
        "deskbell-gateway: there is a hospital haneul already\n"
    );

    let listed = place.json(&["hospital", "list"]);
    assert_eq!(listed[0]["hospital"], added["hospital"]);
    assert_eq!(
        listed[0]["hospital"]["hours"],
        "mon-fri 09:00-18:00, sat 09:00-13:00"
    );
    assert_eq!(listed[0]["claim_minutes"], 5);
    let text = place.run(&["hospital", "list"]).stdout;
    assert!(
        String::from_utf8(text)
            .unwrap()
            .starts_with("haneul  하늘병원  Asia/Seoul")
    );
}

#[test]
fn what_no_hospital_can_have_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    for (args, sentence) in [
        (
            &["Haneul", "--name", "하늘병원"][..],
            "a slug is 1 to 63 of a-z, 0-9 and hyphens",
        ),
        (&["haneul", "--name", " "], "a hospital needs a name"),
        (
            &["haneul", "--name", "하늘병원", "--timezone", "Asia/Soul"],
            "no IANA time zone",
        ),
        (
            &["haneul", "--name", "하늘병원", "--hours", "always"],
            "opening hours are written as",
        ),
        (&["haneul", "--name", "하늘병원", "--claim-minutes", "31"], "31"),
    ] {
        let refused = place.run(&[&["hospital", "add"], args].concat());
        assert!(!refused.status.success(), "{args:?}");
        assert!(said(&refused).contains(sentence), "{}", said(&refused));
    }
}

#[test]
fn a_code_is_given_for_a_hospital_that_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    let offered = place.json(&["desk", "pair", "haneul", "--public-url", "https://bell.example"]);
    let code = offered["code"].as_str().unwrap();
    assert_eq!(
        offered["link"],
        format!("deskbell://pair?server=https%3A%2F%2Fbell.example%2F&code={code}")
    );
    assert!(offered["expires_at"].is_string());
    assert_eq!(place.json(&["desk", "list", "haneul"]), json!([]));
    let nowhere = place.run(&["desk", "pair", "nowhere"]);
    assert_eq!(said(&nowhere), "deskbell-gateway: there is no hospital nowhere\n");
}

#[test]
fn a_database_that_cannot_be_used_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let elsewhere = place.run(&["hospital", "list", "--database", "mysql://localhost/deskbell"]);
    assert!(
        said(&elsewhere).contains("a database address is sqlite://PATH"),
        "{}",
        said(&elsewhere)
    );
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "Dear colleagues, ".repeat(100)).unwrap();
    let address = format!("sqlite://{}", letter.display());
    let refused = place.run(&["hospital", "list", "--database", &address]);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("cannot be opened"), "{}", said(&refused));
    assert_eq!(said(&refused).lines().count(), 1);
}

#[test]
fn commands_work_while_it_serves_and_an_address_is_listened_on_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let gateway = place.serve();
    place.add_hospital("haneul", "하늘병원");
    let second = place.run(&["serve", "--listen", &gateway.address]);
    assert!(said(&second).contains("cannot listen on"), "{}", said(&second));
}

#[test]
fn a_program_is_told_in_json_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let line = place.first_line(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = told["listening"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(told.as_object().unwrap().len(), 1);
}
