//! `[source]`: where reservations come from.

use jiff::tz::TimeZone;
use serde_json::Value;
use toml_edit::{Item, TableLike, Value as Toml};
use url::Url;

use crate::address::{self, AddressError, PlainHttp};
use crate::settings::mistake::Mistake;
use crate::source::{Join, SocketIoSource, Source};

/// Reads `[source]`; without it, or without a `kind`, a gateway is meant.
pub(super) fn read(item: &Item, plain: PlainHttp) -> Result<Source, Mistake> {
    let table = item.as_table_like().ok_or(Mistake::SourceKind)?;
    match text(table, "kind").map_err(|()| Mistake::SourceKind)? {
        None | Some("gateway") => Ok(Source::Gateway),
        Some("socketio") => Ok(Source::SocketIo(Box::new(socket_io(table, plain)?))),
        Some(_) => Err(Mistake::SourceKind),
    }
}

fn socket_io(table: &dyn TableLike, plain: PlainHttp) -> Result<SocketIoSource, Mistake> {
    let namespace = text(table, "namespace")
        .map_err(|()| Mistake::SourceNamespace)?
        .unwrap_or("/");
    let event = text(table, "event")
        .map_err(|()| Mistake::SourceEvent)?
        .unwrap_or("reservation");
    if event.is_empty() {
        return Err(Mistake::SourceEvent);
    }
    let timezone = text(table, "timezone")
        .ok()
        .flatten()
        .filter(|zone| TimeZone::get(zone).is_ok())
        .ok_or(Mistake::SourceTimezone)?;
    let auth = match table.get("auth") {
        None => Value::Null,
        Some(auth) => auth
            .as_table_like()
            .map(|auth| Value::Object(object(auth)))
            .ok_or(Mistake::SourceAuth)?,
    };
    Ok(SocketIoSource {
        url: url(table, plain)?,
        namespace: namespace_of(namespace).ok_or(Mistake::SourceNamespace)?,
        event: event.to_owned(),
        timezone: timezone.to_owned(),
        auth,
        join: table.get("join").map(join).transpose()?,
    })
}

/// The server's address: with its path and query, unlike a gateway's.
fn url(table: &dyn TableLike, plain: PlainHttp) -> Result<Url, Mistake> {
    let text = text(table, "url").ok().flatten().ok_or(Mistake::SourceUrl)?;
    let origin = address::read_where(text, plain).map_err(|error| match error {
        AddressError::NotAnAddress => Mistake::SourceUrl,
        AddressError::PlainHttp => Mistake::SourcePlainHttp,
    })?;
    let text = text.trim();
    // People leave the scheme out; whatever it is, the origin has it by now.
    let whole = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("{}://{text}", origin.scheme()))
    };
    let mut url = whole.map_err(|_| Mistake::SourceUrl)?;
    url.set_fragment(None);
    Ok(url)
}

/// People leave the slash out. A comma would end the namespace on the wire.
fn namespace_of(text: &str) -> Option<String> {
    let fits = !text.contains([',', '?']) && !text.chars().any(char::is_control);
    fits.then(|| {
        if text.starts_with('/') {
            text.to_owned()
        } else {
            format!("/{text}")
        }
    })
}

fn join(item: &Item) -> Result<Join, Mistake> {
    let table = item.as_table_like().ok_or(Mistake::SourceJoin)?;
    let event = text(table, "event")
        .ok()
        .flatten()
        .filter(|event| !event.is_empty());
    Ok(Join {
        event: event.ok_or(Mistake::SourceJoin)?.to_owned(),
        payload: match table.get("payload") {
            None => None,
            Some(payload) => Some(json(payload).ok_or(Mistake::SourceJoin)?),
        },
    })
}

/// The text `key` holds; `Err` where it holds something else.
fn text<'a>(table: &'a dyn TableLike, key: &str) -> Result<Option<&'a str>, ()> {
    table.get(key).map(|item| item.as_str().ok_or(())).transpose()
}

fn json(item: &Item) -> Option<Value> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(json_of(value)),
        Item::Table(table) => Some(Value::Object(object(table))),
        Item::ArrayOfTables(tables) => {
            Some(tables.iter().map(|table| Value::Object(object(table))).collect())
        }
    }
}

fn object(table: &dyn TableLike) -> serde_json::Map<String, Value> {
    table
        .iter()
        .filter_map(|(key, item)| Some((key.to_owned(), json(item)?)))
        .collect()
}

