//! Who sits at the desk.

use deskbell_protocol::check_remark;
use jiff::civil::Date;

use crate::Shell;
use crate::desk::Running;
use crate::settings::{Chosen, LONGEST_STAFF, Staff};

impl<S: Shell> Running<S> {
    /// Somebody sits down at the desk and says who they are, or wants to be nobody in particular.
    pub(super) fn set_staff(&mut self, name: Option<String>) {
        let name = name.map(|name| check_remark(&name, LONGEST_STAFF)).transpose();
        let Ok(name) = name else {
            tracing::warn!("a name of who sits here that no gateway would take");
            return;
        };
        self.settings.staff = Staff {
            on: name.as_ref().map(|_| self.date_here()),
            name,
            keep: self.settings.staff.keep,
        };
        self.choose(&Chosen::Staff(self.settings.staff.clone()));
    }

    /// Who sits here, as the gateway is told: whoever said so today. The next shift is not to sign with a name of before.
    pub(super) fn staff(&self) -> Option<String> {
        let staff = &self.settings.staff;
        let is_here = staff.keep || staff.on == Some(self.date_here());
        staff.name.clone().filter(|_| is_here)
    }

    /// The date at the hospital; where no gateway has told the time yet, by the PC's clock.
    fn date_here(&self) -> Date {
        let now = self.now();
        self.inbox.clock().map_or_else(
            || now.to_zoned(self.zone_of_settings()).date(),
            |clock| clock.today(now),
        )
    }
}
