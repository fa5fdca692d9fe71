//! Linux: a desktop entry in `$XDG_CONFIG_HOME/autostart` (freedesktop Desktop Application Autostart Specification).
#![cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "its text is tested on every Unix")
)]

use std::io;
use std::path::{Path, PathBuf};

use super::{Entry, HIDDEN, file, unfit};

pub(super) fn entry(program: &Path) -> io::Result<Entry> {
    let Some(text) = file::read(&place()?)? else {
        return Ok(Entry::Missing);
    };
    Ok(found(&text, &exec(program)?))
}

pub(super) fn write(program: &Path) -> io::Result<()> {
    file::write(&place()?, &text(&exec(program)?))
}

pub(super) fn remove() -> io::Result<()> {
    file::remove(&place()?)
}

fn place() -> io::Result<PathBuf> {
    let folder = dirs::config_dir().ok_or_else(|| unfit("this account has no configuration folder"))?;
    Ok(folder.join("autostart/deskbell.desktop"))
}

fn text(exec: &str) -> String {
    format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Version=1.0\n\
         Name=데스크벨\n\
         Name[en]=Deskbell\n\
         Comment=병원 접수 데스크의 예약 알림\n\
         Comment[en]=The front desk's reservation bell\n\
         Exec={exec}\n\
         Icon=deskbell\n\
         Terminal=false\n\
         StartupNotify=false\n\
         X-GNOME-Autostart-enabled=true\n"
    )
}

/// The value of `Exec` that starts `program`: the argument quoted, percent signs doubled since one begins a field code,
/// and then backslashes doubled as in any value of a desktop entry.
fn exec(program: &Path) -> io::Result<String> {
    let name = program
        .to_str()
        .ok_or_else(|| unfit("the program's path is no UTF-8"))?;
    if name.contains('=') || name.contains(char::is_control) {
        return Err(unfit("a desktop entry cannot name this program's path"));
    }
    let mut quoted = String::from('"');
    for character in name.chars() {
        match character {
            '"' | '`' | '$' => quoted.extend([r"\\", &character.to_string()]),
            '\\' => quoted.push_str(r"\\\\"),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(character),
        }
    }
    Ok(format!("{quoted}\" {HIDDEN}"))
}

/// What an entry's text comes to.
fn found(text: &str, exec: &str) -> Entry {
    let value = |key: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim_end() == key)
            .map(|(_, value)| value.trim())
    };
    if value("Hidden") == Some("true") || value("X-GNOME-Autostart-enabled") == Some("false") {
        return Entry::SwitchedOff;
    }
    if value("Exec") == Some(exec) {
        Entry::Ours
    } else {
        Entry::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec_of(program: &str) -> String {
        exec(Path::new(program)).unwrap()
    }

    #[test]
    fn the_programs_path_is_one_argument_whatever_stands_in_it() {
        for (program, written) in [
            ("/usr/bin/deskbell", r#""/usr/bin/deskbell" --hidden"#),
            (
                "/opt/Front Desk/deskbell",
                r#""/opt/Front Desk/deskbell" --hidden"#,
            ),
            (
                "/home/원무과/데스크벨/deskbell",
                r#""/home/원무과/데스크벨/deskbell" --hidden"#,
            ),
            ("/opt/100%/deskbell", r#""/opt/100%%/deskbell" --hidden"#),
            (r#"/opt/a"b/deskbell"#, r#""/opt/a\\"b/deskbell" --hidden"#),
            ("/opt/$a`b/deskbell", r#""/opt/\\$a\\`b/deskbell" --hidden"#),
            (r"/opt/a\b/deskbell", r#""/opt/a\\\\b/deskbell" --hidden"#),
        ] {
            assert_eq!(exec_of(program), written);
        }
    }

    #[test]
    fn a_path_that_no_entry_can_name_is_refused() {
        for program in ["/opt/a=b/deskbell", "/opt/a\nb/deskbell"] {
            assert!(exec(Path::new(program)).is_err(), "{program:?}");
        }
    }

    #[test]
    fn what_is_written_is_found_again() {
        let exec = exec_of("/usr/bin/deskbell");
        assert_eq!(found(&text(&exec), &exec), Entry::Ours);
        assert_eq!(
            found(&text(&exec_of("/opt/deskbell/deskbell")), &exec),
            Entry::Elsewhere
        );
    }

    #[test]
    fn an_entry_that_the_desktop_has_switched_off_is_off() {
        let exec = exec_of("/usr/bin/deskbell");
        let ours = text(&exec);
        for switched_off in [
            ours.replace("enabled=true", "enabled=false"),
            format!("{ours}Hidden=true\n"),
        ] {
            assert_eq!(found(&switched_off, &exec), Entry::SwitchedOff);
        }
    }

    #[test]
    fn the_text_is_a_desktop_entry() {
        let text = text(&exec_of("/usr/bin/deskbell"));
        assert!(text.starts_with("[Desktop Entry]\nType=Application\n"));
        assert!(text.contains("\nExec=\"/usr/bin/deskbell\" --hidden\n"));
        assert!(text.lines().skip(1).all(|line| line.contains('=')), "{text}");
    }
}
