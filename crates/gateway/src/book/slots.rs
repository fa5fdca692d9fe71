use deskbell_protocol::{Hospital, OpeningHours};

/// How long a slot is, in minutes.
const SLOT: u16 = 30;

/// Offered where the hospital never said when it is open: 09:00 to 18:00.
const USUAL: (u16, u16) = (9 * 60, 18 * 60);

/// The times a patient may choose from, as the form has them. One list for every day, as the page has no script:
/// whether a Saturday afternoon will do is for the desk to answer.
pub(super) fn slots(hospital: &Hospital) -> Vec<String> {
    let hours = hospital
        .hours
        .as_deref()
        .and_then(|hours| hours.parse::<OpeningHours>().ok());
    let (opens, closes) = hours.map_or(USUAL, |hours| hours.span());
    // 24:00 is no time of a form.
    let closes = closes.min(24 * 60 - 1);
    (opens..closes)
        .step_by(SLOT.into())
        .take_while(|start| start + SLOT <= closes)
        .map(|start| format!("{} ~ {}", time(start), time(start + SLOT)))
        .collect()
}

fn time(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::{HospitalId, TimeSlot};

    use super::*;

    fn slots_of(hours: Option<&str>) -> Vec<String> {
        slots(&Hospital {
            id: HospitalId::from_bytes([0; 16]),
            slug: String::new(),
            name: String::new(),
            timezone: String::new(),
            hours: hours.map(str::to_owned),
        })
    }

    #[test]
    fn slots_fill_the_opening_hours() {
        assert_eq!(
            slots_of(Some("mon-fri 09:00-10:15, sat 08:30-09:00")),
            ["08:30 ~ 09:00", "09:00 ~ 09:30", "09:30 ~ 10:00"]
        );
        assert_eq!(slots_of(None).len(), 18);
        assert_eq!(slots_of(Some("nonsense")).len(), 18);
        assert!(slots_of(Some("mon 09:00-09:20")).is_empty());
    }

    #[test]
    fn every_slot_is_one_a_form_may_have() {
        let slots = slots_of(Some("mon-sun 00:00-24:00"));
        assert_eq!(slots.len(), 47);
        for slot in slots {
            assert_eq!(slot.parse::<TimeSlot>().unwrap().to_string(), slot);
        }
    }
}
