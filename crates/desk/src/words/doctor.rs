use crate::Language;
use crate::doctor::{AutostartProbe, Outcome, Step, Unasked};

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
            Step::Notifications => ("알림 표시", "Notifications"),
            Step::Tray => ("트레이 아이콘", "Tray icon"),
            Step::Autostart => ("자동 시작", "Start at login"),
            Step::Credentials => ("연결 정보 보관", "Where the pairing is kept"),
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

    /// Somebody could show toasts and does not.
    pub(crate) const fn toasts_held_back(self) -> &'static str {
        self.of(
            "알림이 꺼져 있거나 방해 금지 모드입니다. 시스템의 알림 설정에서 알림을 켜 주세요.",
            "Notifications are switched off, or do not disturb is on. Please allow them in the system's notification settings.",
        )
    }

    /// Nobody shows toasts.
    pub(crate) const fn toasts_shown_by_nobody(self) -> &'static str {
        self.of(
            "알림을 표시하는 프로그램이 없습니다. 데스크톱의 알림 서비스를 켜거나 설치해 주세요.",
            "No program shows notifications here. Please start or install the desktop's notification service.",
        )
    }

    /// There is no tray.
    pub(crate) const fn no_tray(self) -> &'static str {
        self.of(
            "이 데스크톱에는 트레이가 없습니다. GNOME에서는 AppIndicator 확장을 설치해 켜 주세요. 없어도 알림은 울립니다.",
            "This desktop has no tray. On GNOME, please install and enable the AppIndicator extension. Notifications ring without it too.",
        )
    }

    /// What was found of the start at login.
    pub(crate) const fn autostart_found(self, found: AutostartProbe) -> &'static str {
        let (ko, en) = match found {
            AutostartProbe::On => ("켜짐", "On"),
            AutostartProbe::Off => (
                "꺼짐. 트레이 메뉴나 설정에서 켤 수 있습니다.",
                "Off. It can be switched on in the tray's menu and in the settings.",
            ),
            AutostartProbe::SwitchedOff => (
                "시스템의 시작 프로그램 설정에서 꺼 두었습니다. 거기에서 켜거나 트레이 메뉴에서 다시 켜 주세요.",
                "It is switched off in the system's own list of startup apps. Please switch it on there or in the tray's menu.",
            ),
            AutostartProbe::Elsewhere => (
                "다른 위치의 프로그램이 시작되도록 되어 있습니다. Deskbell을 한 번 실행하면 고쳐집니다.",
                "Another copy of the program would be started. Starting Deskbell once puts this right.",
            ),
            AutostartProbe::Unreadable => (
                "자동 시작 항목을 읽을 수 없습니다. 폴더 권한과 프로그램의 위치를 확인해 주세요.",
                "The entry cannot be read. Please check the folder's permissions and where the program lies.",
            ),
            AutostartProbe::OwnHome => (
                "따로 지정한 폴더를 쓰는 데스크는 로그인할 때 시작하지 않습니다.",
                "A desk with a folder of its own does not start at login.",
            ),
        };
        self.of(ko, en)
    }

    /// Why something cannot be looked at.
    pub(crate) const fn unasked(self, why: Unasked) -> &'static str {
        match why {
            Unasked::NoSession => self.of(
                "데스크톱 세션이 없어 확인할 수 없습니다. 사용자가 로그인한 화면에서 실행해 주세요.",
                "Cannot be looked at without a desktop session. Please run it where the user is logged in.",
            ),
            Unasked::NoQuestion => self.of(
                "이 시스템에서는 확인할 수 없습니다. 시험 알림을 보내 보세요.",
                "This system cannot be asked. Please send a test notification.",
            ),
        }
    }

    /// The desk's secret is where the system keeps such.
    pub(crate) const fn kept_in_the_store(self) -> &'static str {
        self.of("시스템의 자격 증명 저장소", "In the system's credential store")
    }

    /// There is no secret of the desk's.
    pub(crate) const fn nothing_kept(self) -> &'static str {
        self.of("보관할 연결 정보가 없습니다.", "There is no pairing to keep.")
    }

    /// The desk's secret is in a file.
    pub(crate) const fn kept_in_a_file(self) -> &'static str {
        self.of(
            "이 사용자만 읽을 수 있는 파일",
            "In a file that only this user can read",
        )
    }

    const fn of(self, ko: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
