//! A hospital's own server, chosen in the window: written into `[source]`.

use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value as Toml, value};

use crate::address::PlainHttp;
use crate::settings::{Mistake, SettingsError, SettingsFile, read, source};
use crate::{ErrorCode, OwnServer, disk};

impl SettingsFile {
    /// Makes `server` the source, if it can be one. `auth` and `join` that were left empty stay as IT wrote them.
    ///
    /// # Errors
    /// What was typed is wrong, or the file is: what a person wrote is not overwritten.
    pub(crate) fn use_own_server(&self, server: &OwnServer) -> Result<(), ErrorCode> {
        let mut document = self.document().map_err(|error| code(&error))?;
        if let (_, Some(error)) = read(&document, self.1) {
            return Err(code(&error));
        }
        let entry = document.entry("source").or_insert(Item::Table(Table::new()));
        let table = entry.as_table_like_mut().ok_or(ErrorCode::SettingsBroken)?;
        fill(table, server)?;
        check(&document, self.1)?;
        disk::replace(&self.0, document.to_string().as_bytes()).map_err(|error| {
            tracing::error!(%error, "the source cannot be written down");
            ErrorCode::NotSaved
        })
    }
}

fn fill(table: &mut dyn TableLike, server: &OwnServer) -> Result<(), ErrorCode> {
    for (key, text) in [
        ("kind", "socketio"),
        ("url", server.url.trim()),
        ("namespace", server.namespace.trim()),
        ("event", server.event.trim()),
        ("timezone", server.timezone.trim()),
    ] {
        table.insert(key, value(text));
    }
    if let Some(typed) = typed(&server.auth) {
        let auth = serde_json::from_str(typed).ok().filter(Json::is_object);
        table.insert(
            "auth",
            auth.and_then(toml).map(Item::Value).ok_or(ErrorCode::NotAuth)?,
        );
    }
    match (typed(&server.join_event), typed(&server.join_payload)) {
        (Some(event), payload) => {
            let mut join = InlineTable::from_iter([("event", event)]);
            if let Some(payload) = payload {
                // A room's name is no JSON, and means itself.
                let payload = serde_json::from_str(payload).unwrap_or_else(|_| payload.into());
                join.insert("payload", toml(payload).ok_or(ErrorCode::NotAJoin)?);
            }
            table.insert("join", value(join));
        }
        (None, Some(_)) => return Err(ErrorCode::NotAJoin),
        (None, None) => {}
    }
    Ok(())
}

fn typed(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The same in TOML, which has no `null` and no number beyond 64 bits.
fn toml(json: Json) -> Option<Toml> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(is) => is.into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None if number.is_f64() => number.as_f64()?.into(),
            None => return None,
        },
        Json::String(text) => text.into(),
        Json::Array(values) => Toml::Array(values.into_iter().map(toml).collect::<Option<Array>>()?),
        Json::Object(fields) => {
            let mut table = InlineTable::new();
            for (key, field) in fields {
                table.insert(&key, toml(field)?);
            }
            table.into()
        }
    })
}

fn check(document: &DocumentMut, plain: PlainHttp) -> Result<(), ErrorCode> {
    let item = document.get("source").ok_or(ErrorCode::Internal)?;
    source::read(item, plain)
        .map(drop)
        .map_err(|mistake| match mistake {
            Mistake::SourceUrl => ErrorCode::NotAnAddress,
            Mistake::SourcePlainHttp => ErrorCode::PlainHttp,
            _ => ErrorCode::NotASource,
        })
}

