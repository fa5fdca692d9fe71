use std::fmt;

/// A hospital's own Socket.IO server, as somebody typed it into the window.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OwnServer {
    /// Its address.
    pub url: String,
    /// The namespace that is joined.
    pub namespace: String,
    /// The event that carries a booking.
    pub event: String,
    /// The hospital's IANA zone.
    pub timezone: String,
    /// What the namespace is told at each connection, a JSON object; empty for what stands in `settings.toml`. A secret.
    pub auth: String,
    /// The event that asks to be let into a room; empty for what stands in `settings.toml`.
    pub join_event: String,
    /// Its argument: JSON, or a text such as a room's name; empty for none. A secret.
    pub join_payload: String,
}

/// Its secrets stay out of it; an address can hold one, too.
impl fmt::Debug for OwnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnServer")
            .field("namespace", &self.namespace)
            .field("event", &self.event)
            .field("timezone", &self.timezone)
            .field("join_event", &self.join_event)
            .finish_non_exhaustive()
    }
}
