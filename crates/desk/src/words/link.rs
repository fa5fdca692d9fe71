use crate::Language;
use crate::update::{LinkFault, Refusal};

impl Language {
    /// Why there is no link, and what happens next.
    pub(crate) const fn link_fault(self, fault: LinkFault) -> &'static str {
        match (fault, self) {
            (LinkFault::Unreachable, Self::Ko) => {
                "서버에 연결할 수 없습니다. 네트워크를 확인해 주세요. 자동으로 다시 시도하고 있습니다."
            }
            (LinkFault::Unreachable, Self::En) => {
                "The server cannot be reached. Please check the network. It is being tried again."
            }
            (LinkFault::NotDeskbell, Self::Ko) => {
                "서버가 Deskbell 방식으로 응답하지 않습니다. 프록시나 주소를 확인해 주세요. 자동으로 다시 시도하고 있습니다."
            }
            (LinkFault::NotDeskbell, Self::En) => {
                "The server does not answer as Deskbell does. Please check proxy and address. It is being tried again."
            }
            (LinkFault::Stopping, Self::Ko) => "서버가 잠시 멈췄습니다. 곧 다시 연결합니다.",
            (LinkFault::Stopping, Self::En) => {
                "The server is pausing. The connection will be back in a moment."
            }
            (LinkFault::Internal, Self::Ko) => {
                "프로그램 내부 오류로 연결이 끊겼습니다. 자동으로 다시 시도하고 있습니다."
            }
            (LinkFault::Internal, Self::En) => {
                "The app failed inside and lost the connection. It is being tried again."
            }
        }
    }

    /// Why the gateway does not want this desk, and what to do.
    pub(crate) const fn refusal(self, refusal: Refusal) -> &'static str {
        match (refusal, self) {
            (Refusal::SignedOut, Self::Ko) => {
                "이 데스크의 연결이 해제되었습니다. 전산 담당자에게 새 연결 코드를 받아 다시 연결해 주세요."
            }
            (Refusal::SignedOut, Self::En) => {
                "This desk has been signed out. Please ask your IT staff for a new pairing code and pair it again."
            }
            (Refusal::UpgradeRequired, Self::Ko) => {
                "서버가 새 버전의 Deskbell을 요구합니다. 프로그램을 업데이트해 주세요."
            }
            (Refusal::UpgradeRequired, Self::En) => {
                "The server asks for a newer version of Deskbell. Please update the app."
            }
            (Refusal::Unknown, Self::Ko) => {
                "서버가 이 데스크의 연결을 거부했습니다. 전산 담당자에게 문의해 주세요."
            }
            (Refusal::Unknown, Self::En) => "The server refused this desk. Please ask your IT staff.",
        }
    }
}
