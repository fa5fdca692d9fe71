use crate::Language;
use crate::warning::Warning;

impl Language {
    /// What is wrong on this PC, and what to do.
    pub(crate) const fn warning(self, warning: Warning) -> &'static str {
        match (warning, self) {
            (Warning::ToastsFail, Self::Ko) => {
                "알림을 표시하지 못했습니다. 시스템의 알림 설정을 확인해 주세요. 잠시 후 다시 표시합니다."
            }
            (Warning::ToastsFail, Self::En) => {
                "A notification could not be shown. Please check the system's notification settings. It will be tried again."
            }
            (Warning::ToastsShut, Self::Ko) => {
                "이 PC에 알림을 표시할 수 없습니다. 시스템의 알림 설정을 확인한 뒤 시험 알림을 다시 보내 보세요. 새 예약을 놓칠 수 있습니다."
            }
            (Warning::ToastsShut, Self::En) => {
                "Notifications cannot be shown on this PC: new bookings may be missed. Please check the system's notification settings, then send another test."
            }
            (Warning::ListsFail, Self::Ko) => {
                "예약 목록을 가져오지 못했습니다. 자동으로 다시 시도하고 있습니다."
            }
            (Warning::ListsFail, Self::En) => {
                "The list of bookings could not be fetched. It is being tried again."
            }
            (Warning::PolicyUnreadable, Self::Ko) => {
                "관리 정책을 읽을 수 없어 적용하지 못했습니다. 전산 담당자에게 정책의 형식과 권한을 확인해 달라고 하세요."
            }
            (Warning::PolicyUnreadable, Self::En) => {
                "The administrator's policy cannot be read and is not followed. Please ask your IT staff to check its form and permissions."
            }
            (Warning::PolicyWrong(key), _) => self.policy_mistake(key),
            (Warning::SettingsBroken(mistake), _) => self.mistake(mistake),
            (Warning::SettingsOpen, Self::Ko) => {
                "설정 파일(settings.toml)에 접속 비밀이 있는데 이 PC의 다른 사용자도 읽을 수 있습니다. 전산 담당자에게 파일 권한을 본인만 읽기(0600)로 바꿔 달라고 하세요."
            }
            (Warning::SettingsOpen, Self::En) => {
                "The settings file (settings.toml) holds a secret and other users of this PC can read it. Please ask your IT staff to let only you read it (0600)."
            }
            (Warning::SettingsNotSaved, Self::Ko) => {
                "설정을 저장하지 못했습니다. 디스크와 폴더 권한을 확인해 주세요."
            }
            (Warning::SettingsNotSaved, Self::En) => {
                "The setting could not be saved. Please check the disk and the folder's permissions."
            }
            (Warning::LedgerBroken, Self::Ko) => {
                "알림 기록 파일이 손상되어 따로 보관했습니다. 서버의 기록으로 이어서 알립니다."
            }
            (Warning::LedgerBroken, Self::En) => {
                "The record of past notifications was damaged and has been kept aside. The server's record takes its place."
            }
            (Warning::LedgerNotSaved, Self::Ko) => {
                "알림 기록을 저장하지 못했습니다. 디스크를 확인해 주세요. 다시 시작하면 같은 알림이 또 울릴 수 있습니다."
            }
            (Warning::LedgerNotSaved, Self::En) => {
                "The record of notifications could not be saved. Please check the disk. After a restart some may ring again."
            }
            (Warning::TokenUnusable, Self::Ko) => {
                "저장된 연결 정보를 읽거나 바꿀 수 없습니다. 폴더 권한을 확인해 주세요."
            }
            (Warning::TokenUnusable, Self::En) => {
                "The stored pairing cannot be read or changed. Please check the folder's permissions."
            }
            (Warning::AutostartFailed, Self::Ko) => "로그인할 때 시작하는 설정을 바꾸지 못했습니다.",
            (Warning::AutostartFailed, Self::En) => "Starting at login could not be changed.",
            (Warning::FoldersUnwatched, Self::Ko) => {
                "설정 폴더의 변경을 감지할 수 없습니다. 설정 파일을 고치면 프로그램을 다시 시작해 주세요."
            }
            (Warning::FoldersUnwatched, Self::En) => {
                "Changes in the settings folder go unnoticed. Please restart the app after changing the file."
            }
            (Warning::ZoneUnknown, Self::Ko) => {
                "병원의 시간대를 이 PC에서 알 수 없어 PC의 시간대를 사용합니다."
            }
            (Warning::ZoneUnknown, Self::En) => {
                "The hospital's time zone is unknown on this PC; the PC's own is used."
            }
            (Warning::KeyNotKept, Self::Ko) => {
                "예약을 알아보는 데 쓰는 키 파일을 저장하지 못했습니다. 디스크와 폴더 권한을 확인해 주세요. 다시 시작하면 같은 예약이 또 울릴 수 있습니다."
            }
            (Warning::KeyNotKept, Self::En) => {
                "The key by which bookings are recognised could not be kept. Please check the disk and the folder's permissions. After a restart some may ring again."
            }
            (Warning::NoTray, Self::Ko) => {
                "이 데스크톱에는 트레이가 없어 창을 대신 열었습니다. 창을 닫아도 알림은 울리고, Deskbell을 다시 실행하면 창이 열립니다. GNOME에서는 AppIndicator 확장을 켜 주세요."
            }
            (Warning::NoTray, Self::En) => {
                "This desktop has no tray, so the window was opened instead. Notifications ring with the window closed too; starting Deskbell again opens it. On GNOME, please enable the AppIndicator extension."
            }
            (Warning::PartFailed, Self::Ko) => {
                "프로그램의 일부가 오류로 멈춰 다시 시작했습니다. 반복되면 전산 담당자에게 알려 주세요."
            }
            (Warning::PartFailed, Self::En) => {
                "A part of the app failed and was started again. If this repeats, please tell your IT staff."
            }
        }
    }
}