fn json_of(value: &Toml) -> Value {
    match value {
        Toml::String(text) => text.value().as_str().into(),
        Toml::Integer(number) => (*number.value()).into(),
        Toml::Float(number) => (*number.value()).into(),
        Toml::Boolean(is) => (*is.value()).into(),
        // JSON has no instants; TOML's are written as most programs read them.
        Toml::Datetime(at) => at.value().to_string().into(),
        Toml::Array(values) => values.iter().map(json_of).collect(),
        Toml::InlineTable(table) => Value::Object(object(table)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toml_edit::DocumentMut;

    use super::*;

    fn source(text: &str) -> Result<Source, Mistake> {
        let document: DocumentMut = text.parse().unwrap();
        read(document.get("source").unwrap(), PlainHttp::Here)
    }

    fn socket_io_with(line: &str) -> Result<SocketIoSource, Mistake> {
        let text = format!("[source]\nkind = \"socketio\"\n{line}\n");
        match source(&text)? {
            Source::SocketIo(source) => Ok(*source),
            other => panic!("{other:?}"),
        }
    }

    const URL: &str = "url = \"https://bell.example/rt?site=1\"";
    const ZONE: &str = "timezone = \"Asia/Seoul\"";

    #[test]
    fn a_gateway_is_meant_unless_another_kind_is_named() {
        assert_eq!(source("[source]"), Ok(Source::Gateway));
        assert_eq!(source("[source]\nkind = \"gateway\""), Ok(Source::Gateway));
        assert_eq!(source("[source]\nkind = \"mqtt\""), Err(Mistake::SourceKind));
        assert_eq!(source("source = \"socketio\""), Err(Mistake::SourceKind));
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let read = socket_io_with(&format!("{URL}\n{ZONE}")).unwrap();
        assert_eq!(
            (read.url.as_str(), read.namespace.as_str(), read.event.as_str()),
            ("https://bell.example/rt?site=1", "/", "reservation")
        );
        assert_eq!((read.auth, read.join), (Value::Null, None));
    }

    #[test]
    fn an_address_without_its_scheme_keeps_path_and_query() {
        for (typed, read) in [
            ("bell.example/rt?site=1", "https://bell.example/rt?site=1"),
            ("bell.example:8443/rt", "https://bell.example:8443/rt"),
            ("localhost:3000/rt", "http://localhost:3000/rt"),
            (" https://bell.example/rt#top ", "https://bell.example/rt"),
        ] {
            let source = socket_io_with(&format!("url = \"{typed}\"\n{ZONE}")).unwrap();
            assert_eq!(source.url.as_str(), read, "{typed}");
        }
    }

    #[test]
    fn auth_and_payload_are_passed_on_as_they_are() {
        let read = socket_io_with(&format!(
            "{URL}\n{ZONE}\nnamespace = \"desk\"\nauth = {{ token = \"t\", level = 3, flags = [true, 0.5] }}\n\
             join = {{ event = \"join\", payload = {{ room = \"hanbit\" }} }}"
        ))
        .unwrap();
        assert_eq!(read.namespace, "/desk");
        assert_eq!(read.auth, json!({"token": "t", "level": 3, "flags": [true, 0.5]}));
        let join = read.join.unwrap();
        assert_eq!(join.event, "join");
        assert_eq!(join.payload, Some(json!({"room": "hanbit"})));
        let room = socket_io_with(&format!(
            "{URL}\n{ZONE}\njoin = {{ event = \"join\", payload = \"hanbit\" }}"
        ));
        assert_eq!(room.unwrap().join.unwrap().payload, Some(json!("hanbit")));
    }

    #[test]
    fn each_mistake_has_its_name() {
        for (lines, mistake) in [
            (ZONE.to_owned(), Mistake::SourceUrl),
            (format!("url = \"https://\"\n{ZONE}"), Mistake::SourceUrl),
            (
                format!("url = \"https://user:pw@a.example\"\n{ZONE}"),
                Mistake::SourceUrl,
            ),
            (
                format!("url = \"http://10.0.0.5:3000\"\n{ZONE}"),
                Mistake::SourcePlainHttp,
            ),
            (URL.to_owned(), Mistake::SourceTimezone),
            (
                format!("{URL}\ntimezone = \"Mars/Olympus\""),
                Mistake::SourceTimezone,
            ),
            (
                format!("{URL}\n{ZONE}\nnamespace = \"a,b\""),
                Mistake::SourceNamespace,
            ),
            (format!("{URL}\n{ZONE}\nevent = 3"), Mistake::SourceEvent),
            (format!("{URL}\n{ZONE}\nauth = \"secret\""), Mistake::SourceAuth),
            (format!("{URL}\n{ZONE}\njoin = \"room\""), Mistake::SourceJoin),
            (
                format!("{URL}\n{ZONE}\njoin = {{ payload = 1 }}"),
                Mistake::SourceJoin,
            ),
        ] {
            assert_eq!(socket_io_with(&lines), Err(mistake), "{lines}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let read = socket_io_with(
            "url = \"https://a.example/?key=hush\"\ntimezone = \"Asia/Seoul\"\nauth = { token = \"hush\" }\n\
             join = { event = \"join\", payload = \"hush\" }",
        )
        .unwrap();
        assert!(!format!("{read:?} {:?}", read.join).contains("hush"));
        assert_eq!(read.shown_url().as_str(), "https://a.example/");
    }
}
