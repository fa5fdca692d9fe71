//! A hospital's own server, chosen in the window: written into `[source]`.

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::address::PlainHttp;
use crate::settings::{Mistake, SettingsError, SettingsFile, read, source};
use crate::{ErrorCode, OwnServer, disk};

impl SettingsFile {
    /// Makes `server` the source, if it can be one. What IT wrote into `[source]` beside it stays: `auth` and `join`.
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
        fill(table, server);
        check(&document, self.1)?;
        disk::replace(&self.0, document.to_string().as_bytes()).map_err(|error| {
            tracing::error!(%error, "the source cannot be written down");
            ErrorCode::NotSaved
        })
    }
}

fn fill(table: &mut dyn TableLike, server: &OwnServer) {
    for (key, text) in [
        ("kind", "socketio"),
        ("url", server.url.trim()),
        ("namespace", server.namespace.trim()),
        ("event", server.event.trim()),
        ("timezone", server.timezone.trim()),
    ] {
        table.insert(key, value(text));
    }
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
    use super::*;
    use crate::source::Source;

    fn typed(url: &str) -> OwnServer {
        OwnServer {
            url: url.into(),
            namespace: "desk".into(),
            event: "reservation".into(),
            timezone: "Asia/Seoul".into(),
        }
    }

    fn file(contents: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile(folder.path().join("settings.toml"), PlainHttp::Here);
        std::fs::write(&file.0, contents).unwrap();
        (folder, file)
    }

    #[test]
    fn it_is_the_source_from_then_on_and_the_rest_stays() {
        let (_folder, file) =
            file("language = \"en\" # ours\n[source]\nkind = \"gateway\"\nauth = { token = \"hush\" }\n");
        file.use_own_server(&typed(" booking.example/rt ")).unwrap();
        let (settings, fault) = file.load();
        assert!(fault.is_none());
        let Source::SocketIo(source) = settings.source else {
            panic!("{:?}", settings.source)
        };
        assert_eq!(source.url.as_str(), "https://booking.example/rt");
        assert_eq!(source.namespace, "/desk");
        assert_eq!(source.auth["token"], "hush");
        assert!(std::fs::read_to_string(&file.0).unwrap().contains("# ours"));
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
