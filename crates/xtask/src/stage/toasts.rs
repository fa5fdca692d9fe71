use std::collections::HashMap;
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
    toasts: Vec<Toast>,
}

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
        let rules: &[&str] =
            &["type='method_call',interface='org.freedesktop.Notifications',member='Notify'"];
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
                let Ok((_, _, _, summary, text, ..)) = body.deserialize::<NotifyArguments<'_>>() else {
                    continue;
                };
                let (summary, body) = (summary.to_owned(), text.to_owned());
                let mut so_far = heard.0.lock().unwrap_or_else(PoisonError::into_inner);
                so_far.toasts.push(Toast { summary, body });
                heard.1.notify_all();
            }
        });
        Ok(toasts)
    }

    /// Those heard so far, oldest first.
    pub(crate) fn all(&self) -> Vec<Toast> {
        let heard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.toasts.clone()
    }

    /// Waits until there are more than `known`, and gives those.
    ///
    /// # Errors
    /// When none comes within [`PATIENCE`].
    pub(crate) fn after(&self, known: usize) -> Result<Vec<Toast>> {
        let (heard, changed) = &*self.0;
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (heard, timeout) = changed
            .wait_timeout_while(heard, PATIENCE, |heard| heard.toasts.len() <= known)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            bail!("no toast within {} s", PATIENCE.as_secs());
        }
        Ok(heard.toasts.iter().skip(known).cloned().collect())
    }
}
