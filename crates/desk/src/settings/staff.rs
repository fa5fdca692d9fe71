use deskbell_protocol::check_remark;
use jiff::civil::Date;
use toml_edit::{DocumentMut, Item, Table};

use crate::settings::Mistake;

/// The longest name by which a gateway takes somebody, in characters.
pub(crate) const LONGEST_STAFF: usize = 40;

/// `[staff]`: who sits at this desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Staff {
    /// `name`: a name or initials.
    pub name: Option<String>,
    /// `on`: the hospital's day on which they said so; it is over with that day.
    pub on: Option<Date>,
    /// `keep`: it is always the same person, whatever the day.
    pub keep: bool,
}

/// Reads `[staff]`; what can be read counts, also beside something that is wrong.
pub(super) fn read(item: &Item, wrong: &mut impl FnMut(Mistake)) -> Staff {
    let mut staff = Staff::default();
    let Some(table) = item.as_table_like() else {
        wrong(Mistake::Staff);
        return staff;
    };
    if let Some(item) = table.get("name") {
        match item.as_str().map(|name| check_remark(name, LONGEST_STAFF)) {
            Some(Ok(name)) => staff.name = Some(name),
            Some(Err(_)) | None => wrong(Mistake::Staff),
        }
    }
    if let Some(item) = table.get("on") {
        match item.as_str().and_then(|date| date.parse().ok()) {
            Some(date) => staff.on = Some(date),
            None => wrong(Mistake::Staff),
        }
    }
    if let Some(item) = table.get("keep") {
        match item.as_bool() {
            Some(keep) => staff.keep = keep,
            None => wrong(Mistake::Staff),
        }
    }
    staff
}

/// Writes who sits here; `keep` is left as somebody wrote it.
pub(super) fn write(document: &mut DocumentMut, staff: &Staff) {
    let place = document
        .entry("staff")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = place.as_table_like_mut() else {
        return;
    };
    let on = staff.on.map(|on| on.to_string());
    for (key, value) in [("name", &staff.name), ("on", &on)] {
        match value {
            Some(value) => {
                table.insert(key, toml_edit::value(value));
            }
            None => {
                table.remove(key);
            }
        }
    }
}
