use deskbell_socketio::client::CertificateFault;

use crate::update::{LinkFault, Refusal};
use crate::{Language, Transport};

impl Language {
    /// What is wrong with the link, and what to do about it.
    pub(crate) const fn link_fault(self, fault: LinkFault) -> &'static str {
        let (ko, en) = match fault {
            LinkFault::NameNotFound => (
                "서버 이름을 찾을 수 없습니다. 인터넷 연결을 확인하고, 계속되면 전산 담당자에게 서버 주소를 확인해 달라고 하세요.",
                "The server's name cannot be found. Please check the internet connection; if this goes on, ask your IT staff to check the server's address.",
            ),
            LinkFault::Unreachable => (
                "서버에 연결할 수 없습니다. 네트워크를 확인해 주세요.",
                "The server cannot be reached. Please check the network.",
            ),
            LinkFault::ProxyAway => (
                "프록시 서버에 연결할 수 없습니다. 전산 담당자에게 프록시 설정을 확인해 달라고 하세요.",
                "The proxy cannot be reached. Please ask your IT staff to check the proxy settings.",
            ),
            LinkFault::ProxyLogin => (
                "프록시 서버가 사용자 이름과 암호를 요구하거나 지금 것을 받아 주지 않습니다. 전산 담당자에게 알려 주세요.",
                "The proxy asks for a user name and password, or does not take the ones it has. Please tell your IT staff.",
            ),
            LinkFault::ProxyRefuses => (
                "프록시 서버가 예약 서버에 연결해 주지 않습니다. 프록시가 막고 있거나 예약 서버가 꺼져 있을 수 있습니다. 전산 담당자에게 알려 주세요.",
                "The proxy does not connect to the server: it may block it, or the server may be down. Please tell your IT staff.",
            ),
            LinkFault::Certificate(CertificateFault::Expired) => (
                "서버 인증서의 유효 기간이 지났습니다. 이 PC의 날짜와 시간이 맞는지 확인하고, 맞다면 전산 담당자에게 인증서 갱신을 요청해 주세요.",
                "The server's certificate has expired. Please check this PC's date and time; if they are right, ask your IT staff to renew the certificate.",
            ),
            LinkFault::Certificate(CertificateFault::NotYetValid) => (
                "서버 인증서의 유효 기간이 아직 시작되지 않았습니다. 이 PC의 날짜와 시간을 확인해 주세요.",
                "The server's certificate is not valid yet. Please check this PC's date and time.",
            ),
            LinkFault::Certificate(CertificateFault::WrongHost) => (
                "서버 인증서가 다른 주소의 것입니다. 전산 담당자에게 서버 주소와 인증서를 확인해 달라고 하세요.",
                "The server's certificate belongs to another address. Please ask your IT staff to check the server's address and certificate.",
            ),
            LinkFault::Certificate(CertificateFault::UnknownIssuer) => (
                "서버 인증서를 발급한 기관을 이 PC가 알지 못합니다. 전산 담당자에게 병원의 CA 인증서 파일을 설정해 달라고 하세요.",
                "This PC does not know who issued the server's certificate. Please ask your IT staff to set the hospital's CA file.",
            ),
            LinkFault::Certificate(CertificateFault::Revoked) => (
                "서버 인증서가 폐기되었습니다. 안전하지 않으므로 연결하지 않습니다. 전산 담당자에게 알려 주세요.",
                "The server's certificate has been revoked. It is not safe to connect. Please tell your IT staff.",
            ),
            LinkFault::Certificate(CertificateFault::Other) => (
                "서버 인증서를 확인할 수 없습니다. 전산 담당자에게 알려 주세요.",
                "The server's certificate cannot be verified. Please tell your IT staff.",
            ),
            LinkFault::Tls => (
                "서버와 암호화된 연결을 만들 수 없습니다. 전산 담당자에게 서버의 HTTPS 설정을 확인해 달라고 하세요.",
                "No encrypted connection to the server can be made. Please ask your IT staff to check the server's HTTPS settings.",
            ),
            LinkFault::LoginPage => (
                "이 네트워크가 먼저 로그인을 요구합니다. 웹 브라우저를 열어 로그인해 주세요.",
                "This network asks for a login first. Please open a web browser and log in.",
            ),
            LinkFault::WebPage => (
                "서버 대신 웹 페이지가 응답했습니다. 네트워크의 차단 화면이거나 서버 주소가 잘못되었을 수 있습니다. 전산 담당자에게 프록시와 주소를 확인해 달라고 하세요.",
                "A web page answered in the server's place: a blocking page of the network, or a wrong address. Please ask your IT staff to check proxy and address.",
            ),
            LinkFault::OtherProgram => (
                "이 주소의 서버는 예약 알림을 보내는 서버가 아닌 것 같습니다. 전산 담당자에게 주소와 프록시를 확인해 달라고 하세요.",
                "The server at this address does not seem to be the one that sends bookings. Please ask your IT staff to check address and proxy.",
            ),
            LinkFault::Rejected => (
                "서버가 이 연결 방식을 받아 주지 않습니다. 전산 담당자에게 서버 설정과 버전을 확인해 달라고 하세요.",
                "The server does not accept this kind of connection. Please ask your IT staff to check its settings and version.",
            ),
            LinkFault::Busy => (
                "서버가 바쁘거나 점검 중입니다. 잠시 기다려 주세요.",
                "The server is busy or under maintenance. Please wait a moment.",
            ),
            LinkFault::Silent => (
                "서버가 응답하지 않습니다. 네트워크를 확인해 주세요.",
                "The server does not answer. Please check the network.",
            ),
            LinkFault::Cut => (
                "서버와의 연결이 끊겼습니다. 네트워크를 확인해 주세요.",
                "The connection to the server broke. Please check the network.",
            ),
            LinkFault::PutOut => (
                "서버가 연결을 끊었습니다. 계속되면 전산 담당자에게 알려 주세요.",
                "The server ended the connection. If this goes on, please tell your IT staff.",
            ),
            LinkFault::Stopping => (
                "서버가 잠시 멈췄습니다. 곧 다시 연결합니다.",
                "The server is pausing. The connection will be back in a moment.",
            ),
            LinkFault::Internal => (
                "프로그램 내부 오류로 연결하지 못했습니다. 계속되면 전산 담당자에게 알려 주세요.",
                "The app failed inside and has no connection. If this goes on, please tell your IT staff.",
            ),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }

