use std::time::Duration;

use url::Url;

use crate::Backoff;

/// Where a link goes, and how.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The server's `http` or `https` address. `socket.io/` is appended to its path.
    pub url: Url,
    /// The namespace: begins with `/`, has no comma.
    pub namespace: String,
    /// Makes every request, of both transports: its proxy, certificates and headers hold. It must
    ///
    /// - speak HTTP/1.1 (`http1_only`), since a WebSocket begins with it;
    /// - not follow redirects (`redirect::Policy::none()`), since a login page shows itself by one;
    /// - have no `read_timeout`, since a link may be silent for as long as two pings are apart;
    /// - keep no idle connections (`pool_max_idle_per_host(0)`), since one may have died in the machine's sleep.
    pub http: reqwest::Client,
    /// How long one attempt may take until the namespace let us in. A WebSocket that opens is waited for half as long, so
    /// that there is time for polling.
    pub connect_timeout: Duration,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// What may carry the link.
    pub transports: Transports,
}

/// What may carry a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transports {
    /// A WebSocket. Where none can be opened, HTTP long-polling, from which the link goes over to a WebSocket as soon as
    /// one can be opened.
    Both {
        /// How long to wait before a WebSocket is tried again where none could be opened.
        probe: Backoff,
    },
    /// A WebSocket alone.
    WebSocketOnly,
    /// HTTP long-polling alone.
    PollingOnly,
}

impl Default for Transports {
    /// Both; a WebSocket is tried again within 1 min, and more and more rarely, but at least every hour.
    fn default() -> Self {
        Self::Both {
            probe: Backoff {
                base: Duration::from_secs(60),
                cap: Duration::from_secs(60 * 60),
            },
        }
    }
}
