//! What Windows has to know of the app before it shows its toasts and follows its links: all of it the user's own, written
//! anew at every start, since updates move programs.

use std::path::Path;

/// Who the toasts are from (the application user model ID).
#[cfg(windows)]
pub(super) const SENDER: &str = "app.deskbell.desk";

/// Tells Windows the sender's name and icon, and that this program follows `deskbell://` links.
#[cfg(windows)]
pub(super) fn register() -> anyhow::Result<()> {
    use anyhow::Context;
    use windows_registry::CURRENT_USER;

    let program = std::env::current_exe()?;
    let sender = CURRENT_USER.create(format!(r"Software\Classes\AppUserModelId\{SENDER}"))?;
    sender.set_string("DisplayName", "Deskbell")?;
    let icon = icon()?;
    sender.set_string(
        "IconUri",
        icon.to_str().context("the icon's path is not Unicode")?,
    )?;

    let scheme = CURRENT_USER.create(r"Software\Classes\deskbell")?;
    scheme.set_string("", "URL:Deskbell")?;
    scheme.set_string("URL Protocol", "")?;
    let command = command(&program).context("the program's path is not Unicode")?;
    scheme.create(r"shell\open\command")?.set_string("", command)?;
    Ok(())
}

/// The icon as a file, since Windows takes none out of a program here.
#[cfg(windows)]
fn icon() -> anyhow::Result<std::path::PathBuf> {
    use anyhow::Context;

    const PICTURE: &[u8] = include_bytes!("../../../../icons/128x128.png");
    let folder = dirs::data_local_dir()
        .context("this account has no data folder")?
        .join("deskbell");
    let file = folder.join("icon.png");
    if std::fs::read(&file).ok().as_deref() != Some(PICTURE) {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(&file, PICTURE)?;
    }
    Ok(file)
}

/// What Windows runs for a link. In quotation marks, as a folder's name may hold blanks; and nothing in the link can be an
/// option, whatever the page of the web that made it.
fn command(program: &Path) -> Option<String> {
    Some(format!("\"{}\" -- \"%1\"", program.to_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_stays_one_and_a_link_is_no_option() {
        assert_eq!(
            command(Path::new(r"C:\Program Files\Deskbell\deskbell.exe")).as_deref(),
            Some(r#""C:\Program Files\Deskbell\deskbell.exe" -- "%1""#)
        );
    }
}
