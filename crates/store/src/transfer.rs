//! What a backup holds: every table, as the rows travel from one database to another.

/// What a column holds, in either database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Bytes,
    Integer,
    Text,
}

/// A column's value in one row.
pub(crate) enum Value {
    Bytes(Option<Vec<u8>>),
    Integer(Option<i64>),
    Text(Option<String>),
}

/// A table and its columns, by the name and kind they have in either database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Integer, Text};

/// Every table, each after those that it refers to. A test compares it with the tables there are.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "server_secrets",
        columns: &[("name", Text), ("value", Bytes)],
    },
    Table {
        name: "hospitals",
        columns: &[
            ("id", Bytes),
            ("slug", Text),
            ("name", Text),
            ("timezone", Text),
            ("hours", Text),
            ("claim_minutes", Integer),
            ("intake_key", Bytes),
            ("epoch", Text),
            ("head", Integer),
            ("added_at", Integer),
            ("pruned", Integer),
            ("sign_outs", Integer),
        ],
    },
    Table {
        name: "desks",
        columns: &[
            ("id", Bytes),
            ("hospital", Bytes),
            ("name", Text),
            ("token", Bytes),
            ("paired_at", Integer),
            ("shown_epoch", Text),
            ("shown_seq", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table {
        name: "pairing_codes",
        columns: &[
            ("digest", Bytes),
            ("hospital", Bytes),
            ("desk_name", Text),
            ("expires_at", Integer),
        ],
    },
    Table {
        name: "enrolment_keys",
        columns: &[
            ("id", Bytes),
            ("hospital", Bytes),
            ("key", Bytes),
            ("uses_left", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table {
        name: "reservations",
        columns: &[
            ("id", Bytes),
            ("hospital", Bytes),
            ("seq", Integer),
            ("version", Integer),
            ("relationship", Text),
            ("name", Text),
            ("phone", Text),
            ("reservationdate", Text),
            ("reservationtime", Text),
            ("status", Text),
            ("received_at", Integer),
            ("updated_at", Integer),
            ("claim", Text),
            ("claim_until", Integer),
            ("handled_by", Text),
            ("undo", Text),
        ],
    },
    Table {
        name: "log",
        columns: &[
            ("hospital", Bytes),
            ("seq", Integer),
            ("reservation", Bytes),
            ("at", Integer),
            ("kind", Text),
            ("from_value", Text),
            ("to_value", Text),
            ("actor", Text),
            ("change", Text),
        ],
    },
    Table {
        name: "idempotency_keys",
        columns: &[
            ("hospital", Bytes),
            ("key", Bytes),
            ("fields", Bytes),
            ("seq", Integer),
            ("expires_at", Integer),
        ],
    },
    Table {
        name: "access_record",
        columns: &[
            ("number", Integer),
            ("at", Integer),
            ("hospital", Bytes),
            ("who", Text),
            ("origin", Text),
            ("reservation", Bytes),
            ("what", Text),
            ("detail", Text),
        ],
    },
];
