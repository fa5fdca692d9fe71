use crate::{ErrorCode, Language};

impl Language {
    /// What went wrong and what to do.
    #[must_use]
    pub const fn error(self, code: ErrorCode) -> &'static str {
        match (code, self) {
            (ErrorCode::NotAnAddress, Self::Ko) => {
                "서버 주소가 올바르지 않습니다. 예: https://deskbell.example.kr"
            }
            (ErrorCode::NotAnAddress, Self::En) => {
                "This is not a server address. Example: https://deskbell.example.kr"
            }
            (ErrorCode::PlainHttp, Self::Ko) => {
                "암호화되지 않은 주소(http://)는 이 PC 안의 서버에만 쓸 수 있습니다. https:// 주소를 입력해 주세요."
            }
            (ErrorCode::PlainHttp, Self::En) => {
                "An unencrypted address (http://) is only allowed for a server on this PC. Please enter an https:// address."
            }
            (ErrorCode::Unreachable, Self::Ko) => {
                "서버에 연결할 수 없습니다. 주소와 네트워크를 확인해 주세요."
            }
            (ErrorCode::Unreachable, Self::En) => {
                "The server cannot be reached. Please check the address and the network."
            }
            (ErrorCode::NotDeskbell, Self::Ko) => {
                "이 주소에는 Deskbell 서버가 없습니다. 주소를 확인해 주세요."
            }
            (ErrorCode::NotDeskbell, Self::En) => {
                "There is no Deskbell server at this address. Please check it."
            }
            (ErrorCode::CodeRefused, Self::Ko) => {
                "연결 코드가 틀렸거나 만료되었습니다. 전산 담당자에게 새 코드를 받아 주세요."
            }
            (ErrorCode::CodeRefused, Self::En) => {
                "The pairing code is wrong or has expired. Please ask your IT staff for a new one."
            }
            (ErrorCode::TooManyTries, Self::Ko) => "시도가 너무 많았습니다. 잠시 후 다시 시도해 주세요.",
            (ErrorCode::TooManyTries, Self::En) => "Too many attempts. Please try again in a while.",
            (ErrorCode::ServerFailed, Self::Ko) => "서버에 문제가 있습니다. 잠시 후 다시 시도해 주세요.",
            (ErrorCode::ServerFailed, Self::En) => "The server has a problem. Please try again in a while.",
            (ErrorCode::NotSaved, Self::Ko) => {
                "연결 정보를 이 PC에 저장하지 못했습니다. 디스크와 폴더 권한을 확인한 뒤 새 코드로 다시 연결해 주세요."
            }
            (ErrorCode::NotSaved, Self::En) => {
                "The pairing could not be saved on this PC. Please check the disk and the folder's permissions, then pair again with a new code."
            }
            (ErrorCode::SettingsBroken, Self::Ko) => {
                "설정 파일(settings.toml)을 읽을 수 없습니다. 파일을 고치거나 지운 뒤 다시 시도해 주세요."
            }
            (ErrorCode::SettingsBroken, Self::En) => {
                "The settings file (settings.toml) cannot be read. Please correct or remove it, then try again."
            }
            (ErrorCode::AnotherSource, Self::Ko) => {
                "이 PC는 설정 파일의 [source]에 적힌 서버에서 예약을 받고 있어 연결 코드를 쓰지 않았습니다. Deskbell 서버로 바꾸려면 설정 파일에서 [source]를 지운 뒤 다시 시도해 주세요."
            }
            (ErrorCode::AnotherSource, Self::En) => {
                "This PC takes its bookings from the server in [source] of the settings file; the code has not been used. To change to a Deskbell server, remove [source] there and try again."
            }
            (ErrorCode::Conflict, Self::Ko) => {
                "다른 데스크에서 먼저 처리했거나 그 사이에 예약이 바뀌었습니다."
            }
            (ErrorCode::Conflict, Self::En) => {
                "Somebody else was first, or the booking has changed meanwhile."
            }
            (ErrorCode::NotReached, Self::Ko) => {
                "서버에 연결할 수 없어 처리하지 못했습니다. 바뀐 것은 없습니다. 연결을 확인한 뒤 다시 시도해 주세요."
            }
            (ErrorCode::NotReached, Self::En) => {
                "The server could not be reached: nothing was changed. Please check the connection and try again."
            }
            (ErrorCode::Unanswered, Self::Ko) => {
                "서버의 응답을 받지 못해 처리되었는지 알 수 없습니다. 목록에서 상태를 확인한 뒤 필요하면 다시 시도해 주세요."
            }
            (ErrorCode::Unanswered, Self::En) => {
                "The server did not answer, so it is not known whether this was done. Please look at the list, then try again if needed."
            }
            (ErrorCode::SignedOut, Self::Ko) => {
                "이 데스크의 연결이 해제되어 처리하지 못했습니다. 전산 담당자에게 새 연결 코드를 받아 주세요."
            }
            (ErrorCode::SignedOut, Self::En) => {
                "This desk has been signed out; nothing was done. Please ask your IT staff for a new pairing code."
            }
            (ErrorCode::NotFound, Self::Ko) => "이 예약을 찾을 수 없습니다.",
            (ErrorCode::NotFound, Self::En) => "This booking cannot be found.",
            (ErrorCode::NotTaken, Self::Ko) => "이 예약은 그 상태로 바꿀 수 없습니다.",
            (ErrorCode::NotTaken, Self::En) => "This booking cannot be given that status.",
            (ErrorCode::NoHandling, Self::Ko) => {
                "이 예약 서버에서는 처리 상태를 바꿀 수 없습니다. 예약 시스템에서 처리해 주세요."
            }
            (ErrorCode::NoHandling, Self::En) => {
                "This booking server keeps no status. Please use the booking system itself."
            }
            (ErrorCode::ReasonRefused, Self::Ko) => {
                "사유를 1~200자로 적어 주세요. 주민등록번호는 적을 수 없습니다."
            }
            (ErrorCode::ReasonRefused, Self::En) => {
                "Please give a reason of 1 to 200 characters, without a resident registration number."
            }
            (ErrorCode::Managed, Self::Ko) => {
                "병원 전산 담당자가 이 PC에 정해 둔 설정이라 바꿀 수 없습니다. 필요하면 전산 담당자에게 문의해 주세요."
            }
            (ErrorCode::Managed, Self::En) => {
                "Your IT staff has decided this for this PC; it cannot be changed here. Please ask them if it has to be."
            }
            (ErrorCode::NotASource, Self::Ko) => {
                "네임스페이스, 이벤트, 시간대 가운데 잘못된 것이 있습니다. 확인해 주세요."
            }
            (ErrorCode::NotASource, Self::En) => "Namespace, event or time zone is wrong. Please check them.",
            (ErrorCode::NotAuth, Self::Ko) => {
                "인증 정보(auth)는 JSON 객체여야 하고 null은 쓸 수 없습니다. 예: {\"token\": \"…\"}"
            }
            (ErrorCode::NotAuth, Self::En) => {
                "The auth must be a JSON object, without null. Example: {\"token\": \"…\"}"
            }
            (ErrorCode::NotAJoin, Self::Ko) => {
                "방 참가에 보낼 값은 참가 이벤트와 함께 적어 주세요. 방 이름이나 JSON을 쓸 수 있고 null은 쓸 수 없습니다."
            }
            (ErrorCode::NotAJoin, Self::En) => {
                "The join value needs a join event. It may be a room’s name or JSON, without null."
            }
            (ErrorCode::FileNotWritten, Self::Ko) => {
                "파일을 저장하지 못했습니다. 다른 폴더를 골라 다시 시도해 주세요."
            }
            (ErrorCode::FileNotWritten, Self::En) => {
                "The file could not be saved. Please choose another folder and try again."
            }
            (ErrorCode::Internal, Self::Ko) => {
                "프로그램 내부 오류로 처리하지 못했습니다. 다시 시도해 주세요."
            }
            (ErrorCode::Internal, Self::En) => "The app failed inside. Please try again.",
        }
    }
}
