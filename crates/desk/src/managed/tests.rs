use std::collections::BTreeSet;

use super::*;
use crate::samples::pc;
use crate::source::SocketIoSource;

/// A whole path on this system.
const CA_FILE: &str = if cfg!(windows) {
    r"C:\ProgramData\hospital.pem"
} else {
    "/etc/ssl/hospital.pem"
};

fn text(text: &str) -> PolicyValue {
    PolicyValue::Text(text.to_owned())
}

fn list(texts: &[&str]) -> PolicyValue {
    PolicyValue::List(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn of(values: impl IntoIterator<Item = (PolicyKey, PolicyValue)>) -> (Policy, Vec<PolicyKey>) {
    Policy::of(&values.into_iter().collect())
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A whole policy, as the registry gives it: numbers for what is true.
fn whole() -> Policy {
    let (policy, wrong) = of([
        (
            PolicyKey::Servers,
            list(&["https://a.example", "http://b.example:8787"]),
        ),
        (PolicyKey::AllowPlainHttp, PolicyValue::Number(1)),
        (PolicyKey::ToastDetailMax, PolicyValue::Number(1)),
        (PolicyKey::QuietHours, list(&["mon-fri 18:00-08:00", "sun"])),
        (PolicyKey::Autostart, PolicyValue::Number(1)),
        (PolicyKey::Proxy, text("http://proxy.example:3128")),
        (PolicyKey::CaFile, text(CA_FILE)),
        (PolicyKey::CredentialStore, PolicyValue::Flag(false)),
        (PolicyKey::EnrolmentKey, text(" hush ")),
    ]);
    assert_eq!(wrong, []);
    policy
}

#[test]
fn the_policy_counts_before_the_settings() {
    let settings = Settings {
        servers: vec![url("https://elsewhere.example/")],
        toast_detail: 3,
        ..Settings::default()
    };
    let counts = whole().over(settings);
    assert_eq!(
        counts.servers,
        [url("https://a.example/"), url("http://b.example:8787/")]
    );
    assert_eq!(counts.toast_detail, 1);
    assert_eq!(counts.network.proxy, Proxy::Url(url("http://proxy.example:3128")));
    assert_eq!(
        counts.network.ca_file.as_deref(),
        Some(std::path::Path::new(CA_FILE))
    );
    assert!(!counts.use_store);
    assert_eq!(counts.notifications.quiet.len(), 2);
    assert_eq!(whole().autostart, Some(true));
    assert_eq!(whole().enrolment_key.as_ref().map(Token::as_str), Some("hush"));
    assert_eq!(
        whole().managed(),
        [
            Managed::Servers,
            Managed::ToastDetail,
            Managed::QuietHours,
            Managed::Autostart,
            Managed::Proxy,
            Managed::Ca
        ]
    );
    assert!(!format!("{:?}", whole()).contains("hush"));
}

#[test]
fn a_ceiling_lowers_and_never_raises() {
    let (policy, _) = of([(PolicyKey::ToastDetailMax, PolicyValue::Number(2))]);
    let detail = |toast_detail| {
        let settings = Settings {
            toast_detail,
            ..Settings::default()
        };
        policy.over(settings).toast_detail
    };
    assert_eq!([0, 1, 2, 3].map(detail), [0, 1, 2, 2]);
}

#[test]
fn servers_of_the_policy_make_a_gateway_the_source() {
    let source = SocketIoSource {
        url: url("https://own.example/"),
        namespace: "/".to_owned(),
        event: "reservation".to_owned(),
        timezone: "Asia/Seoul".to_owned(),
        auth: serde_json::Value::Null,
        join: None,
    };
    let settings = Settings {
        source: Source::SocketIo(Box::new(source)),
        ..Settings::default()
    };
    assert_eq!(whole().over(settings.clone()).source, Source::Gateway);
    assert_eq!(Policy::default().over(settings.clone()), settings);
    assert!(whole().permits(&url("https://a.example/")));
    assert!(!whole().permits(&url("https://elsewhere.example/")));
    assert!(Policy::default().permits(&url("https://elsewhere.example/")));
}

#[test]
fn what_is_wrong_is_named_and_decides_nothing_and_the_rest_counts() {
    for (key, values) in [
        (
            PolicyKey::Servers,
            vec![
                list(&[]),
                list(&["ftp://a.example"]),
                list(&["https://a.example", "http://plain.example"]),
                PolicyValue::Number(1),
            ],
        ),
        (
            PolicyKey::AllowPlainHttp,
            vec![text("yes"), PolicyValue::Number(2)],
        ),
        (
            PolicyKey::ToastDetailMax,
            vec![PolicyValue::Number(4), PolicyValue::Number(-1), text("2")],
        ),
        (
            PolicyKey::QuietHours,
            vec![
                text("always"),
                list(&["sun", "25:00-26:00"]),
                PolicyValue::Number(1),
            ],
        ),
        (
            PolicyKey::Autostart,
            vec![text("true"), PolicyValue::Number(7), PolicyValue::Other],
        ),
        (
            PolicyKey::Proxy,
            vec![text("proxy.example:3128"), PolicyValue::Flag(true)],
        ),
        (PolicyKey::CaFile, vec![text("hospital.pem"), text("")]),
        (PolicyKey::CredentialStore, vec![text("no")]),
        (PolicyKey::EnrolmentKey, vec![text("  "), PolicyValue::Number(3)]),
    ] {
        for value in values {
            let (other, right) = if key == PolicyKey::Autostart {
                (PolicyKey::CredentialStore, PolicyValue::Flag(true))
            } else {
                (PolicyKey::Autostart, PolicyValue::Flag(true))
            };
            let (policy, wrong) = of([(key, value), (other, right.clone())]);
            assert_eq!(wrong, [key]);
            assert_eq!(policy, of([(other, right)]).0, "{key:?}");
        }
    }
}

#[test]
fn one_server_alone_is_a_list_of_one() {
    let (policy, wrong) = of([(PolicyKey::Servers, text("bell.example.kr"))]);
    assert_eq!(wrong, []);
    assert_eq!(
        policy.over(Settings::default()).servers,
        [url("https://bell.example.kr/")]
    );
}

#[test]
fn a_file_is_read_key_by_key_and_one_that_is_no_toml_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let place = pc(&folder).folders.policy;
    assert_eq!(place.read().unwrap().len(), 0, "there is none");
    let path = folder.path().join("policy.toml");
    std::fs::write(
        &path,
        "servers = [\"https://a.example\"]\nautostart = true\ntoast_detail_max = 2\nproxy = 1.5\nca_file = [1]\nnew = 1\n",
    )
    .unwrap();
    let (policy, wrong) = Policy::of(&place.read().unwrap());
    assert_eq!(
        policy.managed(),
        [Managed::Servers, Managed::ToastDetail, Managed::Autostart]
    );
    assert_eq!(wrong, [PolicyKey::Proxy, PolicyKey::CaFile]);
    for broken in [&b"autostart = \"hush"[..], b"\xC7\xD1", b"a = 1\na = 2"] {
        std::fs::write(&path, broken).unwrap();
        let error = place.read().err();
        assert_eq!(error, Some(PolicyUnreadable));
        assert!(!format!("{error:?}").contains("hush"));
    }
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(place.read().is_err());
}

#[test]
fn while_a_policy_cannot_be_read_the_one_before_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.toml"), "=").unwrap();
    let folders = pc(&folder).folders;
    let decided = decided_after(&folders, &whole());
    assert!(decided.is_unreadable);
    assert_eq!(decided.policy, whole());
    assert_eq!(super::decided(&folders).policy, Policy::default());
}

/// A file of the repository.
fn document(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between `before` and the next quotation mark, wherever it does.
fn quoted<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .map(|part| part.split('"').next().unwrap_or_default())
        .collect()
}

#[test]
fn the_template_of_windows_has_every_key_and_no_other() {
    let template = document("packaging/windows/policy/deskbell.admx");
    let names: BTreeSet<_> = PolicyKey::ALL.map(PolicyKey::in_registry).into();
    assert_eq!(quoted(&template, "valueName=\""), names);
    assert_eq!(quoted(&template, "<policy name=\""), names);
    assert!(template.contains("key=\"SOFTWARE\\Policies\\Deskbell\""));
    let used: BTreeSet<_> = quoted(&template, "$(string.")
        .into_iter()
        .map(|name| name.trim_end_matches(')'))
        .collect();
    let shown: BTreeSet<_> = quoted(&template, "$(presentation.")
        .into_iter()
        .map(|name| name.trim_end_matches(')'))
        .collect();
    for language in ["ko-KR", "en-US"] {
        let words = document(&format!("packaging/windows/policy/{language}/deskbell.adml"));
        assert_eq!(quoted(&words, "<string id=\""), used, "{language}");
        assert_eq!(quoted(&words, "<presentation id=\""), shown, "{language}");
        let elements = quoted(&template, " id=\"");
        for reference in quoted(&words, "refId=\"") {
            assert!(elements.contains(reference), "{language}: {reference}");
        }
    }
}

#[test]
fn the_templates_are_xml() {
    for path in ["deskbell.admx", "ko-KR/deskbell.adml", "en-US/deskbell.adml"] {
        let text = document(&format!("packaging/windows/policy/{path}"));
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut elements = 0;
        loop {
            match reader
                .read_event()
                .unwrap_or_else(|error| panic!("{path}: {error}"))
            {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(_) => elements += 1,
                _ => {}
            }
        }
        assert!(elements > 20, "{path}");
    }
}

#[test]
fn the_page_for_administrators_has_every_key_in_both_spellings() {
    let page = document("docs/managed.md");
    for key in PolicyKey::ALL {
        let row = format!("| `{}` | `{}` |", key.in_file(), key.in_registry());
        assert!(page.contains(&row), "{row}");
        // In the examples of all three systems.
        let (file, registry) = (key.in_file(), key.in_registry());
        assert!(page.contains(&format!("\n{file} = ")), "{file} in the file");
        assert!(
            page.contains(&format!("/v {registry} ")),
            "{registry} in the registry"
        );
        assert!(
            page.contains(&format!("<key>{registry}</key>")),
            "{registry} in the profile"
        );
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, PolicyKey::ALL.len());
}

/// Its paths are Linux's.
#[cfg(unix)]
#[test]
fn the_example_of_the_page_is_a_policy_without_a_mistake() {
    let page = document("docs/managed.md");
    let example = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.toml"), example).unwrap();
    let table = pc(&folder).folders.policy.read().unwrap();
    assert_eq!(table.len(), PolicyKey::ALL.len());
    assert_eq!(Policy::of(&table).1, []);
}
