//! From columns to our types. A value that does not fit is reported by its column's name alone.

use deskbell_protocol::{HospitalId, Seq};
use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

use crate::StoreError;

#[derive(Debug, thiserror::Error)]
#[error("the column {0} cannot be read")]
struct Unreadable(&'static str);

pub(super) fn unreadable(column: &'static str) -> StoreError {
    StoreError::Unavailable(Box::new(Unreadable(column)))
}

pub(super) fn get<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    row.try_get(column).map_err(|_| unreadable(column))
}

pub(super) fn bytes<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map_err(|_| unreadable(column))
}

pub(super) fn parsed<T: std::str::FromStr>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|_| unreadable(column))
}

pub(super) fn hospital_id(row: &SqliteRow, column: &'static str) -> Result<HospitalId, StoreError> {
    Ok(HospitalId::from_bytes(bytes(row, column)?))
}

pub(super) fn seq(row: &SqliteRow, column: &'static str) -> Result<Seq, StoreError> {
    number(row, column).map(Seq)
}

pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let number: i64 = get(row, column)?;
    number.try_into().map_err(|_| unreadable(column))
}

pub(super) fn instant(row: &SqliteRow, column: &'static str) -> Result<Timestamp, StoreError> {
    from_millis(get(row, column)?, column)
}

pub(super) fn maybe_instant(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = get(row, column)?;
    millis.map(|millis| from_millis(millis, column)).transpose()
}

fn from_millis(millis: i64, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| unreadable(column))
}

/// A seq as SQLite's signed 64 bits. No log gets that far; what a client claims may.
pub(super) fn signed(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}
