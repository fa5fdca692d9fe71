//! Linux: a window that comes to the front because somebody clicked elsewhere, by freedesktop's startup notification (X11)
//! and xdg-activation (Wayland).

use std::ffi::CString;

use gtk::prelude::{DisplayExtManual, GtkWindowExt, ObjectType, WidgetExt};
use tauri::WebviewWindow;

/// Presents `window` with what the desktop gave with the click. On GTK's thread only.
pub(super) fn present(window: &WebviewWindow, token: &str) -> tauri::Result<()> {
    let window = window.gtk_window()?;
    let display = window.display();
    if display.backend().is_wayland() {
        // No desktop's token holds a NUL; one that does is worth nothing.
        let token = CString::new(token).unwrap_or_default();
        let display = display.as_ptr().cast();
        #[expect(unsafe_code, reason = "GDK's Wayland back end has no safe binding for GTK 3")]
        // SAFETY: the display is a Wayland one, and both pointers live through the call, which copies the text.
        unsafe {
            gdk_wayland_sys::gdk_wayland_display_set_startup_notification_id(display, token.as_ptr());
        }
    } else {
        window.set_startup_id(token);
    }
    window.present();
    Ok(())
}
