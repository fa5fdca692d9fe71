use crate::Language;
use crate::settings::Mistake;

impl Language {
    /// What is wrong in the settings file, by the setting's name, and what it should be.
    pub(crate) const fn mistake(self, mistake: Mistake) -> &'static str {
        let (ko, en) = match mistake {
            Mistake::Syntax => (
                "설정 파일(settings.toml)의 형식이 잘못되어 읽을 수 없습니다. 전산 담당자에게 고쳐 달라고 하세요. 파일은 그대로 두었습니다.",
                "The settings file (settings.toml) is not valid TOML. Please ask your IT staff to correct it. The file is left as it is.",
            ),
            Mistake::Encoding => (
                "설정 파일(settings.toml)이 UTF-8로 저장되지 않아 읽을 수 없습니다. 전산 담당자에게 UTF-8로 다시 저장해 달라고 하세요.",
                "The settings file (settings.toml) is not saved as UTF-8. Please ask your IT staff to save it as UTF-8.",
            ),
            Mistake::Unreadable => (
                "설정 파일(settings.toml)을 읽을 수 없습니다. 전산 담당자에게 디스크와 폴더 권한을 확인해 달라고 하세요.",
                "The settings file (settings.toml) cannot be read. Please ask your IT staff to check the disk and the folder's permissions.",
            ),
            Mistake::Servers => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. servers는 주소의 목록이어야 합니다. https:// 주소, 또는 이 PC 안의 http:// 주소만 쓸 수 있습니다.",
                "Please ask your IT staff to correct the settings file: servers must be a list of addresses: https://, or http:// on this PC.",
            ),
            Mistake::Language => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. language는 \"ko\" 또는 \"en\"이어야 합니다.",
                "Please ask your IT staff to correct the settings file: language must be \"ko\" or \"en\".",
            ),
            Mistake::ToastDetail => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. toast_detail은 0, 1, 2, 3 가운데 하나여야 합니다.",
                "Please ask your IT staff to correct the settings file: toast_detail must be 0, 1, 2 or 3.",
            ),
            Mistake::Staff => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. [staff]의 name은 1~40자, on은 \"2026-11-24\" 같은 날짜, keep은 true 또는 false여야 합니다.",
                "Please ask your IT staff to correct the settings file: in [staff], name must have 1 to 40 characters, on be a date such as \"2026-11-24\", keep be true or false.",
            ),
            Mistake::Credentials => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. credentials는 \"store\" 또는 \"file\"이어야 합니다.",
                "Please ask your IT staff to correct the settings file: credentials must be \"store\" or \"file\".",
            ),
            Mistake::Notifications => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. notifications는 테이블이어야 합니다.",
                "Please ask your IT staff to correct the settings file: notifications must be a table.",
            ),
            Mistake::Sound => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. notifications.sound는 \"bell\", \"chime\", \"knock\", \"off\" 가운데 하나여야 합니다.",
                "Please ask your IT staff to correct the settings file: notifications.sound must be \"bell\", \"chime\", \"knock\" or \"off\".",
            ),
            Mistake::Volume => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. notifications.volume은 0부터 100까지의 정수여야 합니다.",
                "Please ask your IT staff to correct the settings file: notifications.volume must be a whole number from 0 to 100.",
            ),
            Mistake::Repeats => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. notifications.repeats는 true 또는 false여야 합니다.",
                "Please ask your IT staff to correct the settings file: notifications.repeats must be true or false.",
            ),
            Mistake::Quiet => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. notifications.quiet는 요일과 시간의 목록이어야 합니다. 예: quiet = [\"mon-fri 18:00-08:00\", \"sun\"]",
                "Please ask your IT staff to correct the settings file: notifications.quiet must be a list of days and times. Example: quiet = [\"mon-fri 18:00-08:00\", \"sun\"]",
            ),
            Mistake::Theme => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. theme는 \"system\", \"light\", \"dark\", \"contrast\" 가운데 하나여야 합니다.",
                "Please ask your IT staff to correct the settings file: theme must be \"system\", \"light\", \"dark\" or \"contrast\".",
            ),
            Mistake::LetterKeys => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. letter_keys는 true 또는 false여야 합니다.",
                "Please ask your IT staff to correct the settings file: letter_keys must be true or false.",
            ),
            Mistake::SourceKind => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.kind는 \"gateway\" 또는 \"socketio\"여야 합니다.",
                "Please ask your IT staff to correct the settings file: source.kind must be \"gateway\" or \"socketio\".",
            ),
            Mistake::SourceUrl => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.url이 없거나 주소가 아닙니다. 예: url = \"https://booking.example.kr\"",
                "Please ask your IT staff to correct the settings file: source.url is missing or no address. Example: url = \"https://booking.example.kr\"",
            ),
            Mistake::SourcePlainHttp => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.url은 https://로 시작해야 합니다. 암호화되지 않은 http://는 이 PC 안의 서버에만 쓸 수 있습니다.",
                "Please ask your IT staff to correct the settings file: source.url must begin with https://. Unencrypted http:// is only allowed for a server on this PC.",
            ),
            Mistake::SourceNamespace => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.namespace는 \"/\"로 시작하는 이름이어야 하며 쉼표와 물음표를 쓸 수 없습니다.",
                "Please ask your IT staff to correct the settings file: source.namespace must be a name that begins with \"/\", without commas and question marks.",
            ),
            Mistake::SourceEvent => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.event는 이벤트 이름이어야 합니다. 예: event = \"reservation\"",
                "Please ask your IT staff to correct the settings file: source.event must be an event's name. Example: event = \"reservation\"",
            ),
            Mistake::SourceTimezone => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.timezone이 없거나 알 수 없는 시간대입니다. 예: timezone = \"Asia/Seoul\"",
                "Please ask your IT staff to correct the settings file: source.timezone is missing or unknown. Example: timezone = \"Asia/Seoul\"",
            ),
            Mistake::SourceAuth => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.auth는 테이블이어야 합니다. 예: auth = { token = \"…\" }",
                "Please ask your IT staff to correct the settings file: source.auth must be a table. Example: auth = { token = \"…\" }",
            ),
            Mistake::SourceJoin => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. source.join은 event와 payload가 있는 테이블이어야 합니다. 예: join = { event = \"join\", payload = \"…\" }",
                "Please ask your IT staff to correct the settings file: source.join must be a table of event and payload. Example: join = { event = \"join\", payload = \"…\" }",
            ),
            Mistake::Proxy => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. network.proxy는 \"system\", \"none\", 또는 http://, https://, socks5h:// 주소여야 합니다.",
                "Please ask your IT staff to correct the settings file: network.proxy must be \"system\", \"none\", or an http://, https:// or socks5h:// address.",
            ),
            Mistake::CaFile => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. network.ca_file은 파일 경로여야 합니다.",
                "Please ask your IT staff to correct the settings file: network.ca_file must be a file's path.",
            ),
            Mistake::CaUnreadable => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. network.ca_file이 가리키는 인증서 파일을 읽을 수 없습니다. 경로와 권한을 확인해 주세요.",
                "Please ask your IT staff to correct the settings file: the file that network.ca_file names cannot be read. Please check its path and permissions.",
            ),
            Mistake::CaNotPem => (
                "전산 담당자에게 설정 파일을 고쳐 달라고 하세요. network.ca_file이 가리키는 파일에 PEM 인증서가 없습니다.",
                "Please ask your IT staff to correct the settings file: the file that network.ca_file names holds no PEM certificate.",
            ),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
