//! macOS: the User Notifications framework. Its one delegate stays for as long as the app runs, and what it hears of a
//! toast says which it was, so that a click is understood whenever it comes.
#![expect(
    unsafe_code,
    reason = "Objective-C: a class of our own, and constants of the framework's"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use block2::{DynBlock, RcBlock};
use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastAct, ToastKey};
use objc2::rc::{Retained, autoreleasepool};
use objc2::runtime::{Bool, NSObject, NSObjectProtocol, ProtocolObject};
use objc2::{AnyThread, DefinedClass, define_class, msg_send};
use objc2_foundation::{NSArray, NSError, NSSet, NSString};
use objc2_user_notifications::{
    UNAuthorizationOptions, UNMutableNotificationContent, UNNotification, UNNotificationAction,
    UNNotificationActionOptions, UNNotificationCategory, UNNotificationCategoryOptions,
    UNNotificationDefaultActionIdentifier, UNNotificationDismissActionIdentifier,
    UNNotificationPresentationOptions, UNNotificationRequest, UNNotificationResponse,
    UNUserNotificationCenter, UNUserNotificationCenterDelegate,
};

use super::name::{act_named, key_named, name_of};
use super::{Report, Toaster};

/// All toasts of a desk are one pile.
const PILE: &str = "desk";

/// The launch of the app, in which the system must not be asked for leave, is over by then.
const LAUNCHED: Duration = Duration::from_secs(3);

/// The toasts of macOS.
pub(super) struct UserNotifications {
    desk: DeskHandle,
    /// The buttons of each kind of toast, by the kind's name, as they were labelled last.
    kinds: BTreeMap<String, Vec<(ToastAct, String)>>,
}

impl UserNotifications {
    /// Reports to `desk`; `None` outside of an app's bundle, where the framework would end the app.
    pub(super) fn new(desk: DeskHandle) -> Option<Self> {
        let program = std::env::current_exe().ok()?;
        if !is_bundled(&program) {
            return None;
        }
        let delegate = Delegate::new(desk.clone());
        center().setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        // The framework holds it weakly, and a click may come as long as the app runs.
        std::mem::forget(delegate);
        tauri::async_runtime::spawn(async {
            tokio::time::sleep(LAUNCHED).await;
            with_leave(|leave| {
                if let Err(error) = leave {
                    tracing::warn!(error, "macOS shows no toasts of this app");
                }
            });
        });
        Some(Self {
            desk,
            kinds: BTreeMap::new(),
        })
    }

    /// The name of the kind of toast that has these buttons, which the system knows from now on.
    fn kind_of(&mut self, toast: &Toast) -> String {
        let buttons: Vec<_> = toast
            .buttons
            .iter()
            .map(|button| (button.act, button.label.clone()))
            .collect();
        let acts: Vec<_> = buttons.iter().map(|(act, _)| act.as_str()).collect();
        let kind = format!("desk:{}", acts.join("+"));
        if self.kinds.get(&kind) != Some(&buttons) {
            self.kinds.insert(kind.clone(), buttons);
            let kinds: Vec<_> = self
                .kinds
                .iter()
                .map(|(kind, buttons)| category(kind, buttons))
                .collect();
            center().setNotificationCategories(&NSSet::from_retained_slice(&kinds));
        }
        kind
    }
}

impl Toaster for UserNotifications {
    fn show(&mut self, toast: Toast) {
        let report = Report::on(&toast, &self.desk);
        autoreleasepool(|_| {
            let kind = self.kind_of(&toast);
            with_leave(move |leave| match leave {
                Ok(()) => add(&toast, &kind, report),
                Err(error) => report.is(Err(error)),
            });
        });
    }

    fn withdraw(&mut self, key: ToastKey) {
        autoreleasepool(|_| {
            let names = NSArray::from_retained_slice(&[NSString::from_str(&name_of(key))]);
            center().removePendingNotificationRequestsWithIdentifiers(&names);
            center().removeDeliveredNotificationsWithIdentifiers(&names);
        });
    }
}

fn center() -> Retained<UNUserNotificationCenter> {
    UNUserNotificationCenter::currentNotificationCenter()
}

/// Whether the program lies in an app's bundle.
fn is_bundled(program: &Path) -> bool {
    program
        .ancestors()
        .any(|folder| folder.extension().is_some_and(|kind| kind == "app"))
}

