use std::collections::VecDeque;

use deskbell_desk::{Toast, ToastKey};

/// A click is understood on so many of the last toasts, be they on the screen or in the daemon's history.
const REMEMBERED: usize = 512;

/// Where a toast is: a daemon counts its toasts anew, and another may give the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The daemon's unique name on the bus.
    pub(super) daemon: String,
    /// Its number for the toast.
    pub(super) id: u32,
}

/// What hangs on the screen, and what has hung there.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Toasts that nobody has answered, oldest first; without a slot where the daemon has lost it.
    open: Vec<(Toast, Option<Slot>)>,
    /// Which toast each slot held last, oldest first.
    known: VecDeque<(Slot, ToastKey)>,
}

impl Board {
    /// `toast` is in `slot` now.
    pub(super) fn put(&mut self, toast: Toast, slot: Slot) {
        self.known.retain(|(known, _)| *known != slot);
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back((slot.clone(), toast.key));
        // A daemon that gives a number anew has no toast there any more.
        self.open
            .retain(|(open, held)| open.key == toast.key || held.as_ref() != Some(&slot));
        match self.open.iter_mut().find(|(open, _)| open.key == toast.key) {
            Some(open) => *open = (toast, Some(slot)),
            None => self.open.push((toast, Some(slot))),
        }
    }

    /// Where the open toast about `key` is.
    pub(super) fn slot_of_open(&self, key: ToastKey) -> Option<&Slot> {
        let (_, slot) = self.open.iter().find(|(open, _)| open.key == key)?;
        slot.as_ref()
    }

    /// What the open toasts are about, oldest first.
    pub(super) fn open_keys(&self) -> Vec<ToastKey> {
        self.open.iter().map(|(open, _)| open.key).collect()
    }

    /// What the toast in `slot` is about, or was: daemons keep a history, in which people click.
    pub(super) fn key_of(&self, slot: &Slot) -> Option<ToastKey> {
        let known = self.known.iter().find(|(known, _)| known == slot);
        known.map(|(_, key)| *key)
    }

    /// The toast in `slot` is off the screen; says which it was if it was open.
    pub(super) fn closed(&mut self, slot: &Slot) -> Option<ToastKey> {
        let at = self
            .open
            .iter()
            .position(|(_, held)| held.as_ref() == Some(slot))?;
        Some(self.open.remove(at).0.key)
    }

    /// The toast about `key` is to go; says where it was last, on the screen or in the history.
    pub(super) fn withdraw(&mut self, key: ToastKey) -> Option<Slot> {
        self.open.retain(|(open, _)| open.key != key);
        let last = self.known.iter().rev().find(|(_, known)| *known == key);
        last.map(|(slot, _)| slot.clone())
    }

    /// `daemon` is the one that runs now. The open toasts that it does not know, oldest first.
    pub(super) fn lost(&mut self, daemon: Option<&str>) -> Vec<Toast> {
        self.known
            .retain(|(slot, _)| Some(slot.daemon.as_str()) == daemon);
        let mut lost = Vec::new();
        for (toast, held) in &mut self.open {
            if held.as_ref().map(|slot| slot.daemon.as_str()) != daemon || daemon.is_none() {
                *held = None;
                lost.push(toast.clone());
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toast(key: ToastKey, attempt: u64) -> Toast {
        Toast {
            key,
            attempt,
            title: String::new(),
            body: String::new(),
            quiet: false,
            open: String::new(),
            tells: Vec::new(),
            buttons: Vec::new(),
        }
    }

    fn slot(daemon: &str, id: u32) -> Slot {
        Slot {
            daemon: daemon.into(),
            id,
        }
    }

    fn reservation(at: u32) -> ToastKey {
        let id = format!("018731a4-7c00-7000-8000-{at:012x}");
        ToastKey::Reservation(id.parse().unwrap())
    }

    #[test]
    fn a_click_in_the_history_is_understood() {
        let mut board = Board::default();
        board.put(toast(reservation(1), 1), slot(":1.5", 7));
        assert_eq!(board.closed(&slot(":1.5", 7)), Some(reservation(1)));
        assert_eq!(board.closed(&slot(":1.5", 7)), None);
        assert_eq!(board.key_of(&slot(":1.5", 7)), Some(reservation(1)));
        assert_eq!(board.withdraw(reservation(1)), Some(slot(":1.5", 7)));
    }

    #[test]
    fn a_toast_that_replaces_another_is_the_only_one_about_it() {
        let mut board = Board::default();
        board.put(toast(reservation(1), 1), slot(":1.5", 7));
        board.put(toast(reservation(1), 2), slot(":1.5", 8));
        assert_eq!(board.slot_of_open(reservation(1)), Some(&slot(":1.5", 8)));
        assert_eq!(board.closed(&slot(":1.5", 7)), None, "the old one is not open");
        assert_eq!(board.lost(None), [toast(reservation(1), 2)]);
    }

    #[test]
    fn a_new_daemon_gets_what_is_open_and_its_numbers_mean_nothing_old() {
        let mut board = Board::default();
        for at in 1..=3 {
            board.put(toast(reservation(at), at.into()), slot(":1.5", at));
        }
        board.closed(&slot(":1.5", 2));
        assert_eq!(board.lost(None).len(), 2, "it left");
        let lost = board.lost(Some(":1.9"));
        assert_eq!(lost, [toast(reservation(1), 1), toast(reservation(3), 3)]);
        assert_eq!(board.key_of(&slot(":1.5", 1)), None);
        assert_eq!(board.withdraw(reservation(1)), None, "it is nowhere");
        for (toast, id) in lost.into_iter().zip(1..) {
            board.put(toast, slot(":1.9", id));
        }
        assert_eq!(board.key_of(&slot(":1.9", 2)), Some(reservation(3)));
        assert_eq!(board.lost(Some(":1.9")), []);
    }

    #[test]
    fn a_number_given_anew_belongs_to_the_last() {
        let mut board = Board::default();
        board.put(toast(reservation(1), 1), slot(":1.5", 7));
        board.put(toast(reservation(2), 2), slot(":1.5", 7));
        assert_eq!(board.key_of(&slot(":1.5", 7)), Some(reservation(2)));
        assert_eq!(board.slot_of_open(reservation(1)), None);
        assert_eq!(board.withdraw(reservation(1)), None);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut board = Board::default();
        for id in 0..=u32::try_from(REMEMBERED).unwrap() {
            board.put(toast(reservation(id), 1), slot(":1.5", id));
            board.closed(&slot(":1.5", id));
        }
        assert_eq!(board.key_of(&slot(":1.5", 0)), None);
        assert_eq!(board.key_of(&slot(":1.5", 1)), Some(reservation(1)));
        assert_eq!(board.known.len(), REMEMBERED);
    }
}
