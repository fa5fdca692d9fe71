use crate::Language;
use crate::gateway::FetchError;

impl Language {
    /// Why a reservation's details are not on the screen, and what happens next.
    pub(crate) const fn details_failure(self, error: &FetchError) -> &'static str {
        match (error, self) {
            (FetchError::NotFound, Self::Ko) => "이 예약을 찾을 수 없습니다.",
            (FetchError::NotFound, Self::En) => "This booking cannot be found.",
            (FetchError::SignedOut, Self::Ko) => "이 데스크의 연결이 해제되어 상세 내용을 볼 수 없습니다.",
            (FetchError::SignedOut, Self::En) => {
                "This desk has been signed out; the details cannot be shown."
            }
            (FetchError::Unreachable(_) | FetchError::Failed(_) | FetchError::NotDeskbell, Self::Ko) => {
                "상세 내용을 가져오지 못했습니다. 자동으로 다시 시도하고 있습니다."
            }
            (FetchError::Unreachable(_) | FetchError::Failed(_) | FetchError::NotDeskbell, Self::En) => {
                "The details could not be fetched. They are being tried again."
            }
        }
    }
}
