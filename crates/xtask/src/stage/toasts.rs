use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::OwnedValue;

use super::PATIENCE;

/// One call of `org.freedesktop.Notifications.Notify`, as the daemon received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toast {
    /// The title.
    pub(crate) summary: String,
    /// The text below it.
    pub(crate) body: String,
}

/// Every toast that any program asked the notification daemon for.
#[derive(Clone)]
pub(crate) struct Toasts(Arc<(Mutex<Heard>, Condvar)>);

/// What went over the bus.
#[derive(Default)]
struct Heard {
    toasts: Vec<(Sender, Toast)>,
    /// Who listens for what becomes of its toast: only from then on is a click heard. Between showing and listening there
    /// is a moment in which it is not (a known gap of the app's Linux back end); no person is as fast.
    listening: HashSet<Sender>,
}

/// A connection to the bus. The app has one for each toast.
type Sender = String;

type NotifyArguments<'a> = (
    &'a str,
    u32,
    &'a str,
    &'a str,
    &'a str,
    Vec<&'a str>,
    HashMap<&'a str, OwnedValue>,
    i32,
);

impl Toasts {
    /// Listens in on a session bus from now on.
    ///
    /// # Errors
    /// When the bus does not let us.
    pub(crate) fn listen(bus: &Connection) -> Result<Self> {
        let rules: &[&str] = &[
            "type='method_call',interface='org.freedesktop.Notifications',member='Notify'",
            "type='method_call',interface='org.freedesktop.DBus',member='AddMatch'",
        ];
        bus.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus.Monitoring"),
            "BecomeMonitor",
            &(rules, 0_u32),
        )?;
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let toasts = Self(Arc::clone(&heard));
        let messages = MessageIterator::from(bus);
        thread::spawn(move || {
            for message in messages.flatten() {
                if message.message_type() != Type::MethodCall {
                    continue;
                }
                let body = message.body();
                let header = message.header();
                let Some(sender) = header.sender().map(ToString::to_string) else {
                    continue;
                };
                let mut so_far = heard.0.lock().unwrap_or_else(PoisonError::into_inner);
                match header.member().map(|member| member.as_str()) {
                    Some("Notify") => {
                        if let Ok((_, _, _, summary, text, ..)) = body.deserialize::<NotifyArguments<'_>>() {
                            let (summary, body) = (summary.to_owned(), text.to_owned());
                            so_far.toasts.push((sender, Toast { summary, body }));
                        }
                    }
                    // The second and last thing a program wants to hear of its toast.
                    Some("AddMatch") if body.deserialize().is_ok_and(is_for_the_end_of_a_toast) => {
                        so_far.listening.insert(sender);
                    }
                    _ => continue,
                }
                heard.1.notify_all();
            }
        });
        Ok(toasts)
    }

    /// Those heard so far, oldest first.
    pub(crate) fn all(&self) -> Vec<Toast> {
        let heard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.toasts.iter().map(|(_, toast)| toast.clone()).collect()
    }

    /// Waits until there are more than `known`, and a click on each is heard; gives those.
    ///
    /// # Errors
    /// When none comes within [`PATIENCE`].
    pub(crate) fn after(&self, known: usize) -> Result<Vec<Toast>> {
        let (heard, changed) = &*self.0;
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (heard, timeout) = changed
            .wait_timeout_while(heard, PATIENCE, |heard| {
                let new = heard.toasts.iter().skip(known);
                heard.toasts.len() <= known
                    || !new
                        .map(|(sender, _)| sender)
                        .all(|sender| heard.listening.contains(sender))
            })
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            bail!("no toast within {} s", PATIENCE.as_secs());
        }
        let new = heard.toasts.iter().skip(known);
        Ok(new.map(|(_, toast)| toast.clone()).collect())
    }
}

fn is_for_the_end_of_a_toast(rule: &str) -> bool {
    rule.contains("org.freedesktop.Notifications") && rule.contains("NotificationClosed")
}
