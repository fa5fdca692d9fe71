//! What a toast says, as the XML that Windows takes. Pure.

use deskbell_desk::{Toast, ToastKey};

/// An element of XML; whoever writes it down escapes what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }

    fn of(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    fn saying(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }
}

/// The whole toast.
pub(super) fn content(toast: &Toast) -> Element {
    let text = |text| Element::new("text").saying(text);
    let binding = Element::new("binding")
        .with("template", "ToastGeneric")
        .of([text(&toast.title), text(&toast.body)]);
    let written = Element::new("toast")
        .with("launch", link(toast.key))
        .with("activationType", "protocol");
    // A new reservation stays until somebody answers it; news leave after some seconds.
    let written = if toast.quiet {
        written
    } else {
        written.with("scenario", "reminder")
    };
    written.of([
        Element::new("visual").of([binding]),
        Element::new("actions").of(buttons(toast)),
        // The app makes its own sound, or its user wants none.
        Element::new("audio").with("silent", "true"),
    ])
}

fn buttons(toast: &Toast) -> Vec<Element> {
    let button = |label: &str, arguments: String| {
        Element::new("action")
            .with("content", label)
            .with("arguments", arguments)
            .with("activationType", "protocol")
    };
    let mut buttons: Vec<_> = toast
        .buttons
        .iter()
        .map(|pressed| {
            let (link, act) = (link(toast.key), pressed.act.as_str());
            button(&pressed.label, format!("{link}/{act}?n={}", pressed.nonce))
        })
        .collect();
    if !toast.quiet {
        // The system's own "Dismiss", in its own words. A reminder without a button would not stay.
        buttons.push(
            Element::new("action")
                .with("content", "")
                .with("arguments", "dismiss")
                .with("activationType", "system"),
        );
    }
    buttons
}

/// What a click on the toast itself opens.
fn link(key: ToastKey) -> String {
    match key {
        ToastKey::Reservation(id) => format!("deskbell://reservation/{id}"),
        // Names nothing: a link that the desk does not know opens the window.
        ToastKey::Digest | ToastKey::Test => "deskbell://open".into(),
    }
}

#[cfg(test)]
mod tests {
    use deskbell_desk::{DeskLink, ToastAct, ToastButton};

    use super::*;

    const ID: &str = "018731a4-7c00-7000-8000-00000000002a";
    const NONCE: &str = "0123456789abcdef0123456789abcdef";

    fn toast(quiet: bool) -> Toast {
        Toast {
            key: ToastKey::Reservation(ID.parse().unwrap()),
            attempt: 1,
            title: "새 예약".into(),
            body: "<b>김&이</b>".into(),
            quiet,
            tells: Vec::new(),
            open: "열기".into(),
            buttons: vec![ToastButton {
                act: ToastAct::Confirm,
                label: "예약확정".into(),
                nonce: NONCE.parse().unwrap(),
            }],
        }
    }

    fn attribute<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
        let found = element.attributes.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn a_click_opens_the_reservation_and_a_button_acts_once() {
        let written = content(&toast(false));
        let link = format!("deskbell://reservation/{ID}");
        assert_eq!(attribute(&written, "launch"), Some(link.as_str()));
        assert_eq!(attribute(&written, "activationType"), Some("protocol"));
        let [confirm, dismiss] = written.children[1].children.as_slice() else {
            panic!("{written:?}")
        };
        let acts = format!("{link}/confirm?n={NONCE}");
        assert_eq!(attribute(confirm, "arguments"), Some(acts.as_str()));
        assert_eq!(attribute(confirm, "content"), Some("예약확정"));
        let id = ID.parse().unwrap();
        assert_eq!(DeskLink::parse(&link), Some(DeskLink::Reservation(id)));
        let (act, nonce) = (ToastAct::Confirm, NONCE.parse().ok());
        assert_eq!(DeskLink::parse(&acts), Some(DeskLink::Act { id, act, nonce }));
        assert_eq!(attribute(dismiss, "activationType"), Some("system"));
    }

    #[test]
    fn what_it_says_is_text_and_no_markup() {
        let written = content(&toast(false));
        let texts = &written.children[0].children[0].children;
        assert_eq!(texts[0].text, "새 예약");
        assert_eq!(texts[1].text, "<b>김&이</b>");
        assert_eq!(texts[1].children, []);
    }

    #[test]
    fn only_news_leave_by_themselves_and_none_makes_a_sound_of_windows() {
        let (calling, news) = (content(&toast(false)), content(&toast(true)));
        assert_eq!(attribute(&calling, "scenario"), Some("reminder"));
        assert_eq!(attribute(&news, "scenario"), None);
        for toast in [calling, news] {
            assert_eq!(attribute(&toast.children[2], "silent"), Some("true"));
        }
    }

    #[test]
    fn a_digest_opens_the_window() {
        let digest = Toast {
            key: ToastKey::Digest,
            buttons: Vec::new(),
            ..toast(false)
        };
        assert_eq!(attribute(&content(&digest), "launch"), Some("deskbell://open"));
    }
}
