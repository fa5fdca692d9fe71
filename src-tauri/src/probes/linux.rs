//! Linux: the session bus.

use std::process::Command;
use std::time::Duration;

use deskbell_desk::{NotificationsProbe, TrayProbe, Unasked};
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy, fdo};

/// How long each answer may take; a notification server may have to be started first.
const PATIENCE: Duration = Duration::from_secs(5);

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const AT: &str = "/org/freedesktop/Notifications";

/// Asks the desktop, where there is one.
pub(super) async fn look() -> (NotificationsProbe, TrayProbe) {
    let no_session = (
        NotificationsProbe::Unasked(Unasked::NoSession),
        TrayProbe::Unasked(Unasked::NoSession),
    );
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|display| std::env::var_os(display).is_some_and(|name| !name.is_empty()));
    if !has_display {
        return no_session;
    }
    let Some(bus) = in_time(Connection::session()).await else {
        return no_session;
    };
    (notifications(&bus).await, tray(&bus).await)
}

async fn tray(bus: &Connection) -> TrayProbe {
    let watcher = async {
        let daemon = fdo::DBusProxy::new(bus).await?;
        let name = zbus::names::BusName::from_static_str("org.kde.StatusNotifierWatcher")?;
        Ok(daemon.name_has_owner(name).await?)
    };
    match in_time(watcher).await {
        Some(true) => TrayProbe::There,
        Some(false) => TrayProbe::Missing,
        None => TrayProbe::Unasked(Unasked::NoSession),
    }
}

async fn notifications(bus: &Connection) -> NotificationsProbe {
    let asked = async {
        let server = Proxy::new(bus, NOTIFICATIONS, AT, NOTIFICATIONS).await?;
        let (name, _vendor, version, _standard): (String, String, String, String) =
            server.call("GetServerInformation", &()).await?;
        Ok((name, version))
    };
    let Some((name, version)) = in_time(asked).await else {
        return NotificationsProbe::Nobody;
    };
    let by = format!("{name} {version}");
    if holds_back(bus, &name).await {
        NotificationsProbe::HeldBack { by }
    } else {
        NotificationsProbe::Shown { by }
    }
}

/// Whether do not disturb is on, as far as this server can be asked.
async fn holds_back(bus: &Connection, server: &str) -> bool {
    match server {
        "Plasma" => property(bus, NOTIFICATIONS, "Inhibited").await,
        "dunst" => property(bus, "org.dunstproject.cmd0", "paused").await,
        "Xfce Notify Daemon" => {
            let asked = async {
                let settings =
                    Proxy::new(bus, "org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf").await?;
                let value: OwnedValue = settings
                    .call("GetProperty", &("xfce4-notifyd", "/do-not-disturb"))
                    .await?;
                Ok(bool::try_from(value)?)
            };
            in_time(asked).await.unwrap_or(false)
        }
        "gnome-shell" => {
            let asked = tokio::task::spawn_blocking(|| {
                Command::new("gsettings")
                    .args(["get", "org.gnome.desktop.notifications", "show-banners"])
                    .output()
            });
            matches!(asked.await, Ok(Ok(answer)) if answer.stdout.starts_with(b"false"))
        }
        _ => false,
    }
}

async fn property(bus: &Connection, interface: &str, name: &str) -> bool {
    let asked = async {
        let server = Proxy::new(bus, NOTIFICATIONS, AT, interface).await?;
        server.get_property::<bool>(name).await
    };
    in_time(asked).await.unwrap_or(false)
}

/// `None` where it fails or takes too long.
async fn in_time<T>(asked: impl Future<Output = zbus::Result<T>>) -> Option<T> {
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()
}
