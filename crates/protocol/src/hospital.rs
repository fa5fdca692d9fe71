use serde::{Deserialize, Serialize};

use crate::{DeskId, HospitalId};

/// A hospital, as its desks see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hospital {
    /// Names it for good.
    pub id: HospitalId,
    /// Names it in addresses and commands: `[a-z0-9-]`, 1 to 63 characters.
    pub slug: String,
    /// The name people use.
    pub name: String,
    /// IANA time zone in which its dates and times are meant, such as `Asia/Seoul`.
    pub timezone: String,
    /// When somebody is there: `mon-fri 09:00-18:00, sat 09:00-13:00`; `None` where that was never said.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub hours: Option<String>,
}

/// One paired desk PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Desk {
    /// Names it for good.
    pub id: DeskId,
    /// The name staff use: `접수 1`.
    pub name: String,
}
