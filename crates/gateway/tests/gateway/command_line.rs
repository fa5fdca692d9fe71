use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::listener::http;
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
    assert_eq!(
        said(&nowhere),
        "deskbell-gateway: there is no hospital nowhere: look it up with hospital list\n"
    );
}

#[test]
fn a_hospital_is_changed_in_what_is_said_of_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    let set = |args: &[&str]| place.json(&[&["hospital", "set", "haneul"], args].concat());
    let changed = set(&["--hours", "mon-fri 09:00-18:00", "--claim-minutes", "10"]);
    assert_eq!(changed["hospital"]["name"], "하늘병원");
    assert_eq!(changed["hospital"]["hours"], "mon-fri 09:00-18:00");
    assert_eq!(changed["claim_minutes"], 10);
    let changed = set(&["--name", "하늘의원", "--no-hours"]);
    assert_eq!(changed["hospital"]["name"], "하늘의원");
    assert_eq!(changed["hospital"]["hours"], json!(null));
    assert_eq!(place.json(&["hospital", "list"])[0], changed);
    for wrong in [
        &["--name", " "][..],
        &["--hours", "mon-fri 09:00-18:00", "--no-hours"],
    ] {
        let refused = place.run(&[&["hospital", "set", "haneul"], wrong].concat());
        assert!(!refused.status.success(), "{wrong:?}");
    }
}

#[test]
fn a_new_intake_key_is_shown_once_and_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let before = place.add_hospital("haneul", "하늘병원");
    let rotated = place.json(&["hospital", "rotate-key", "haneul"]);
    let key = rotated["intake_key"].as_str().unwrap();
    assert!(key.starts_with("dbsite") && key != before);
    let noted = place.json(&["access", "list"]);
    assert_eq!(
        (&noted["what"], &noted["who"]["kind"]),
        (&json!("rotate-key"), &json!("operator"))
    );
    assert!(!noted.to_string().contains(key));
}

#[tokio::test]
async fn a_key_and_a_desk_that_a_command_takes_back_open_nothing_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let old = place.add_hospital("haneul", "하늘병원");
    let gateway = place.serve();
    let ask = async |method: &str, path: &str, token: &str, body: Value| {
        let request = http().request(method.parse().unwrap(), gateway.url(path));
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let (status, short) = ask("POST", "/v1/reservations", &old, form.clone()).await;
    assert_eq!(status, 201);
    let one = format!("/v1/reservations/{}", short["id"].as_str().unwrap());
    let rotated = place.json(&["hospital", "rotate-key", "haneul"]);
    let new = rotated["intake_key"].as_str().unwrap();
    let cancelled = json!({ "status": "cancelled" });
    for (method, path, body) in [
        ("POST", "/v1/reservations", &form),
        ("GET", &one, &json!({})),
        ("PATCH", &one, &cancelled),
    ] {
        assert_eq!(ask(method, path, &old, body.clone()).await.0, 401, "{method}");
    }
    assert_eq!(ask("GET", &one, new, json!({})).await.1, short);

    let code = json!({ "code": place.offer("haneul") });
    let (_, paired) = ask("POST", "/v1/desks", "", code).await;
    let (token, id) = (
        paired["token"].as_str().unwrap(),
        paired["desk"]["id"].as_str().unwrap(),
    );
    assert_eq!(ask("GET", &one, token, json!({})).await.0, 200);
    place.json(&["desk", "revoke", "haneul", id]);
    let (status, problem) = ask("GET", &one, token, json!({})).await;
    assert_eq!(
        (status, &problem["type"]),
        (401, &json!("urn:problem-type:deskbell:desk-revoked"))
    );
}

#[test]
fn an_enrolment_key_is_made_listed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    place.add_hospital("bada", "바다병원");
    let made = place.json(&["desk", "enrol-key", "haneul", "--count", "50", "--days", "30"]);
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with("dbenrol"));
    assert!(made["link"].as_str().unwrap().ends_with(&format!("code={key}")));
    let keys = || place.json(&["desk", "enrol-keys", "haneul"]);
    assert_eq!(
        (&keys()[0]["left"], &keys()[0]["revoked_at"]),
        (&json!(50), &json!(null))
    );
    let elsewhere = place.run(&["desk", "revoke", "bada", id]);
    assert!(said(&elsewhere).contains("has no desk and no enrolment key"));
    place.json(&["desk", "revoke", "haneul", id]);
    assert!(keys()[0]["revoked_at"].is_string());
    let no_id = place.run(&["desk", "revoke", "haneul", "접수 1"]);
    assert!(said(&no_id).contains("is no id"), "{}", said(&no_id));
}