const fn code(error: &SettingsError) -> ErrorCode {
    match error {
        SettingsError::Broken(_) => ErrorCode::SettingsBroken,
        SettingsError::Disk(_) => ErrorCode::NotSaved,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::{SocketIoSource, Source};

    fn typed(url: &str) -> OwnServer {
        OwnServer {
            url: url.into(),
            namespace: "desk".into(),
            event: "reservation".into(),
            timezone: "Asia/Seoul".into(),
            ..OwnServer::default()
        }
    }

    fn file(contents: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile(folder.path().join("settings.toml"), PlainHttp::Here);
        std::fs::write(&file.0, contents).unwrap();
        (folder, file)
    }

    fn source_of(file: &SettingsFile) -> SocketIoSource {
        let (settings, fault) = file.load();
        assert!(fault.is_none());
        match settings.source {
            Source::SocketIo(source) => *source,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_the_source_from_then_on_and_the_rest_stays() {
        let (_folder, file) =
            file("language = \"en\" # ours\n[source]\nkind = \"gateway\"\nauth = { token = \"hush\" }\n");
        file.use_own_server(&typed(" booking.example/rt ")).unwrap();
        let source = source_of(&file);
        assert_eq!(source.url.as_str(), "https://booking.example/rt");
        assert_eq!(source.namespace, "/desk");
        assert_eq!(source.auth["token"], "hush");
        assert!(std::fs::read_to_string(&file.0).unwrap().contains("# ours"));
    }

    fn asking(auth: &str, join_event: &str, join_payload: &str) -> OwnServer {
        OwnServer {
            auth: auth.into(),
            join_event: join_event.into(),
            join_payload: join_payload.into(),
            ..typed("https://booking.example")
        }
    }

    #[test]
    fn auth_and_join_are_passed_on_as_they_were_typed() {
        let (_folder, file) = file("[source]\nauth = { token = \"old\" }\n");
        let auth = r#"{"token": "hush", "level": 3, "flags": [true, 0.5], "site": {"id": -1}}"#;
        file.use_own_server(&asking(auth, "join", r#"{"room": "hanbit"}"#))
            .unwrap();
        let source = source_of(&file);
        assert_eq!(source.auth, serde_json::from_str::<Json>(auth).unwrap());
        let join = source.join.unwrap();
        assert_eq!(
            (join.event.as_str(), join.payload),
            ("join", Some(json!({"room": "hanbit"})))
        );

        // A room's name needs no quotes; what is left empty stays.
        file.use_own_server(&asking("", " enter ", "hanbit 1")).unwrap();
        let source = source_of(&file);
        assert_eq!(source.auth["token"], "hush");
        let join = source.join.unwrap();
        assert_eq!(
            (join.event.as_str(), join.payload),
            ("enter", Some(json!("hanbit 1")))
        );
        file.use_own_server(&asking("", "enter", "")).unwrap();
        assert_eq!(source_of(&file).join.unwrap().payload, None);
    }

    #[test]
    fn auth_that_is_no_object_and_a_payload_of_no_event_are_not_written() {
        for (server, code) in [
            (asking("hush", "", ""), ErrorCode::NotAuth),
            (asking("[1]", "", ""), ErrorCode::NotAuth),
            (asking(r#"{"token": null}"#, "", ""), ErrorCode::NotAuth),
            (
                asking(r#"{"n": 18446744073709551615}"#, "", ""),
                ErrorCode::NotAuth,
            ),
            (asking("", "", "hanbit"), ErrorCode::NotAJoin),
            (asking("", "join", "null"), ErrorCode::NotAJoin),
        ] {
            let (_folder, file) = file("language = \"en\"\n");
            assert_eq!(file.use_own_server(&server), Err(code));
            assert_eq!(std::fs::read_to_string(&file.0).unwrap(), "language = \"en\"\n");
        }
    }

    #[test]
    fn what_was_typed_is_not_printed() {
        let server = OwnServer {
            url: "https://a.example/?key=hush".into(),
            ..asking(r#"{"token": "hush"}"#, "join", "hush")
        };
        assert!(!format!("{server:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_one_is_not_written() {
        let wrong = |change: fn(&mut OwnServer)| {
            let mut server = typed("https://booking.example");
            change(&mut server);
            server
        };
        for (server, code) in [
            (typed("no address"), ErrorCode::NotAnAddress),
            (typed("http://booking.example"), ErrorCode::PlainHttp),
            (
                wrong(|server| server.namespace = "a,b".into()),
                ErrorCode::NotASource,
            ),
            (wrong(|server| server.event = " ".into()), ErrorCode::NotASource),
            (
                wrong(|server| server.timezone = "Moon/Tranquility".into()),
                ErrorCode::NotASource,
            ),
        ] {
            let (_folder, file) = file("language = \"en\"\n");
            assert_eq!(file.use_own_server(&server), Err(code), "{server:?}");
            assert_eq!(std::fs::read_to_string(&file.0).unwrap(), "language = \"en\"\n");
        }
    }

    #[test]
    fn a_bad_file_is_not_overwritten() {
        let (_folder, file) = file("language = \"fr\"");
        assert_eq!(
            file.use_own_server(&typed("https://booking.example")),
            Err(ErrorCode::SettingsBroken)
        );
    }
}
