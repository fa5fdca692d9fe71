use crate::Language;
use crate::doctor::{Outcome, Step};

impl Language {
    /// A step of the way to the server.
    pub(crate) const fn step(self, step: Step) -> &'static str {
        let (ko, en) = match step {
            Step::Settings => ("설정 파일", "Settings file"),
            Step::Server => ("서버 주소", "Server address"),
            Step::Name => ("서버 이름 찾기", "Finding the name"),
            Step::Connection => ("네트워크 연결", "Network connection"),
            Step::Tls => ("암호화와 인증서", "Encryption and certificate"),
            Step::Answer => ("서버 응답", "The server's answer"),
            Step::Socket => ("소켓 연결", "Socket"),
            Step::Admission => ("접속 허가", "Admission"),
            Step::Transport => ("연결 방식", "Connection kind"),
        };
        self.of(ko, en)
    }

    /// How a step went.
    pub(crate) const fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Ok => self.of("정상", "ok"),
            Outcome::Failed => self.of("실패", "FAILED"),
            Outcome::Skipped => self.of("생략", "skipped"),
        }
    }

    /// What all of it comes to.
    pub(crate) const fn conclusion(self, is_ok: bool) -> &'static str {
        if is_ok {
            self.of("이상이 없습니다.", "Nothing is wrong.")
        } else {
            self.of(
                "문제가 있습니다. 위의 [실패] 항목을 확인해 주세요.",
                "Something is wrong: please see what is marked FAILED above.",
            )
        }
    }

    /// An earlier step is in the way.
    pub(crate) const fn not_reached(self) -> &'static str {
        self.of(
            "앞 단계가 해결되어야 확인할 수 있습니다.",
            "Can be looked at once the step before is settled.",
        )
    }

    /// A server on this PC is spoken to in plain.
    pub(crate) const fn not_encrypted(self) -> &'static str {
        self.of(
            "이 PC 안의 서버라 암호화하지 않습니다.",
            "The server is on this PC: no encryption.",
        )
    }

    /// There is nobody to talk to.
    pub(crate) const fn not_paired(self, is_unreadable: bool) -> &'static str {
        if is_unreadable {
            self.of(
                "저장된 연결 정보를 읽을 수 없습니다. 폴더 권한을 확인해 주세요.",
                "The stored pairing cannot be read. Please check the folder's permissions.",
            )
        } else {
            self.of(
                "아직 병원에 연결되지 않았습니다. deskbell pair URL CODE로 연결하거나 설정 파일에 [source]를 적어 주세요.",
                "Not paired with a hospital yet. Pair by deskbell pair URL CODE, or write [source] into the settings file.",
            )
        }
    }

    const fn of(self, ko: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