#[test]
fn a_backup_is_written_while_it_serves_and_restored_into_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let gateway = place.serve();
    place.add_hospital("haneul", "하늘병원");
    let file = folder.path().join("backup.sqlite").display().to_string();
    place.json(&["backup", &file]);
    let again = place.run(&["backup", &file]);
    assert!(said(&again).contains("is there already"), "{}", said(&again));
    let refused = place.run(&["restore", &file]);
    assert!(
        said(&refused).contains("restore into an empty one"),
        "{}",
        said(&refused)
    );
    drop(gateway);

    let elsewhere = tempfile::tempdir().unwrap();
    let other = Place::new(elsewhere.path());
    assert_eq!(other.json(&["restore", &file])["hospitals"], 1);
    let (here, there) = (
        place.json(&["hospital", "list"]),
        other.json(&["hospital", "list"]),
    );
    assert_eq!(here[0]["hospital"], there[0]["hospital"]);
    assert_ne!(here[0]["position"]["epoch"], there[0]["position"]["epoch"]);
}

#[test]
fn the_access_record_is_read_by_time_and_reservation() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    place.json(&["hospital", "rotate-key", "haneul"]);
    let lines = |args: &[&str]| {
        let output = place.run(&[&["access", "list"], args].concat());
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    let text = String::from_utf8(place.run(&["access", "list"]).stdout).unwrap();
    assert!(
        text.trim_end().ends_with("  haneul  rotate-key  command line"),
        "{text}"
    );
    assert_eq!(lines(&[]), 1);
    assert_eq!(
        lines(&["--from", "2026-01-01", "--to", "2999-12-31T23:59:59Z"]),
        1
    );
    assert_eq!(lines(&["--to", "2026-01-01"]), 0);
    assert_eq!(
        lines(&["--reservation", "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a"]),
        0
    );
    let wrong = place.run(&["access", "list", "--from", "yesterday"]);
    assert!(said(&wrong).contains("as 2026-11-24"), "{}", said(&wrong));
}

#[test]
fn who_has_read_enough_is_not_complained_to() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    for format in ["text", "json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = place.command(&["hospital", "list"]);
        if format == "json" {
            command.arg("--json");
        }
        let unheard = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let unheard = unheard.wait_with_output().unwrap();
        assert_eq!(
            (said(&unheard).as_str(), unheard.status.code()),
            ("", Some(1)),
            "{format}"
        );
    }
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
fn an_address_that_cannot_be_read_is_not_quoted_as_a_password_may_be_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    for address in [
        "postgres://bell:canary@:bad port/deskbell",
        "postgre://bell:canary@db.example/deskbell",
        "bell:canary@db.example",
    ] {
        let mut by_environment = place.command(&["hospital", "list"]);
        by_environment.env("DESKBELL_DATABASE", address);
        for refused in [
            by_environment.output().unwrap(),
            place.run(&["hospital", "list", "--database", address]),
        ] {
            assert!(!refused.status.success());
            let said = said(&refused);
            assert!(said.contains("a database address is sqlite://PATH"), "{said}");
            assert!(!said.contains("canary"), "{said}");
        }
    }
}

#[test]
fn an_address_that_leads_nowhere_is_refused_with_one_that_does() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    for url in [
        "bell.example",
        "bell.example:8787",
        "javascript:alert(1)",
        "file:///bell",
    ] {
        for command in [
            &["desk", "pair", "haneul"][..],
            &["desk", "enrol-key", "haneul", "--count", "1", "--days", "1"],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            let refused = place.run(&[command, &["--public-url", url]].concat());
            assert!(!refused.status.success(), "{command:?} {url}");
            assert!(said(&refused).contains("such as https://"), "{}", said(&refused));
        }
    }
    for listen in [":8787", "8787", "localhost:8787", "0.0.0.0"] {
        let refused = place.run(&["serve", "--listen", listen]);
        assert!(!refused.status.success(), "{listen}");
        assert!(said(&refused).contains("0.0.0.0:8787"), "{}", said(&refused));
    }
}

#[test]
fn a_desk_is_given_no_name_that_it_could_not_give_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    place.add_hospital("haneul", "하늘병원");
    for (name, sentence) in [
        (" ", "the desk's name is required"),
        (
            &"가".repeat(61),
            "the desk's name must have at most 60 characters",
        ),
        ("접수\n1", "the desk's name must not hold control characters"),
        ("\u{202E}접수", "the desk's name must not hold control characters"),
    ] {
        let refused = place.run(&["desk", "pair", "haneul", "--name", name]);
        assert!(!refused.status.success(), "{name}");
        assert!(said(&refused).contains(sentence), "{}", said(&refused));
    }
    place.json(&["desk", "pair", "haneul", "--name", &"가".repeat(60)]);
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
    let told: Value = serde_json::from_str(&line).unwrap();
    let url = told["listening"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(told.as_object().unwrap().len(), 1);
}
