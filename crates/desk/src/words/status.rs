use deskbell_protocol::Status;

use crate::Language;

impl Language {
    /// A status as desks call it.
    pub(crate) const fn status(self, status: Status) -> &'static str {
        let (ko, en) = match status {
            Status::Pending => ("예약신청", "Requested"),
            Status::Booked => ("예약확정", "Confirmed"),
            Status::Arrived => ("도착", "Arrived"),
            Status::CheckedIn => ("접수", "Checked in"),
            Status::Fulfilled => ("완료", "Done"),
            Status::Cancelled => ("취소", "Cancelled"),
            Status::NoShow => ("노쇼", "No-show"),
            Status::Waitlist => ("대기", "Waiting list"),
            Status::EnteredInError => ("입력오류", "Entered in error"),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
