use std::pin::Pin;

use crate::{Probes, Screen, Sound, Toast, ToastKey, TrayMenu};

/// A look at this machine that takes its time.
pub type Probing = Pin<Box<dyn Future<Output = Probes> + Send>>;

/// What the desk needs of the machine it runs on. Holds no rule: the desk decides, the shell does.
///
/// [`Self::ring`] and [`Self::withdraw`] are facts and never dropped; [`Self::draw_tray`] and [`Self::show`] get values,
/// called only when they changed, and the latest wins. No method may block.
pub trait Shell: Send + 'static {
    /// Shows `toast`. What came of it is always reported by [`crate::DeskRequest::Rang`], once per call.
    fn ring(&mut self, toast: Toast);

    /// Takes the toast off the screen, if it is still there.
    fn withdraw(&mut self, key: ToastKey);

    /// Plays `sound` at `volume`, 0 to 100. A machine without a sound device stays silent: the toast is what counts.
    fn play(&mut self, sound: Sound, volume: u8);

    /// Draws the tray.
    fn draw_tray(&mut self, menu: &TrayMenu);

    /// Keeps `screen` for the window, and tells it if there is one.
    fn show(&mut self, screen: &Screen);

    /// Makes the window, or brings it to the front.
    fn open_window(&mut self);

    /// Whether a window is there or on its way. One that has been closed is not, and one asked for since then is.
    fn has_window(&self) -> bool;

    /// Makes the app start at login, or no longer.
    ///
    /// # Errors
    /// Why the system did not take it, for the log.
    fn set_autostart(&mut self, on: bool) -> Result<(), String>;

    /// Whether the app starts at login.
    fn autostart(&self) -> bool;

    /// Looks at what only the shell can see, for the doctor; is awaited elsewhere.
    fn probe(&self) -> Probing;

    /// Ends the app.
    fn quit(&mut self);
}
