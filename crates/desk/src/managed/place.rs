use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Value};

use crate::disk;
use crate::managed::{PolicyKey, PolicyTable, PolicyUnreadable, PolicyValue};

/// Where the administrator's decisions are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyPlace {
    /// Where administrators of this platform write: `/etc/deskbell/policy.toml`,
    /// `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Deskbell`, or the managed preferences of `app.deskbell.desk`.
    System,
    /// A file like `/etc/deskbell/policy.toml`.
    File(PathBuf),
}

impl PolicyPlace {
    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::System => platform::FILE.map(Path::new),
            Self::File(path) => Some(path),
        }
    }

    /// What stands there; nothing where there is no such place.
    pub(crate) fn read(&self) -> Result<PolicyTable, PolicyUnreadable> {
        match self.file() {
            Some(path) => read_file(path),
            None => platform::read(),
        }
    }
}

fn read_file(path: &Path) -> Result<PolicyTable, PolicyUnreadable> {
    let text = disk::read(path).map_err(|error| {
        tracing::error!(%error, "the policy cannot be read");
        PolicyUnreadable
    })?;
    // Not the error's own words, which quote the line: a secret may stand in it.
    let document: DocumentMut = text.unwrap_or_default().parse().map_err(|_| {
        tracing::error!("the policy is no TOML");
        PolicyUnreadable
    })?;
    let value = |key: PolicyKey| Some((key, document.get(key.in_file()).map(value)?));
    Ok(PolicyKey::ALL.into_iter().filter_map(value).collect())
}

fn value(item: &Item) -> PolicyValue {
    match item.as_value() {
        Some(Value::Boolean(is)) => PolicyValue::Flag(*is.value()),
        Some(Value::Integer(number)) => PolicyValue::Number(*number.value()),
        Some(Value::String(text)) => PolicyValue::Text(text.value().clone()),
        Some(Value::Array(texts)) => {
            let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
            texts
                .collect::<Option<_>>()
                .map_or(PolicyValue::Other, PolicyValue::List)
        }
        Some(_) | None => PolicyValue::Other,
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use crate::managed::{PolicyTable, PolicyUnreadable};

    pub(super) const FILE: Option<&str> = Some("/etc/deskbell/policy.toml");

    pub(super) fn read() -> Result<PolicyTable, PolicyUnreadable> {
        Ok(PolicyTable::new())
    }
}

#[cfg(windows)]
mod platform {
    use windows_registry::{Key, LOCAL_MACHINE, Type};

    use crate::managed::{PolicyKey, PolicyTable, PolicyUnreadable, PolicyValue};

    pub(super) const FILE: Option<&str> = None;

    const POLICY: &str = "SOFTWARE\\Policies\\Deskbell";

    /// `ERROR_FILE_NOT_FOUND` as an HRESULT.
    const NOT_THERE: i32 = 0x8007_0002_u32.cast_signed();

    pub(super) fn read() -> Result<PolicyTable, PolicyUnreadable> {
        let key = match LOCAL_MACHINE.open(POLICY) {
            Ok(key) => key,
            Err(error) if error.code().0 == NOT_THERE => return Ok(PolicyTable::new()),
            Err(error) => {
                tracing::error!(%error, "the policy cannot be read");
                return Err(PolicyUnreadable);
            }
        };
        Ok(PolicyKey::ALL
            .into_iter()
            .filter_map(|name| Some((name, value(&key, name.in_registry())?)))
            .collect())
    }

    fn value(key: &Key, name: &str) -> Option<PolicyValue> {
        let value = match key.get_type(name) {
            Ok(Type::U32) => key.get_u32(name).map(|number| PolicyValue::Number(number.into())),
            Ok(Type::String | Type::ExpandString) => key.get_string(name).map(PolicyValue::Text),
            Ok(Type::MultiString) => key.get_multi_string(name).map(|mut texts| {
                // A list ends with an empty text.
                texts.retain(|text| !text.is_empty());
                PolicyValue::List(texts)
            }),
            Ok(_) => Ok(PolicyValue::Other),
            Err(_) => return None,
        };
        Some(value.unwrap_or(PolicyValue::Other))
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use core_foundation::array::CFArray;
    use core_foundation::base::{CFType, TCFType};
    use core_foundation::boolean::CFBoolean;
    use core_foundation::number::CFNumber;
    use core_foundation::propertylist::CFPropertyList;
    use core_foundation::string::CFString;
    use core_foundation_sys::preferences::{CFPreferencesAppValueIsForced, CFPreferencesCopyAppValue};

    use crate::managed::{PolicyKey, PolicyTable, PolicyUnreadable, PolicyValue};

    pub(super) const FILE: Option<&str> = None;

    /// The bundle's identifier (tauri.conf.json).
    const DOMAIN: &str = "app.deskbell.desk";

    pub(super) fn read() -> Result<PolicyTable, PolicyUnreadable> {
        Ok(PolicyKey::ALL
            .into_iter()
            .filter_map(|key| Some((key, value(key.in_registry())?)))
            .collect())
    }

    /// What a profile forces; what the user has written with `defaults` is no policy.
    #[expect(unsafe_code, reason = "preferences are read by C functions")]
    fn value(name: &str) -> Option<PolicyValue> {
        let (name, domain) = (CFString::new(name), CFString::new(DOMAIN));
        let (name, domain) = (name.as_concrete_TypeRef(), domain.as_concrete_TypeRef());
        // SAFETY: both are strings that live until the end of this function.
        if unsafe { CFPreferencesAppValueIsForced(name, domain) } == 0 {
            return None;
        }
        // SAFETY: as above.
        let value = unsafe { CFPreferencesCopyAppValue(name, domain) };
        if value.is_null() {
            return None;
        }
        // SAFETY: it is a property list, not null, and ours to release ("Copy").
        let value = unsafe { CFPropertyList::wrap_under_create_rule(value) }.into_CFType();
        Some(read_value(&value))
    }

    fn read_value(value: &CFType) -> PolicyValue {
        if let Some(is) = value.downcast::<CFBoolean>() {
            return PolicyValue::Flag(is.into());
        }
        if let Some(number) = value.downcast::<CFNumber>() {
            return number.to_i64().map_or(PolicyValue::Other, PolicyValue::Number);
        }
        if let Some(text) = value.downcast::<CFString>() {
            return PolicyValue::Text(text.to_string());
        }
        value
            .downcast::<CFArray>()
            .and_then(|texts| texts.get_all_values().into_iter().map(text).collect())
            .map_or(PolicyValue::Other, PolicyValue::List)
    }

    #[expect(unsafe_code, reason = "an array of preferences holds untyped pointers")]
    fn text(item: *const std::ffi::c_void) -> Option<String> {
        // SAFETY: the items of a property list's array are objects, and the array that owns them is borrowed by the caller.
        let item = unsafe { CFType::wrap_under_get_rule(item) };
        item.downcast::<CFString>().map(|text| text.to_string())
    }
}
