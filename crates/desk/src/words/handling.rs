use deskbell_protocol::{Desk, Reservation, Status};

use crate::gateway::Handling;
use crate::notice::answered_just_now;
use crate::{Language, ToastAct};

impl Language {
    /// Why `wanted` was not done: how the reservation stands instead, and by whom.
    pub(crate) fn conflict(self, wanted: Handling, reservation: &Reservation) -> String {
        let status = self.status(reservation.status);
        if matches!(wanted, Handling::Undo { .. }) {
            return match self {
                Self::Ko => {
                    format!("되돌릴 수 없습니다. 시간이 지났거나 그 뒤에 바뀌었습니다. 지금 상태: {status}")
                }
                Self::En => {
                    format!(
                        "This cannot be taken back any more: too late, or something came after it. It is now: {status}."
                    )
                }
            };
        }
        if let Some(claim) = &reservation.claim {
            let who = who(&claim.desk, claim.staff.as_deref());
            return match self {
                Self::Ko => format!("먼저 맡은 곳이 있습니다: {who}"),
                Self::En => format!("{who} is looking after it already."),
            };
        }
        if !reservation.status.is_handled() {
            return match (self, wanted) {
                (Self::Ko, Handling::Release) => "이 데스크가 맡고 있지 않습니다.".to_owned(),
                (Self::En, Handling::Release) => "This desk is not looking after it any more.".to_owned(),
                (Self::Ko, _) => {
                    "그 사이에 예약이 바뀌었습니다. 내용을 확인한 뒤 다시 처리해 주세요.".to_owned()
                }
                (Self::En, _) => {
                    "The booking has changed meanwhile. Please look at it and try again.".to_owned()
                }
            };
        }
        match &reservation.handled_by {
            Some(handled) if reservation.status != Status::Cancelled || answered_just_now(reservation) => {
                let who = who(&handled.desk, handled.staff.as_deref());
                match self {
                    Self::Ko => format!("먼저 처리되었습니다: {status} ({who})"),
                    Self::En => format!("Somebody was first: {status} ({who})."),
                }
            }
            Some(_) | None => match self {
                Self::Ko => format!("그 사이에 상태가 바뀌었습니다: {status}"),
                Self::En => format!("Its status has changed meanwhile: {status}."),
            },
        }
    }

    /// A toast's button.
    pub(crate) const fn act(self, act: ToastAct) -> &'static str {
        match (act, self) {
            (ToastAct::Confirm, Self::Ko) => "예약확정",
            (ToastAct::Confirm, Self::En) => "Confirm",
            (ToastAct::Claim, Self::Ko) => "내가 처리",
            (ToastAct::Claim, Self::En) => "I'll take it",
        }
    }
}

fn who(desk: &Desk, staff: Option<&str>) -> String {
    match staff {
        Some(staff) => format!("{} · {staff}", desk.name),
        None => desk.name.clone(),
    }
}
