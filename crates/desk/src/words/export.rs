use crate::Language;

impl Language {
    /// Above the system's dialogue that asks where a day's list is to be saved.
    #[must_use]
    pub const fn save_list(self) -> &'static str {
        match self {
            Self::Ko => "예약 목록 저장",
            Self::En => "Save the list of bookings",
        }
    }
}
