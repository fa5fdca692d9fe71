/// A language the app speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Korean, which the desks speak unless something says otherwise.
    #[default]
    Ko,
    /// English.
    En,
}

impl Language {
    /// The ISO 639-1 code, as in `settings.toml` and in the page's `lang`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// The language of a code of [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "ko" => Some(Self::Ko),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language of a system locale such as `en_US.UTF-8` or `ko-KR`; Korean where the locale names neither.
    #[must_use]
    pub fn of_locale(locale: Option<&str>) -> Self {
        locale
            .and_then(|locale| locale.split(['_', '-', '.', '@']).next())
            .and_then(|code| Self::from_code(&code.to_ascii_lowercase()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language_and_korean_is_the_default() {
        for (locale, language) in [
            (Some("ko_KR.UTF-8"), Language::Ko),
            (Some("ko-KR"), Language::Ko),
            (Some("en_US.UTF-8"), Language::En),
            (Some("EN"), Language::En),
            (Some("C.UTF-8"), Language::Ko),
            (Some("ja_JP"), Language::Ko),
            (Some(""), Language::Ko),
            (None, Language::Ko),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale:?}");
        }
    }

    #[test]
    fn codes_are_read_back() {
        for language in [Language::Ko, Language::En] {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
    }
}
