use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastKey};
use windows::Data::Xml::Dom::{XmlDocument, XmlElement};
use windows::Foundation::TypedEventHandler;
use windows::UI::Notifications::{
    NotificationSetting, ToastDismissalReason, ToastDismissedEventArgs, ToastFailedEventArgs,
    ToastNotification, ToastNotificationManager, ToastNotifier,
};
use windows::core::{HSTRING, Result};

use super::content::{Element, content};
use super::registration;
use crate::toast::name::name_of;
use crate::toast::{Report, Toaster};

/// All toasts of a desk are of one group; a toast is known by its name in it.
const GROUP: &str = "desk";

/// A toast that Windows refuses, it has refused by then.
const SETTLED: Duration = Duration::from_secs(1);

/// What the desk wants.
enum Order {
    Show(Toast, Report),
    Withdraw(ToastKey),
}

/// The toasts of Windows, on a thread of their own: each call goes to another process and waits for it.
pub(crate) struct ActionCenter {
    desk: DeskHandle,
    orders: mpsc::Sender<Order>,
}

impl ActionCenter {
    /// Tells Windows who shows toasts here, and reports to `desk`.
    ///
    /// # Errors
    /// When Windows does not take the app's name, or shows no toasts of it.
    pub(crate) fn new(desk: DeskHandle) -> anyhow::Result<Self> {
        registration::register()?;
        let notifier =
            ToastNotificationManager::CreateToastNotifierWithId(&HSTRING::from(registration::SENDER))?;
        let (orders, of_desk) = mpsc::channel();
        let mut attendant = Attendant {
            desk: desk.clone(),
            notifier,
            open: HashMap::new(),
        };
        thread::Builder::new().name("toasts".into()).spawn(move || {
            for order in of_desk {
                match order {
                    Order::Show(toast, report) => attendant.show(&toast, report),
                    Order::Withdraw(key) => attendant.withdraw(key),
                }
            }
        })?;
        Ok(Self { desk, orders })
    }
}

impl Toaster for ActionCenter {
    fn show(&mut self, toast: Toast) {
        let report = Report::on(&toast, &self.desk);
        // Where nobody takes orders any more, the report that comes back says so.
        let _ = self.orders.send(Order::Show(toast, report));
    }

    fn withdraw(&mut self, key: ToastKey) {
        let _ = self.orders.send(Order::Withdraw(key));
    }
}

/// A report that either Windows or the time that has passed answers.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<Report>>>);

impl Pending {
    fn answer(&self, outcome: std::result::Result<(), String>) {
        let report = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (report, outcome) {
            (Some(report), outcome) => report.is(outcome),
            (None, Err(error)) => tracing::warn!(error, "a toast failed after it was shown"),
            (None, Ok(())) => {}
        }
    }
}

/// Stays with the toasts.
struct Attendant {
    desk: DeskHandle,
    notifier: ToastNotifier,
    /// Those that were shown: Windows tells nothing more of one that is let go.
    open: HashMap<ToastKey, ToastNotification>,
}

impl Attendant {
    fn show(&mut self, toast: &Toast, report: Report) {
        let pending = Pending(Arc::new(Mutex::new(Some(report))));
        if let Err(error) = self.present(toast, &pending) {
            pending.answer(Err(error));
            return;
        }
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(SETTLED).await;
            pending.answer(Ok(()));
        });
    }

    fn present(&mut self, toast: &Toast, pending: &Pending) -> std::result::Result<(), String> {
        // Windows may not know the setting of an app that has shown nothing yet.
        match self.notifier.Setting() {
            Ok(NotificationSetting::Enabled) | Err(_) => {}
            Ok(setting) => return Err(format!("the settings of Windows forbid it ({})", setting.0)),
        }
        let shown = self.made(toast, pending).and_then(|made| {
            self.notifier.Show(&made)?;
            Ok(made)
        });
        let shown = shown.map_err(|error| error.to_string())?;
        self.open.insert(toast.key, shown);
        Ok(())
    }

    fn made(&self, toast: &Toast, pending: &Pending) -> Result<ToastNotification> {
        let document = XmlDocument::new()?;
        document.AppendChild(&written(&document, &content(toast))?)?;
        let made = ToastNotification::CreateToastNotification(&document)?;
        made.SetTag(&HSTRING::from(name_of(toast.key)))?;
        made.SetGroup(&HSTRING::from(GROUP))?;

        let (desk, key) = (self.desk.clone(), toast.key);
        made.Dismissed(
            &TypedEventHandler::<ToastNotification, ToastDismissedEventArgs>::new(move |_, why| {
                // One that has left by itself is in the Action Center, where it can still be answered.
                if why.ok()?.Reason()? == ToastDismissalReason::UserCanceled {
                    crate::ask(&desk, DeskRequest::Dismissed(key));
                }
                Ok(())
            }),
        )?;
        let pending = pending.clone();
        made.Failed(
            &TypedEventHandler::<ToastNotification, ToastFailedEventArgs>::new(move |_, why| {
                let code = why.ok()?.ErrorCode()?;
                pending.answer(Err(windows::core::Error::from_hresult(code).to_string()));
                Ok(())
            }),
        )?;
        Ok(made)
    }

    /// Takes a toast off the screen and out of the Action Center, also one that an earlier start of the app has shown.
    fn withdraw(&mut self, key: ToastKey) {
        self.open.remove(&key);
        let (name, group, sender) = (
            HSTRING::from(name_of(key)),
            HSTRING::from(GROUP),
            HSTRING::from(registration::SENDER),
        );
        let gone = ToastNotificationManager::History()
            .and_then(|history| history.RemoveGroupedTagWithId(&name, &group, &sender));
        if let Err(error) = gone {
            // One that is gone already is an error to some versions.
            tracing::info!(%error, "a toast was not taken back");
        }
    }
}

/// `element` as a part of `document`, which escapes what it holds.
fn written(document: &XmlDocument, element: &Element) -> Result<XmlElement> {
    let written = document.CreateElement(&HSTRING::from(element.name))?;
    for (name, value) in &element.attributes {
        written.SetAttribute(&HSTRING::from(*name), &HSTRING::from(value))?;
    }
    if !element.text.is_empty() {
        written.AppendChild(&document.CreateTextNode(&HSTRING::from(&element.text))?)?;
    }
    for child in &element.children {
        written.AppendChild(&self::written(document, child)?)?;
    }
    Ok(written)
}
