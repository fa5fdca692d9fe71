//! A toast in the daemon's terms. Pure.

use std::collections::HashMap;

use deskbell_desk::Toast;
use zbus::zvariant::Value;

/// The action of a click on the toast itself; the daemons know it by this name.
pub(super) const OPEN: &str = "default";

/// By what name the desktop knows the app, its icon and its settings.
const APP: &str = "deskbell";

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
pub(super) fn arguments(toast: &Toast, replaces: u32, abilities: Abilities) -> Arguments {
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
        hints(toast),
        if toast.quiet { MAY_FADE } else { STAYS },
    )
}

/// Names and labels, in turn.
fn actions(toast: &Toast) -> Vec<String> {
    let buttons = toast.buttons.iter();
    [(OPEN, &toast.open)]
        .into_iter()
        .chain(buttons.map(|button| (button.act.as_str(), &button.label)))
        .flat_map(|(name, label)| [name.to_owned(), label.clone()])
        .collect()
}

fn hints(toast: &Toast) -> HashMap<&'static str, Value<'static>> {
    let (urgency, category) = if toast.quiet {
        (0_u8, "x-deskbell.news")
    } else {
        (1, "x-deskbell.reservation")
    };
    HashMap::from([
        ("desktop-entry", Value::from(APP)),
        ("urgency", Value::from(urgency)),
        ("category", Value::from(category)),
        // The app makes its own sound, or its user wants none.
        ("suppress-sound", Value::from(true)),
    ])
}

/// The daemons' body markup takes these three for its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use deskbell_desk::{ToastAct, ToastButton, ToastKey};

    use super::*;

    const ALL: Abilities = Abilities {
        markup: true,
        actions: true,
    };

    fn toast(quiet: bool) -> Toast {
        let button = |act, label: &str| ToastButton {
            act,
            label: label.into(),
            nonce: "0123456789abcdef0123456789abcdef".parse().unwrap(),
        };
        Toast {
            key: ToastKey::Test,
            attempt: 1,
            title: "A&B".into(),
            body: "<b>김&이</b>".into(),
            quiet,
            tells: Vec::new(),
            open: "열기".into(),
            buttons: vec![
                button(ToastAct::Confirm, "예약확정"),
                button(ToastAct::Claim, "내가 처리"),
            ],
        }
    }

    #[test]
    fn a_name_is_no_markup() {
        let body = |markup| arguments(&toast(false), 0, Abilities { markup, ..ALL }).4;
        assert_eq!(body(true), "&lt;b&gt;김&amp;이&lt;/b&gt;");
        assert_eq!(body(false), "<b>김&이</b>");
        assert_eq!(
            arguments(&toast(false), 0, ALL).3,
            "A&B",
            "a title is never markup"
        );
    }

    #[test]
    fn only_news_may_fade_and_none_makes_a_sound_of_the_desktops() {
        let (calling, news) = (arguments(&toast(false), 0, ALL), arguments(&toast(true), 0, ALL));
        assert_eq!((calling.7, news.7), (STAYS, MAY_FADE));
        assert_eq!(calling.6["urgency"], Value::from(1_u8));
        assert_eq!(news.6["urgency"], Value::from(0_u8));
        for toast in [calling, news] {
            assert_eq!(toast.6["suppress-sound"], Value::from(true));
            assert_eq!(toast.6["desktop-entry"], Value::from("deskbell"));
        }
    }

    #[test]
    fn buttons_are_named_by_what_they_do_and_go_where_no_button_is_shown() {
        let shown = arguments(&toast(false), 7, ALL);
        assert_eq!(
            shown.5,
            ["default", "열기", "confirm", "예약확정", "claim", "내가 처리"]
        );
        assert_eq!(shown.1, 7);
        let without = Abilities {
            actions: false,
            ..ALL
        };
        assert_eq!(arguments(&toast(false), 0, without).5, [""; 0]);
    }

    #[test]
    fn a_daemons_list_says_what_it_can_do() {
        let can = |all: &[&str]| Abilities::of(&all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(can(&["actions", "body", "body-markup"]), ALL);
        assert_eq!(
            can(&["body", "body-hyperlinks"]),
            Abilities {
                markup: false,
                actions: false
            }
        );
    }
}
