use crate::Language;
use crate::managed::PolicyKey;

impl Language {
    /// What is wrong in the administrator's policy, by the key's name, and what it should be.
    pub(crate) const fn policy_mistake(self, key: PolicyKey) -> &'static str {
        let (ko, en) = match key {
            PolicyKey::Servers => (
                "관리 정책의 servers가 잘못되어 적용하지 않았습니다. https:// 주소의 목록이어야 합니다. http:// 주소는 allow_plain_http를 켜야 쓸 수 있습니다. 전산 담당자에게 알려 주세요.",
                "The policy's servers are wrong and not followed: they must be a list of https:// addresses, or http:// with allow_plain_http. Please tell your IT staff.",
            ),
            PolicyKey::AllowPlainHttp => (
                "관리 정책의 allow_plain_http가 잘못되어 적용하지 않았습니다. 참 또는 거짓이어야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's allow_plain_http is wrong and not followed: it must be true or false. Please tell your IT staff.",
            ),
            PolicyKey::ToastDetailMax => (
                "관리 정책의 toast_detail_max가 잘못되어 적용하지 않았습니다. 0, 1, 2, 3 가운데 하나여야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's toast_detail_max is wrong and not followed: it must be 0, 1, 2 or 3. Please tell your IT staff.",
            ),
            PolicyKey::QuietHours => (
                "관리 정책의 quiet_hours가 잘못되어 적용하지 않았습니다. \"mon-fri 18:00-08:00\" 같은 시간의 목록이어야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's quiet_hours are wrong and not followed: they must be a list of times such as \"mon-fri 18:00-08:00\". Please tell your IT staff.",
            ),
            PolicyKey::Autostart => (
                "관리 정책의 autostart가 잘못되어 적용하지 않았습니다. 참 또는 거짓이어야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's autostart is wrong and not followed: it must be true or false. Please tell your IT staff.",
            ),
            PolicyKey::Proxy => (
                "관리 정책의 proxy가 잘못되어 적용하지 않았습니다. \"system\", \"none\", 또는 http://, https://, socks5h:// 주소여야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's proxy is wrong and not followed: it must be \"system\", \"none\", or an http://, https:// or socks5h:// address. Please tell your IT staff.",
            ),
            PolicyKey::CaFile => (
                "관리 정책의 ca_file이 잘못되어 적용하지 않았습니다. 파일의 절대 경로여야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's ca_file is wrong and not followed: it must be a file's absolute path. Please tell your IT staff.",
            ),
            PolicyKey::CredentialStore => (
                "관리 정책의 credential_store가 잘못되어 적용하지 않았습니다. 참 또는 거짓이어야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's credential_store is wrong and not followed: it must be true or false. Please tell your IT staff.",
            ),
            PolicyKey::EnrolmentKey => (
                "관리 정책의 enrolment_key가 잘못되어 적용하지 않았습니다. 글자로 된 키여야 합니다. 전산 담당자에게 알려 주세요.",
                "The policy's enrolment_key is wrong and not followed: it must be a key's text. Please tell your IT staff.",
            ),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
