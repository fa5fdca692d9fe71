//! Windows and macOS: Tauri's tray.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(target_os = "macos")]
use deskbell_desk::TrayIcon;
use deskbell_desk::{DeskHandle, DeskRequest, TrayAction, TrayEntry, TrayItem, TrayMenu};
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuId, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

/// The tray icon's name inside Tauri.
const ID: &str = "deskbell";

/// What each entry of the menu on the screen does.
type Actions = Arc<Mutex<HashMap<MenuId, TrayAction>>>;

/// The tray.
pub(crate) struct Tray {
    app: AppHandle,
    actions: Actions,
}

impl Tray {
    /// A tray whose clicks go to `desk`. The desk is told of a system that refuses one.
    pub(crate) fn new(app: &AppHandle, desk: DeskHandle) -> Self {
        let actions = Actions::default();
        let (of_menu, of_icon, known) = (desk.clone(), desk.clone(), Arc::clone(&actions));
        let built = TrayIconBuilder::with_id(ID)
            .icon(super::picture(deskbell_desk::TrayIcon::Offline))
            .icon_as_template(true)
            .show_menu_on_left_click(false)
            .on_menu_event(move |_app, event| {
                let action = known
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get(event.id())
                    .copied();
                if let Some(action) = action {
                    crate::ask(&of_menu, action);
                }
            })
            .on_tray_icon_event(move |_tray, event| {
                if let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                } = event
                {
                    crate::ask(&of_icon, DeskRequest::OpenWindow);
                }
            })
            .build(app);
        if let Err(error) = built {
            tracing::warn!(%error, "no tray");
            crate::ask(&desk, DeskRequest::TrayHost(false));
        }
        Self {
            app: app.clone(),
            actions,
        }
    }

    /// Shows `menu` from now on.
    pub(crate) fn draw(&mut self, menu: &TrayMenu) {
        let (app, menu, actions) = (self.app.clone(), menu.clone(), Arc::clone(&self.actions));
        let asked = self.app.run_on_main_thread(move || {
            if let Err(error) = redraw(&app, &menu, &actions) {
                tracing::warn!(%error, "the tray was not redrawn");
            }
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "the tray was not redrawn");
        }
    }
}

fn redraw(app: &AppHandle, menu: &TrayMenu, actions: &Actions) -> tauri::Result<()> {
    let Some(tray) = app.tray_by_id(ID) else {
        return Ok(());
    };
    let drawn = Menu::new(app)?;
    let mut acts = HashMap::new();
    for item in &menu.items {
        let TrayItem::Entry(entry) = item else {
            drawn.append(&PredefinedMenuItem::separator(app)?)?;
            continue;
        };
        let item = drawn_entry(app, entry)?;
        acts.extend(entry.action.map(|action| (item.id().clone(), action)));
        drawn.append(item.as_ref())?;
    }
    *actions.lock().unwrap_or_else(PoisonError::into_inner) = acts;
    tray.set_menu(Some(drawn))?;
    tray.set_tooltip(Some(&menu.tooltip))?;
    // The menu bar shows the count beside the bell.
    #[cfg(target_os = "macos")]
    tray.set_title(match menu.icon {
        TrayIcon::Ringing(count) => Some(count.to_string()),
        TrayIcon::Quiet | TrayIcon::Offline | TrayIcon::Attention => None,
    })?;
    // On macOS the bell is a template, which the menu bar colours.
    tray.set_icon_with_as_template(Some(super::picture(menu.icon)), true)
}

fn drawn_entry(app: &AppHandle, entry: &TrayEntry) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    // An ampersand marks the access key on Windows; two are one.
    let label = entry.label.replace('&', "&&");
    Ok(match entry.checked {
        Some(checked) => Box::new(CheckMenuItem::new(
            app,
            label,
            entry.enabled,
            checked,
            None::<&str>,
        )?),
        None => Box::new(MenuItem::new(app, label, entry.enabled, None::<&str>)?),
    })
}
