//! Backups: everything at one moment, in one file.

use std::path::Path;

use serde_json::json;

use super::{Place, output};

pub(super) async fn backup(place: &Place, file: &Path, json: bool) -> anyhow::Result<()> {
    place.store.backup(file).await?;
    let text = format!(
        "Everything is in {}, which this user alone may read.",
        file.display()
    );
    output::say(json, &json!({ "backup": file }), &text)
}

pub(super) async fn restore(place: &Place, file: &Path, json: bool) -> anyhow::Result<()> {
    place.store.restore(file, &|| place.fresh_epoch()).await?;
    let hospitals = place.store.hospitals().await?.len();
    let text = format!(
        "Restored with {hospitals} hospitals. What came after the backup is gone; every desk fetches its lists anew."
    );
    output::say(json, &json!({ "restored": file, "hospitals": hospitals }), &text)
}
