//! macOS: a launch agent of the account, which `launchd` starts at login in the graphical session only.
#![cfg_attr(
    not(target_os = "macos"),
    expect(dead_code, reason = "its text is tested on every Unix")
)]

use std::io;
use std::path::{Path, PathBuf};

use super::{Entry, HIDDEN, file, unfit};

const LABEL: &str = "app.deskbell.desk";

pub(super) fn entry(program: &Path) -> io::Result<Entry> {
    let Some(written) = file::read(&place()?)? else {
        return Ok(Entry::Missing);
    };
    Ok(if written == text(program)? {
        Entry::Ours
    } else {
        Entry::Elsewhere
    })
}

pub(super) fn write(program: &Path) -> io::Result<()> {
    file::write(&place()?, &text(program)?)
}

pub(super) fn remove() -> io::Result<()> {
    file::remove(&place()?)
}

fn place() -> io::Result<PathBuf> {
    let home = dirs::home_dir().ok_or_else(|| unfit("this account has no home folder"))?;
    Ok(home.join(format!("Library/LaunchAgents/{LABEL}.plist")))
}

fn text(program: &Path) -> io::Result<String> {
    let name = program
        .to_str()
        .ok_or_else(|| unfit("the program's path is no UTF-8"))?;
    if name.contains(char::is_control) {
        return Err(unfit("a launch agent cannot name this program's path"));
    }
    // Where macOS runs what was never moved out of the downloads: another folder at each start.
    if name.contains("/AppTranslocation/") {
        return Err(unfit("the app must be moved into the Applications folder first"));
    }
    let name = name
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>{LABEL}</string>
	<key>ProgramArguments</key>
	<array>
		<string>{name}</string>
		<string>{HIDDEN}</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_path_is_text_whatever_stands_in_it() {
        for (program, written) in [
            (
                "/Applications/Desk Bell.app/Contents/MacOS/deskbell",
                "<string>/Applications/Desk Bell.app/Contents/MacOS/deskbell</string>",
            ),
            ("/opt/데스크벨/100%", "<string>/opt/데스크벨/100%</string>"),
            ("/opt/a<b>&\"c'", "<string>/opt/a&lt;b&gt;&amp;\"c'</string>"),
        ] {
            let text = text(Path::new(program)).unwrap();
            assert!(text.contains(written), "{text}");
            assert!(text.contains("<string>--hidden</string>"));
        }
    }

    #[test]
    fn an_app_that_lies_in_the_downloads_is_refused() {
        let program = "/private/var/folders/x/AppTranslocation/1/d/deskbell.app/Contents/MacOS/deskbell";
        assert!(text(Path::new(program)).is_err());
    }
}
