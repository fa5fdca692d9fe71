//! The app's tray item, seen from the panel's side of the session bus.

use anyhow::{Context, Result};
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Structure, Value};

use super::{App, Stage, wait};

/// What is said of one menu entry.
type Properties = std::collections::HashMap<String, OwnedValue>;

/// One menu entry: its number, its properties, the entries below it.
type Entry = (i32, Properties, Vec<OwnedValue>);

/// The tray item of the app.
pub(crate) struct Tray {
    bus: Connection,
    name: String,
}

impl Tray {
    /// The tray item of the app that runs now.
    pub(crate) fn of_app(stage: &Stage) -> Result<Self> {
        let process = App::process(stage)?.context("the app does not run")?;
        let tray = Self::of(stage, process)?;
        stage.wait_for_name(&tray.name)?;
        Ok(tray)
    }

    /// The tray item of a process, which may not have it yet.
    pub(crate) fn of(stage: &Stage, process: u32) -> Result<Self> {
        Ok(Self {
            bus: stage.connect()?,
            name: format!("org.kde.StatusNotifierItem-{process}-1"),
        })
    }

    fn item(&self) -> Result<Proxy<'_>> {
        Ok(Proxy::new(
            &self.bus,
            self.name.as_str(),
            "/StatusNotifierItem",
            "org.kde.StatusNotifierItem",
        )?)
    }

    /// What the item says under the mouse.
    pub(crate) fn tooltip(&self) -> Result<String> {
        let item = self.item()?;
        let tooltip: Structure<'_> = item.get_property::<OwnedValue>("ToolTip")?.try_into()?;
        match tooltip.fields().get(2) {
            Some(Value::Str(title)) => Ok(title.to_string()),
            _ => anyhow::bail!("the tooltip has no title"),
        }
    }

    /// Waits until the tooltip holds `wanted`.
    pub(crate) fn wait_for(&self, wanted: &str) -> Result<()> {
        let mut last = String::new();
        let told = wait(&format!("{wanted:?} in the tray"), || {
            last = self.tooltip()?;
            Ok(last.contains(wanted).then_some(()))
        });
        told.with_context(|| format!("the tray says: {last:?}"))
    }

    /// Waits until the tray host has taken the item up.
    pub(crate) fn wait_to_be_hosted(&self) -> Result<()> {
        let host = Proxy::new(
            &self.bus,
            "org.kde.StatusNotifierWatcher",
            "/StatusNotifierWatcher",
            "org.kde.StatusNotifierWatcher",
        )?;
        let owner = zbus::blocking::fdo::DBusProxy::new(&self.bus)?
            .get_name_owner(self.name.as_str().try_into()?)?
            .to_string();
        wait("the item in the tray", || {
            let items: Vec<String> = host
                .get_property("RegisteredStatusNotifierItems")
                .unwrap_or_default();
            let is_ours = |item: &String| item.starts_with(&self.name) || item.starts_with(&owner);
            Ok(items.iter().any(is_ours).then_some(()))
        })
    }

    /// Clicks the item itself, as the left mouse button does.
    pub(crate) fn activate(&self) -> Result<()> {
        let item = self.item()?;
        Ok(item.call::<_, _, ()>("Activate", &(0, 0))?)
    }

    /// Clicks the first entry of its menu whose text holds `wanted`. Waits for no answer: an app that is told to quit may
    /// be gone before it gives one.
    pub(crate) fn choose(&self, wanted: &str) -> Result<()> {
        let (id, _) = self.entry(wanted)?;
        Ok(self
            .menu()?
            .call_noreply("Event", &(id, "clicked", Value::from(0), 0_u32))?)
    }

    /// Waits until that entry has its check mark, or has lost it.
    pub(crate) fn wait_for_check(&self, wanted: &str, checked: bool) -> Result<()> {
        wait(&format!("the check mark of {wanted:?} to be {checked}"), || {
            let (_, mut properties) = self.entry(wanted)?;
            let state = properties.remove("toggle-state").map(i32::try_from).transpose()?;
            Ok((state == Some(i32::from(checked))).then_some(()))
        })
    }

    /// The first entry of its menu whose text holds `wanted`, by its number and properties.
    fn entry(&self, wanted: &str) -> Result<(i32, Properties)> {
        let none: &[&str] = &[];
        let (_, (_, _, entries)): (u32, Entry) = self.menu()?.call("GetLayout", &(0, -1, none))?;
        for entry in entries {
            let (id, properties, _): Entry = entry.try_into()?;
            let label = properties.get("label").map(|label| label.downcast_ref::<&str>());
            if label.transpose()?.is_some_and(|label| label.contains(wanted)) {
                return Ok((id, properties));
            }
        }
        anyhow::bail!("no entry of the tray's menu holds {wanted:?}")
    }

    fn menu(&self) -> Result<Proxy<'_>> {
        Ok(Proxy::new(
            &self.bus,
            self.name.as_str(),
            "/MenuBar",
            "com.canonical.dbusmenu",
        )?)
    }
}
