/// A hospital's own Socket.IO server, as somebody typed it into the window. What else it may need, `auth` and `join`, is
/// IT's to write into `settings.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnServer {
    /// Its address.
    pub url: String,
    /// The namespace that is joined.
    pub namespace: String,
    /// The event that carries a booking.
    pub event: String,
    /// The hospital's IANA zone.
    pub timezone: String,
}
