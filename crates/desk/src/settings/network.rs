//! `[network]`: how servers are reached.

use std::fmt;
use std::path::PathBuf;

use toml_edit::Item;
use url::Url;

use crate::settings::mistake::Mistake;

/// How servers are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    /// Through whom.
    pub proxy: Proxy,
    /// Certificates (PEM) that are trusted beside the system's; relative to the folder of `settings.toml`.
    pub ca_file: Option<PathBuf>,
}

/// Through whom servers are reached.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// Whom the environment (`HTTPS_PROXY`, `NO_PROXY`, …) or the system's settings name.
    #[default]
    System,
    /// Nobody.
    None,
    /// This one: `http`, `https` or `socks5h`; `NO_PROXY` still holds.
    Url(Url),
}

/// A proxy's address may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::None => f.write_str("None"),
            Self::Url(url) => write!(f, "Url({}://***)", url.scheme()),
        }
    }
}

impl Proxy {
    /// Reads a word or an address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text {
            "system" => Some(Self::System),
            "none" => Some(Self::None),
            url => Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https" | "socks5h") && url.has_host())
                .map(Self::Url),
        }
    }
}

/// Reads `[network]`. What can be read counts, also when something else in it is wrong.
pub(super) fn read(item: &Item, mut wrong: impl FnMut(Mistake)) -> Network {
    let mut network = Network::default();
    let Some(table) = item.as_table_like() else {
        wrong(Mistake::Proxy);
        return network;
    };
    if let Some(item) = table.get("proxy") {
        match item.as_str().and_then(Proxy::read) {
            Some(proxy) => network.proxy = proxy,
            None => wrong(Mistake::Proxy),
        }
    }
    if let Some(item) = table.get("ca_file") {
        match item.as_str().filter(|path| !path.is_empty()) {
            Some(path) => network.ca_file = Some(PathBuf::from(path)),
            None => wrong(Mistake::CaFile),
        }
    }
    network
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn network(text: &str) -> (Network, Vec<Mistake>) {
        let document: DocumentMut = text.parse().unwrap();
        let mut mistakes = Vec::new();
        let network = read(document.get("network").unwrap(), |mistake| mistakes.push(mistake));
        (network, mistakes)
    }

    #[test]
    fn a_proxy_is_a_word_or_an_address() {
        let url = |text: &str| Proxy::Url(Url::parse(text).unwrap());
        for (text, expected) in [
            ("system", Proxy::System),
            ("none", Proxy::None),
            ("http://10.0.0.1:3128", url("http://10.0.0.1:3128")),
            ("https://proxy.example", url("https://proxy.example")),
            (
                "socks5h://proxy.example:1080",
                url("socks5h://proxy.example:1080"),
            ),
        ] {
            let (read, mistakes) = network(&format!("[network]\nproxy = \"{text}\""));
            assert_eq!((read.proxy, mistakes), (expected, vec![]), "{text}");
        }
        for text in ["\"\"", "\"proxy.example:3128\"", "\"ftp://a.example\"", "8080"] {
            let (read, mistakes) = network(&format!("[network]\nproxy = {text}"));
            assert_eq!(
                (read.proxy, mistakes),
                (Proxy::System, vec![Mistake::Proxy]),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_right_counts_beside_what_is_wrong() {
        let (read, mistakes) = network("[network]\nproxy = 1\nca_file = \"/etc/hospital.pem\"");
        assert_eq!(read.ca_file, Some(PathBuf::from("/etc/hospital.pem")));
        assert_eq!(mistakes, [Mistake::Proxy]);
        assert_eq!(network("[network]\nca_file = 1").1, [Mistake::CaFile]);
    }

    #[test]
    fn a_proxys_password_is_not_printed() {
        let (read, _) = network("[network]\nproxy = \"http://user:hush@proxy.example:3128\"");
        assert!(!format!("{read:?}").contains("hush"));
    }
}