    /// Why there will be no link until a person does something, and what that is.
    pub(crate) const fn refusal(self, refusal: Refusal) -> &'static str {
        let (ko, en) = match refusal {
            Refusal::SignedOut => (
                "이 데스크의 연결이 해제되었습니다. 전산 담당자에게 새 연결 코드를 받아 다시 연결해 주세요.",
                "This desk has been signed out. Please ask your IT staff for a new pairing code and pair it again.",
            ),
            Refusal::UpgradeRequired => (
                "서버가 새 버전의 Deskbell을 요구합니다. 프로그램을 업데이트해 주세요.",
                "The server asks for a newer version of Deskbell. Please update the app.",
            ),
            Refusal::AuthRefused => (
                "서버가 이 PC의 접속을 거부했습니다. 전산 담당자에게 설정 파일의 source.auth와 source.namespace를 확인해 달라고 하세요. 5분마다 다시 시도합니다.",
                "The server refuses this PC. Please ask your IT staff to check source.auth and source.namespace in the settings file. It is tried again every 5 minutes.",
            ),
            Refusal::StoreShut => (
                "연결 정보가 들어 있는 암호 저장소(키링)가 잠겨 있거나 응답하지 않습니다. 잠금을 풀어 주세요. 5분마다, 그리고 창을 열 때 다시 시도합니다.",
                "The keyring that holds this desk's pairing is locked or does not answer. Please unlock it. It is tried again every 5 minutes and when this window is opened.",
            ),
            Refusal::EnrolmentRefused => (
                "이 PC를 자동으로 연결하지 못했습니다. 전산 담당자에게 관리 정책의 등록 키와 그 기한, 대수를 확인해 달라고 하세요. 30분마다 다시 시도합니다.",
                "This PC could not be paired by itself. Please ask your IT staff to check the policy's enrolment key, its last day and its count. It is tried again every 30 minutes.",
            ),
            Refusal::Unknown => (
                "서버가 이 데스크의 연결을 거부했습니다. 전산 담당자에게 문의해 주세요.",
                "The server refused this desk. Please ask your IT staff.",
            ),
            Refusal::Setting(mistake) => return self.mistake(mistake),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }

    /// How events travel.
    pub(crate) const fn transport(self, transport: Transport) -> &'static str {
        match (transport, self) {
            (Transport::WebSocket, _) => "WebSocket",
            (Transport::Polling, Self::Ko) => "HTTP 폴링",
            (Transport::Polling, Self::En) => "HTTP polling",
        }
    }
}
