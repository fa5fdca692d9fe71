use deskbell_protocol::ReservationId;

use crate::bell::About;
use crate::bell::digest::Occasion;
use crate::bell::open::Open;

/// What there is to tell at a moment, sorted by what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Somebody has to look after these.
    pub(super) calling: Vec<(ReservationId, About)>,
    /// These were called off.
    pub(super) called_off: Vec<(ReservationId, About)>,
    /// These were told before, and nobody has handled them.
    pub(super) repeats: Vec<(ReservationId, About)>,
    /// There is nothing to tell of these any more.
    pub(super) settled: Vec<ReservationId>,
    /// What they have in common, as far as there is something to tell.
    occasion: Option<Occasion>,
}

/// How it is told.
pub(super) enum Told {
    /// By a toast of its own.
    One(ReservationId, About),
    /// By a digest.
    Together(Occasion),
}

impl Waiting {
    /// `open` waits, and `about` is what there still is to tell of it.
    pub(super) fn add(&mut self, id: ReservationId, open: &Open, about: Option<About>) {
        match about {
            Some(about @ About::CalledOff(_)) => self.called_off.push((id, about)),
            Some(about) => self.calling.push((id, about)),
            None => {
                self.settled.push(id);
                return;
            }
        }
        self.add_occasion(Occasion::of(open.wait));
    }

    /// `id` was told before.
    pub(super) fn repeat(&mut self, id: ReservationId) {
        self.repeats.push((id, About::Repeat(id)));
        self.add_occasion(Occasion::Unhandled);
    }

    fn add_occasion(&mut self, occasion: Occasion) {
        self.occasion = Some(match self.occasion {
            Some(before) if before != occasion => Occasion::Several,
            Some(_) | None => occasion,
        });
    }

    /// How it is told; `None` where there is nothing to tell.
    pub(super) fn told(&self) -> Option<Told> {
        let mut all = self.calling.iter().chain(&self.called_off).chain(&self.repeats);
        let occasion = self.occasion?;
        match (all.next(), all.next()) {
            (Some((id, about)), None) => Some(Told::One(*id, *about)),
            _ => Some(Told::Together(occasion)),
        }
    }
}
