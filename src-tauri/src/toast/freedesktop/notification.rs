//! A toast in the daemon's terms. Pure.

use std::collections::HashMap;

use deskbell_desk::Toast;
use zbus::zvariant::Value;

/// The action of a click on the toast itself; the daemons know it by this name.
pub(super) const OPEN: &str = "default";

/// By what name the desktop knows the app, its icon and its settings.
const APP: &str = "deskbell";

/// The sound of a new reservation, by freedesktop's name for it.
const SOUND: &str = "message-new-instant";

/// Leaves when the daemon thinks it should.
const MAY_FADE: i32 = -1;
/// Stays until somebody answers it.
const STAYS: i32 = 0;

/// What a daemon says that it can do, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    /// It takes a toast's text as markup.
    markup: bool,
    /// It shows actions. One that does not might make them something else, such as a window in the way.
    actions: bool,
}

impl Abilities {
    /// Those in a daemon's list.
    pub(super) fn of(capabilities: &[String]) -> Self {
        let can = |what| capabilities.iter().any(|capability| capability == what);
        Self {
            markup: can("body-markup"),
            actions: can("actions"),
        }
    }
}

/// What `Notify` takes: sender, what it replaces, icon, title, text, actions, hints, and when it may leave.
pub(super) type Arguments = (
    &'static str,
    u32,
    &'static str,
    String,
    String,
    Vec<String>,
    HashMap<&'static str, Value<'static>>,
    i32,
);

/// The call that shows `toast` in place of number `replaces` (0: of none).
pub(super) fn arguments(toast: &Toast, replaces: u32, silent: bool, abilities: Abilities) -> Arguments {
    let body = if abilities.markup {
        escaped(&toast.body)
    } else {
        toast.body.clone()
    };
    let actions = if abilities.actions {
        actions(toast)
    } else {
        Vec::new()
    };
    (
        "Deskbell",
        replaces,
        APP,
        toast.title.clone(),
        body,
        actions,
        hints(toast, silent),
        if toast.quiet { MAY_FADE } else { STAYS },
    )
}

/// Names and labels, in turn.
fn actions(_toast: &Toast) -> Vec<String> {
    vec![OPEN.to_owned(), String::new()]
}

fn hints(toast: &Toast, silent: bool) -> HashMap<&'static str, Value<'static>> {
    let (urgency, category) = if toast.quiet {
        (0_u8, "x-deskbell.news")
    } else {
        (1, "x-deskbell.reservation")
    };
    let mut hints = HashMap::from([
        ("desktop-entry", Value::from(APP)),
        ("urgency", Value::from(urgency)),
        ("category", Value::from(category)),
    ]);
    if silent {
        hints.insert("suppress-sound", Value::from(true));
    } else {
        hints.insert("sound-name", Value::from(SOUND));
    }
    hints
}

/// The daemons' body markup takes these three for its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
