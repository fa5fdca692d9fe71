use deskbell_desk::ToastAct;
#[cfg(any(windows, target_os = "macos", test))]
use deskbell_desk::ToastKey;

/// What the system knows a toast by, also after the app has started anew: at most 48 characters.
#[cfg(any(windows, target_os = "macos", test))]
pub(super) fn name_of(key: ToastKey) -> String {
    match key {
        ToastKey::Reservation(id) => format!("reservation:{id}"),
        ToastKey::Digest => "digest".into(),
        ToastKey::Test => "test".into(),
    }
}

/// The toast that the system knows by `name`.
#[cfg(any(target_os = "macos", test))]
pub(super) fn key_named(name: &str) -> Option<ToastKey> {
    match name {
        "digest" => Some(ToastKey::Digest),
        "test" => Some(ToastKey::Test),
        _ => {
            let id = name.strip_prefix("reservation:")?.parse().ok()?;
            Some(ToastKey::Reservation(id))
        }
    }
}

/// What a button does that the system knows by `name`; nothing, where `name` is the whole toast's.
pub(super) fn act_named(name: &str) -> Option<ToastAct> {
    [ToastAct::Confirm, ToastAct::Claim]
        .into_iter()
        .find(|act| act.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_is_found_by_its_name_and_the_name_fits_a_windows_tag() {
        let id = "018731a4-7c00-7000-8000-00000000002a".parse().unwrap();
        for key in [ToastKey::Reservation(id), ToastKey::Digest, ToastKey::Test] {
            assert_eq!(key_named(&name_of(key)), Some(key));
            assert!(name_of(key).len() <= 64);
        }
        for name in [
            "",
            "reservation:",
            "reservation:7",
            "018731a4-7c00-7000-8000-00000000002a",
        ] {
            assert_eq!(key_named(name), None, "{name}");
        }
    }

    #[test]
    fn a_button_is_found_by_its_name() {
        for act in [ToastAct::Confirm, ToastAct::Claim] {
            assert_eq!(act_named(act.as_str()), Some(act));
        }
        assert_eq!((act_named("default"), act_named("")), (None, None));
    }
}
