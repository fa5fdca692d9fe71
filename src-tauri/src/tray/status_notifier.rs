//! Linux: the `StatusNotifierItem` protocol by `ksni`. Tauri's own tray has no left click there and keeps waking up.

use std::time::Duration;

use deskbell_desk::{DeskHandle, DeskRequest, TrayEntry, TrayIcon, TrayItem, TrayMenu};
use ksni::menu::{CheckmarkItem, MenuItem, StandardItem};
use ksni::{Category, OfflineReason, Status, ToolTip, TrayMethods};
use tauri::AppHandle;
use tokio::sync::watch;

/// A session bus that refuses the tray is asked again after this.
const RETRY: Duration = Duration::from_secs(60);

/// The tray, which draws on a task of its own; the desk never waits for the bus.
pub(crate) struct Tray(watch::Sender<Option<TrayMenu>>);

impl Tray {
    /// A tray whose clicks go to `desk`.
    pub(crate) fn new(_app: &AppHandle, desk: DeskHandle) -> Self {
        let (menu, menus) = watch::channel(None);
        tauri::async_runtime::spawn(draw(desk, menus));
        Self(menu)
    }

    /// Shows `menu` from now on.
    pub(crate) fn draw(&mut self, menu: &TrayMenu) {
        self.0.send_replace(Some(menu.clone()));
    }
}

/// Draws each menu, the first once there is one, for as long as the app runs.
async fn draw(desk: DeskHandle, mut menus: watch::Receiver<Option<TrayMenu>>) {
    let Ok(first) = menus.wait_for(Option::is_some).await.map(|menu| menu.clone()) else {
        return;
    };
    let Some(menu) = first else { return };
    let tray = loop {
        let item = Item {
            desk: desk.clone(),
            menu: menus.borrow_and_update().clone().unwrap_or_else(|| menu.clone()),
        };
        // A tray host may come later than the app (GNOME's extension at login).
        match item.assume_sni_available(true).spawn().await {
            Ok(tray) => break tray,
            Err(error) => tracing::warn!(%error, "no tray"),
        }
        crate::ask(&desk, DeskRequest::TrayHost(false));
        tokio::time::sleep(RETRY).await;
    };
    while menus.changed().await.is_ok() {
        let menu = menus.borrow_and_update().clone();
        tray.update(|item| item.menu = menu.unwrap_or_else(|| item.menu.clone()))
            .await;
    }
}

struct Item {
    desk: DeskHandle,
    menu: TrayMenu,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "deskbell".into()
    }

    fn title(&self) -> String {
        "Deskbell".into()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn status(&self) -> Status {
        match self.menu.icon {
            TrayIcon::Quiet | TrayIcon::Offline => Status::Active,
            TrayIcon::Ringing(_) | TrayIcon::Attention => Status::NeedsAttention,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        vec![argb(&super::picture(self.menu.icon))]
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.menu.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        crate::ask(&self.desk, DeskRequest::OpenWindow);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.menu.items.iter().map(item).collect()
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        tracing::info!("no tray host; the tray comes when one does");
        crate::ask(&self.desk, DeskRequest::TrayHost(false));
        true
    }

    fn watcher_online(&self) {
        crate::ask(&self.desk, DeskRequest::TrayHost(true));
    }
}

fn item(item: &TrayItem) -> MenuItem<Item> {
    let TrayItem::Entry(TrayEntry {
        label,
        enabled,
        checked,
        action,
    }) = item
    else {
        return MenuItem::Separator;
    };
    let (action, enabled) = (*action, *enabled);
    // In this protocol an underscore marks the access key; two are one.
    let label = label.replace('_', "__");
    let activate = Box::new(move |item: &mut Item| {
        if let Some(action) = action {
            crate::ask(&item.desk, action);
        }
    });
    match *checked {
        Some(checked) => CheckmarkItem {
            label,
            enabled,
            checked,
            activate,
            ..CheckmarkItem::default()
        }
        .into(),
        None => StandardItem {
            label,
            enabled,
            activate,
            ..StandardItem::default()
        }
        .into(),
    }
}

/// The protocol wants ARGB in network byte order.
fn argb(picture: &tauri::image::Image<'_>) -> ksni::Icon {
    let mut data = picture.rgba().to_vec();
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    ksni::Icon {
        width: side(picture.width()),
        height: side(picture.height()),
        data,
    }
}

fn side(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use deskbell_desk::TrayAction;

    use super::*;

    #[test]
    fn colours_are_turned_and_none_is_lost() {
        let icon = argb(&tauri::image::Image::new(&[1, 2, 3, 4, 5, 6, 7, 8], 2, 1));
        assert_eq!((icon.width, icon.height), (2, 1));
        assert_eq!(icon.data, [4, 1, 2, 3, 8, 5, 6, 7]);
    }

    #[test]
    fn a_checked_entry_becomes_a_checkmark_and_underscores_survive() {
        let entry = TrayEntry {
            label: "켤 때_시작".into(),
            enabled: true,
            checked: Some(true),
            action: Some(TrayAction::SetAutostart(false)),
        };
        let MenuItem::Checkmark(drawn) = item(&TrayItem::Entry(entry)) else {
            panic!("no checkmark")
        };
        assert_eq!(
            (drawn.label.as_str(), drawn.enabled, drawn.checked),
            ("켤 때__시작", true, true)
        );
        assert!(matches!(item(&TrayItem::Separator), MenuItem::Separator));
    }
}
