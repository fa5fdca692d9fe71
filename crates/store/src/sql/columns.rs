//! From columns to our types. A value that does not fit is reported by its column's name alone.

use deskbell_protocol::{HospitalId, Seq};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Decode, Row as _, Type};

use super::{Db, Row};
use crate::StoreError;

#[derive(Debug, thiserror::Error)]
#[error("the column {0} cannot be read")]
struct Unreadable(&'static str);

pub(super) fn unreadable(column: &'static str) -> StoreError {
    StoreError::Unavailable(Box::new(Unreadable(column)))
}

pub(super) fn get<'r, T>(row: &'r Row, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Db> + Type<Db>,
{
    row.try_get(column).map_err(|_| unreadable(column))
}

pub(super) fn bytes<const N: usize>(row: &Row, column: &'static str) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map_err(|_| unreadable(column))
}

pub(super) fn maybe_bytes<const N: usize>(
    row: &Row,
    column: &'static str,
) -> Result<Option<[u8; N]>, StoreError> {
    let bytes: Option<&[u8]> = get(row, column)?;
    let bytes = bytes.map(|bytes| bytes.try_into().map_err(|_| unreadable(column)));
    bytes.transpose()
}

pub(super) fn parsed<T: std::str::FromStr>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|_| unreadable(column))
}

pub(super) fn json<T: DeserializeOwned>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(get(row, column)?).map_err(|_| unreadable(column))
}

pub(super) fn maybe_json<T: DeserializeOwned>(
    row: &Row,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    let text: Option<&str> = get(row, column)?;
    let value = text.map(|text| serde_json::from_str(text).map_err(|_| unreadable(column)));
    value.transpose()
}

/// A value as JSON, as [`json`] reads it.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

pub(super) fn hospital_id(row: &Row, column: &'static str) -> Result<HospitalId, StoreError> {
    Ok(HospitalId::from_bytes(bytes(row, column)?))
}

pub(super) fn seq(row: &Row, column: &'static str) -> Result<Seq, StoreError> {
    number(row, column).map(Seq)
}

pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let number: i64 = get(row, column)?;
    number.try_into().map_err(|_| unreadable(column))
}

pub(super) fn instant(row: &Row, column: &'static str) -> Result<Timestamp, StoreError> {
    from_millis(get(row, column)?, column)
}

pub(super) fn maybe_instant(row: &Row, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = get(row, column)?;
    millis.map(|millis| from_millis(millis, column)).transpose()
}

fn from_millis(millis: i64, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| unreadable(column))
}

/// An instant to the millisecond, as it will be read back.
pub(super) fn millis(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}

/// A seq as the databases' signed 64 bits. No log gets that far; what a client claims may.
pub(super) fn signed(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}