/// Goes on once the user's leave to show toasts is known; asks for it where that was never asked. On any thread.
fn with_leave(go_on: impl FnOnce(Result<(), String>) + Send + 'static) {
    let go_on = Once::new(go_on);
    let answered = RcBlock::new(move |granted: Bool, error: *mut NSError| {
        let leave = match why(error) {
            Some(error) => Err(error),
            None if granted.as_bool() => Ok(()),
            None => Err("the settings of macOS forbid it".into()),
        };
        if let Some(go_on) = go_on.take() {
            go_on(leave);
        }
    });
    let wanted = UNAuthorizationOptions::Alert | UNAuthorizationOptions::Sound;
    center().requestAuthorizationWithOptions_completionHandler(wanted, &answered);
}

fn add(toast: &Toast, kind: &str, report: Report) {
    let content = UNMutableNotificationContent::new();
    content.setTitle(&NSString::from_str(&toast.title));
    content.setBody(&NSString::from_str(&toast.body));
    content.setThreadIdentifier(&NSString::from_str(PILE));
    content.setCategoryIdentifier(&NSString::from_str(kind));
    // Without a sound: the app makes its own, or its user wants none.
    let name = NSString::from_str(&name_of(toast.key));
    let request = UNNotificationRequest::requestWithIdentifier_content_trigger(&name, &content, None);
    let report = Once::new(report);
    let added = RcBlock::new(move |error: *mut NSError| {
        if let Some(report) = report.take() {
            report.is(why(error).map_or(Ok(()), Err));
        }
    });
    center().addNotificationRequest_withCompletionHandler(&request, Some(&added));
}

fn category(kind: &str, buttons: &[(ToastAct, String)]) -> Retained<UNNotificationCategory> {
    let actions: Vec<_> = buttons
        .iter()
        .map(|(act, label)| {
            UNNotificationAction::actionWithIdentifier_title_options(
                &NSString::from_str(act.as_str()),
                &NSString::from_str(label),
                UNNotificationActionOptions::empty(),
            )
        })
        .collect();
    UNNotificationCategory::categoryWithIdentifier_actions_intentIdentifiers_options(
        &NSString::from_str(kind),
        &NSArray::from_retained_slice(&actions),
        &NSArray::new(),
        // That a toast is put away is told too.
        UNNotificationCategoryOptions::CustomDismissAction,
    )
}

/// Why something failed, without the system's words: they may quote the toast.
fn why(error: *mut NSError) -> Option<String> {
    // SAFETY: the framework gives a valid error, or none.
    let error = unsafe { error.as_ref() }?;
    Some(format!("{} {}", error.domain(), error.code()))
}

/// What a block gives away the one time that it is called.
struct Once<T>(Mutex<Option<T>>);

impl<T> Once<T> {
    const fn new(value: T) -> Self {
        Self(Mutex::new(Some(value)))
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

define_class!(
    // SAFETY: any class may extend NSObject, and this one has no Drop.
    #[unsafe(super(NSObject))]
    #[name = "DeskbellToastDelegate"]
    #[ivars = DeskHandle]
    struct Delegate;

    // SAFETY: it asks for nothing that NSObject has not.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: the methods' types are the protocol's.
    unsafe impl UNUserNotificationCenterDelegate for Delegate {
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _center: &UNUserNotificationCenter,
            _toast: &UNNotification,
            done: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            // Also while the app is in front, where the system would keep quiet.
            done.call((UNNotificationPresentationOptions::Banner | UNNotificationPresentationOptions::List,));
        }

        #[unsafe(method(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:))]
        fn did_receive(
            &self,
            _center: &UNUserNotificationCenter,
            response: &UNNotificationResponse,
            done: &DynBlock<dyn Fn()>,
        ) {
            let name = response.notification().request().identifier();
            if let Some(request) = asked(&name.to_string(), &response.actionIdentifier()) {
                crate::ask(self.ivars(), request);
            }
            done.call(());
        }
    }
);

impl Delegate {
    fn new(desk: DeskHandle) -> Retained<Self> {
        let this = Self::alloc().set_ivars(desk);
        // SAFETY: NSObject's `init` takes nothing and gives the object.
        unsafe { msg_send![super(this), init] }
    }
}

/// What somebody wants who has done `action` on the toast that the system knows by `name`.
fn asked(name: &str, action: &NSString) -> Option<DeskRequest> {
    let key = key_named(name)?;
    // SAFETY: constants, which the framework never changes.
    let (default, dismiss) = unsafe {
        (
            UNNotificationDefaultActionIdentifier,
            UNNotificationDismissActionIdentifier,
        )
    };
    if action == default {
        return Some(DeskRequest::Clicked(key));
    }
    if action == dismiss {
        return Some(DeskRequest::Dismissed(key));
    }
    match (key, act_named(&action.to_string())) {
        (ToastKey::Reservation(id), Some(act)) => Some(DeskRequest::Acted { id, act }),
        _ => None,
    }
}
