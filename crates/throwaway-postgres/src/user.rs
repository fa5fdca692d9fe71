use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Who the server runs as instead of root, which PostgreSQL refuses: the first of these that there is.
const INSTEAD_OF_ROOT: &[&str] = &["postgres", "nobody"];

/// Who the server runs as.
#[derive(Debug)]
pub(crate) struct User {
    /// User and group, where it is somebody else than this process.
    other: Option<(u32, u32)>,
}

impl User {
    /// This user, unless that is root; then another, who is given `folder`, which this process has made.
    pub(crate) fn to_own(folder: &Path) -> io::Result<Self> {
        let other = if fs::metadata(folder)?.uid() == 0 {
            let users = fs::read_to_string("/etc/passwd")?;
            let found = INSTEAD_OF_ROOT.iter().find_map(|name| ids(&users, name));
            let missing =
                || io::Error::other("there is no user postgres or nobody, and root may not run PostgreSQL");
            let (user, group) = found.ok_or_else(missing)?;
            chown(folder, Some(user), Some(group))?;
            Some((user, group))
        } else {
            None
        };
        Ok(Self { other })
    }

    /// Has `command` run as this user.
    pub(crate) fn run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // Where this process stands, another may not be let in.
        command.current_dir("/");
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The user's and the group's id, as passwd has them: `name:password:user:group:…`.
fn ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:104:,,,:/:/bin/sh\n";
        assert_eq!(ids(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids(passwd, "nobody"), None);
    }
}
