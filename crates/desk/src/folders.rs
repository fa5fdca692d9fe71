use std::path::PathBuf;

use crate::PolicyPlace;

/// Where the app keeps its files. The shell asks the platform; tests bring their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// What a person may edit: `settings.toml`. On Linux `deskbell/` under `XDG_CONFIG_HOME`.
    pub config: PathBuf,
    /// What only the app writes: ledger and credentials. On Linux `deskbell/` under `XDG_DATA_HOME`.
    /// Nothing of a patient is ever written into it in the clear.
    pub data: PathBuf,
    /// What an administrator has decided for this PC.
    pub policy: PolicyPlace,
}
