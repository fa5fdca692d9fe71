/// The booking form's nine fields, exactly as the website of the project that this one grows from sent them; the date
/// is the caller's. The last four must not be seen again anywhere.
pub(crate) struct Booking {
    /// The patient.
    pub(crate) name: String,
    /// The patient's, or whoever books for them.
    pub(crate) phone: String,
    /// The day, `YYYY-MM-DD`.
    pub(crate) date: String,
    /// The time, `HH:MM ~ HH:MM`.
    pub(crate) time: String,
}

/// Values of the dropped fields, none of them empty, to be searched for afterwards.
pub(crate) const CANARIES: [(&str, &str); 4] = [
    ("contents", "진구야 공부 잘하고 있지?"),
    ("idnumber", "960625-1111111"),
    ("proxyName", "대리카나리아"),
    ("address", "광주광역시 북구 비엔날레로 162(용봉동) 우리집 아니야"),
];

/// The phone number of nearly every [`Booking`].
pub(crate) const PHONE: &str = "010-1111-1111";

/// Whom every [`Booking`] is for.
pub(crate) const RELATIONSHIP: &str = "본인";

impl Booking {
    /// The form's pairs.
    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        let mut fields = vec![
            ("relationship", RELATIONSHIP),
            ("name", &self.name),
            ("phone", &self.phone),
            ("reservationdate", &self.date),
            ("reservationtime", &self.time),
        ];
        fields.extend(CANARIES);
        fields
    }
}
