use std::collections::VecDeque;

use deskbell_clock::Timestamp;
use deskbell_protocol::ReservationId;

use crate::bell::Occasion;
use crate::notice::Cause;
use crate::policy::{Reason, Wait};
use crate::{Language, Verdict};

/// So many decisions are remembered.
const MOST: usize = 20;

/// What was decided about toasts lately, with the reason: for the person who wonders why it rang, or why it did not. No
/// patient data.
#[derive(Debug, Default)]
pub(crate) struct Recent(VecDeque<Line>);

#[derive(Clone, Copy, Debug)]
struct Line {
    at: Timestamp,
    id: Option<ReservationId>,
    why: Why,
}

/// What became of it, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It rang at once.
    Rang(Cause),
    /// It rang once it no longer had to wait.
    RangLater,
    /// It rang again, for the so-manieth time, because nobody has handled it.
    Repeated(u8),
    /// So many were told together.
    Together(Occasion, usize),
    /// It waits.
    Waits(Wait),
    /// Its toast did not come through.
    Failed,
    /// No toast.
    Quiet(Reason),
}

impl Why {
    const fn rang(self) -> bool {
        match self {
            Self::Rang(_) | Self::RangLater | Self::Repeated(_) | Self::Together(..) => true,
            Self::Waits(_) | Self::Failed | Self::Quiet(_) => false,
        }
    }
}

impl Recent {
    /// Notes what was decided about `id`, or about a digest.
    pub(crate) fn note(&mut self, at: Timestamp, id: Option<ReservationId>, why: Why) {
        self.0.truncate(MOST - 1);
        self.0.push_front(Line { at, id, why });
    }

    /// Newest first, in `language`.
    pub(crate) fn told_in(&self, language: Language) -> Vec<Verdict> {
        let told = |line: &Line| Verdict {
            at: line.at,
            id: line.id,
            rang: line.why.rang(),
            sentence: language.why(line.why),
        };
        self.0.iter().map(told).collect()
    }
}
