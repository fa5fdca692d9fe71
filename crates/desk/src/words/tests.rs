use deskbell_clock::Timestamp;
use deskbell_protocol::event::Change;
use deskbell_protocol::{PersonName, Relationship, Reservation, Status};

use super::*;
use crate::bell::{About, Occasion};
use crate::gateway::{FetchError, Handling};
use crate::managed::PolicyKey;
use crate::notice::Cause;
use crate::policy::{Reason, Wait};
use crate::recent::Why;
use crate::samples::{answered, called_off, claimed, id, rescheduled, reservation};
use crate::settings::Mistake;
use crate::source::Source;
use crate::update::{LinkFault, Refusal};
use crate::warning::Warning;
use crate::{AutostartProbe, ErrorCode, Language, Link, PauseFor, ToastAct, Transport, Unasked};

const ABOUTS: [fn() -> About; 8] = [
    || About::New(id(1)),
    || About::Rescheduled(id(1)),
    || About::CalledOff(id(1)),
    || About::Again(id(1)),
    || About::Digest {
        occasion: Occasion::Absence,
        found: 7,
        unhandled: 3,
        called_off: 0,
    },
    || About::Undone {
        id: id(1),
        why: ErrorCode::Conflict,
    },
    || About::Undone {
        id: id(1),
        why: ErrorCode::NotReached,
    },
    || About::Test,
];

const WHYS: [Why; 17] = [
    Why::Rang(Cause::Created),
    Why::Rang(Cause::Rescheduled),
    Why::Rang(Cause::CalledOff),
    Why::Rang(Cause::LeaseExpired),
    Why::RangLater,
    Why::Repeated(2),
    Why::Together(Occasion::Unhandled, 3),
    Why::Together(Occasion::Crowd, 3),
    Why::Failed,
    Why::Waits(Wait::Absence),
    Why::Waits(Wait::Crowd),
    Why::Waits(Wait::Pause),
    Why::Waits(Wait::QuietHours),
    Why::Quiet(Reason::FirstFill),
    Why::Quiet(Reason::Handled),
    Why::Quiet(Reason::Claimed),
    Why::Quiet(Reason::ListOnly),
];

const PAUSES: [PauseFor; 4] = [
    PauseFor::Minutes(15),
    PauseFor::Minutes(60),
    PauseFor::UntilTomorrow,
    PauseFor::Over,
];

fn words(language: Language, detail: u8) -> ToastWords<'static> {
    ToastWords {
        language,
        detail,
        hospital: Some("한빛의원"),
        status: true,
    }
}

fn digest(
    language: Language,
    occasion: Occasion,
    found: usize,
    unhandled: usize,
    called_off: usize,
) -> String {
    let about = About::Digest {
        occasion,
        found,
        unhandled,
        called_off,
    };
    words(language, 2).body(about, None)
}

fn body(language: Language, detail: u8, about: About, reservation: &Reservation) -> String {
    words(language, detail).body(about, Some(reservation))
}

/// Every way in which a reservation stands otherwise; its desks have no name, so that no letter comes from there.
fn conflicts(language: Language) -> Vec<String> {
    let unnamed = |change: Change| {
        let mut reservation = change.reservation;
        if let Some(claim) = &mut reservation.claim {
            claim.desk.name.clear();
        }
        if let Some(handled) = &mut reservation.handled_by {
            handled.desk.name.clear();
        }
        reservation
    };
    let pending = reservation(1, 1);
    [
        (Handling::Claim, unnamed(claimed(&pending, 2))),
        (Handling::Claim, unnamed(answered(&pending, 2, Status::Booked))),
        (Handling::Claim, called_off(&pending, 2).reservation),
        (Handling::Claim, rescheduled(&pending, 2).reservation),
        (Handling::Release, pending.clone()),
        (Handling::Undo { seen: 1 }, pending),
    ]
    .iter()
    .map(|(wanted, stands)| language.conflict(*wanted, stands))
    .collect()
}

#[test]
fn a_conflict_says_who_was_first() {
    let mut booked = answered(&reservation(1, 1), 2, Status::Booked).reservation;
    booked.handled_by.as_mut().unwrap().staff = Some("이수진".to_owned());
    assert_eq!(
        Language::Ko.conflict(Handling::Claim, &booked),
        "먼저 처리되었습니다: 예약확정 (접수 2 · 이수진)"
    );
    let off = called_off(&answered(&reservation(1, 1), 2, Status::Booked).reservation, 3).reservation;
    assert_eq!(
        Language::Ko.conflict(Handling::Claim, &off),
        "그 사이에 상태가 바뀌었습니다: 취소",
        "the patient called it off, not the desk that had confirmed it"
    );
}

#[test]
fn every_sentence_is_there_in_its_own_language() {
    let all = |language: Language| {
        let mut all: Vec<String> = Vec::new();
        all.extend(ErrorCode::ALL.map(|code| language.error(code).to_owned()));
        all.extend(Warning::ALL.map(|warning| language.warning(warning).to_owned()));
        all.extend(PolicyKey::ALL.map(|key| language.policy_mistake(key).to_owned()));
        all.extend(Status::ALL.map(|status| language.status(status).to_owned()));
        all.extend(LinkFault::ALL.map(|fault| language.link_fault(fault).to_owned()));
        all.extend(Mistake::ALL.map(|mistake| language.mistake(mistake).to_owned()));
        all.extend(
            [
                Refusal::SignedOut,
                Refusal::UpgradeRequired,
                Refusal::AuthRefused,
                Refusal::Unknown,
                Refusal::StoreShut,
                Refusal::EnrolmentRefused,
            ]
            .map(|refusal| language.refusal(refusal).to_owned()),
        );
        all.extend(
            [
                FetchError::NotFound,
                FetchError::SignedOut,
                FetchError::NotDeskbell,
            ]
            .map(|error| language.details_failure(&error).to_owned()),
        );
        all.extend(
            [
                language.open(),
                language.autostart(),
                language.settings(),
                language.quit(),
                language.toasts_held_back(),
                language.toasts_shown_by_nobody(),
                language.no_tray(),
                language.kept_in_a_file(),
                language.kept_in_the_store(),
                language.nothing_kept(),
                language.unasked(Unasked::NoSession),
                language.unasked(Unasked::NoQuestion),
            ]
            .map(str::to_owned),
        );
        all.extend(
            [
                AutostartProbe::On,
                AutostartProbe::Off,
                AutostartProbe::SwitchedOff,
                AutostartProbe::Elsewhere,
                AutostartProbe::Unreadable,
                AutostartProbe::OwnHome,
            ]
            .map(|found| language.autostart_found(found).to_owned()),
        );
        all.extend([ToastAct::Confirm, ToastAct::Claim].map(|act| language.act(act).to_owned()));
        all.extend(conflicts(language));
        all.push(language.unhandled_line(3));
        all.push(language.heard_line(3));
        all.push(language.not_kept().to_owned());
        all.push(language.transport(Transport::Polling).to_owned());
        all.extend(WHYS.map(|why| language.why(why)));
        all.extend(PAUSES.map(|pause| language.pause(pause)));
        all.push(language.paused_line(jiff::civil::time(15, 0, 0, 0)));
        all.push(language.quiet_line().to_owned());
        for about in ABOUTS {
            let words = ToastWords {
                language,
                detail: 0,
                hospital: None,
                status: true,
            };
            all.push(words.title(about()));
            all.push(words.body(about(), None));
        }
        all
    };
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    let (ko, en) = (all(Language::Ko), all(Language::En));
    assert_eq!(ko.len(), en.len());
    for (ko, en) in ko.iter().zip(&en) {
        assert!(hangul(ko), "{ko}");
        assert!(!hangul(en) && !en.trim().is_empty(), "{en}");
    }
}

#[test]
fn who_can_put_the_settings_right_is_said_with_each_mistake() {
    for mistake in Mistake::ALL {
        let (ko, en) = (Language::Ko.mistake(mistake), Language::En.mistake(mistake));
        assert!(ko.contains("전산 담당자"), "{ko}");
        assert!(en.contains("IT staff"), "{en}");
    }
}

#[test]
fn a_toast_tells_as_much_as_it_may() {
    let reservation = reservation(1, 1);
    let ko = |detail| body(Language::Ko, detail, About::New(id(1)), &reservation);
    assert_eq!(ko(0), "예약 1건이 들어왔습니다.");
    assert_eq!(ko(1), "11월 22일(일) 10:30 ~ 11:00");
    assert_eq!(ko(2), "김**스 님 · 11월 22일(일) 10:30 ~ 11:00");
    assert_eq!(
        ko(3),
        "김크리스 님 (본인) · 11월 22일(일) 10:30 ~ 11:00\n010-1111-1111"
    );
    let en = |detail| body(Language::En, detail, About::New(id(1)), &reservation);
    assert_eq!(en(0), "1 booking came in.");
    assert_eq!(en(1), "Sun 22 Nov 10:30 ~ 11:00");
    assert_eq!(en(2), "김**스 · Sun 22 Nov 10:30 ~ 11:00");
    assert_eq!(en(3), "김크리스 (본인) · Sun 22 Nov 10:30 ~ 11:00\n010-1111-1111");
}

#[test]
fn below_detail_three_no_toast_names_anybody() {
    let reservation = reservation(1, 1);
    for language in [Language::Ko, Language::En] {
        for detail in 0..=2 {
            for about in ABOUTS {
                let text = body(language, detail, about(), &reservation);
                assert!(!text.contains("김크리스") && !text.contains("1111"), "{text}");
            }
        }
    }
}

#[test]
fn titles_and_digests_read_as_people_speak() {
    let titles = |language| ABOUTS.map(|about| words(language, 2).title(about()));
    assert_eq!(
        titles(Language::Ko),
        [
            "새 예약 · 한빛의원",
            "예약 변경 · 한빛의원",
            "예약 취소 · 한빛의원",
            "미처리 예약 · 한빛의원",
            "예약 알림 · 한빛의원",
            "먼저 처리된 예약 · 한빛의원",
            "처리하지 못한 예약 · 한빛의원",
            "시험 알림 · 한빛의원",
        ]
    );
    let absence = |language, found, unhandled| digest(language, Occasion::Absence, found, unhandled, 0);
    assert_eq!(absence(Language::Ko, 7, 3), "자리 비운 사이 예약 7건, 미처리 3건");
    assert_eq!(
        absence(Language::En, 7, 3),
        "While you were away: 7 bookings, 3 unhandled"
    );
    assert_eq!(
        absence(Language::En, 1, 1),
        "While you were away: 1 booking, 1 unhandled"
    );
}

#[test]
fn long_names_are_cut() {
    let mut long = reservation(1, 1);
    long.name = PersonName::new("가".repeat(100));
    long.relationship = Relationship::new("나".repeat(40));
    for detail in 0..=3 {
        let text = body(Language::Ko, detail, About::New(id(1)), &long);
        assert!(text.chars().count() <= 110, "{text}");
    }
    let words = ToastWords {
        language: Language::Ko,
        detail: 2,
        hospital: Some(&"병".repeat(200)),
        status: true,
    };
    assert!(words.title(About::Test).chars().count() <= 40);
    assert!(
        Language::Ko
            .next_line(&long, Source::Gateway.abilities())
            .chars()
            .count()
            <= 45
    );
    assert_eq!(shorten("Chris Kim", 6), "Chris…");
    assert_eq!(shorten("김철수", 3), "김철수");
}

#[test]
fn the_link_is_told_in_a_line() {
    let since = Timestamp::UNIX_EPOCH;
    let reason = String::new();
    let clock = Some(jiff::civil::time(14, 3, 0, 0));
    let offline = Link::Offline {
        since,
        reason: reason.clone(),
    };
    assert_eq!(
        Language::Ko.link_line(&offline, clock),
        "서버 연결 끊김 · 14:03부터"
    );
    assert_eq!(Language::En.link_line(&offline, clock), "Server away since 14:03");
    for link in [
        Link::Unpaired,
        Link::Connecting { since },
        Link::Live,
        Link::Refused { reason },
        offline,
    ] {
        assert_ne!(
            Language::Ko.link_line(&link, None),
            Language::En.link_line(&link, None)
        );
    }
}

#[test]
fn the_trays_next_line_names_nobody_in_full() {
    assert_eq!(
        Language::Ko.next_line(&reservation(1, 1), Source::Gateway.abilities()),
        "10:30 김**스 · 예약신청"
    );
    assert_eq!(
        Language::En.next_line(&reservation(1, 1), Source::Gateway.abilities()),
        "10:30 김**스 · Requested"
    );
}

#[test]
fn a_digest_says_what_its_bookings_have_in_common() {
    let told = |language| {
        [
            (Occasion::Crowd, 197, 197, 0),
            (Occasion::Hush, 7, 7, 2),
            (Occasion::Unhandled, 5, 3, 0),
            (Occasion::Several, 1, 0, 0),
            (Occasion::Hush, 0, 0, 2),
        ]
        .map(|(occasion, found, unhandled, called_off)| {
            digest(language, occasion, found, unhandled, called_off)
        })
    };
    assert_eq!(
        told(Language::Ko),
        [
            "한꺼번에 들어온 예약 197건, 미처리 197건",
            "알림을 쉬는 동안 예약 7건, 미처리 7건, 취소 2건",
            "아직 처리되지 않은 예약 3건",
            "그동안 예약 1건, 미처리 0건",
            "그동안 취소된 예약 2건",
        ]
    );
    assert_eq!(
        told(Language::En),
        [
            "All at once: 197 bookings, 197 unhandled",
            "While notifications were off: 7 bookings, 7 unhandled, 2 cancelled",
            "Still unhandled: 3 bookings",
            "Meanwhile: 1 booking, 0 unhandled",
            "Cancelled meanwhile: 2 bookings",
        ]
    );
}

#[test]
fn the_tray_offers_pauses_in_words() {
    let all = |language: Language| PAUSES.map(|pause| language.pause(pause));
    assert_eq!(
        all(Language::Ko),
        [
            "알림 15분 멈추기",
            "알림 1시간 멈추기",
            "알림 내일까지 멈추기",
            "알림 다시 켜기"
        ]
    );
    assert_eq!(
        all(Language::En),
        [
            "Pause notifications for 15 minutes",
            "Pause notifications for 1 hour",
            "Pause notifications until tomorrow",
            "Resume notifications"
        ]
    );
}

#[test]
fn each_fault_has_a_sentence_of_its_own() {
    for language in [Language::Ko, Language::En] {
        let told: std::collections::BTreeSet<_> =
            LinkFault::ALL.map(|fault| language.link_fault(fault)).into();
        assert_eq!(told.len(), LinkFault::ALL.len());
        let told: std::collections::BTreeSet<_> =
            Mistake::ALL.map(|mistake| language.mistake(mistake)).into();
        assert_eq!(told.len(), Mistake::ALL.len());
    }
}

#[test]
fn outages_that_nobody_makes_up_for_are_told_with_their_length() {
    let gap = |count, minutes: u64| Gap {
        count,
        total: std::time::Duration::from_secs(minutes * 60 - 1),
        last: (jiff::civil::time(14, 3, 0, 0), jiff::civil::time(14, 10, 0, 0)),
    };
    assert_eq!(
        Language::Ko.outages(&gap(1, 7)),
        "7분 동안 끊겨 있었습니다(14:03~14:10). 그 사이의 예약은 이 서버가 다시 보내지 않습니다. 예약 시스템에서 확인해 주세요."
    );
    assert_eq!(
        Language::Ko.outages(&gap(3, 120)),
        "오늘 3번, 모두 2시간 동안 끊겨 있었습니다(마지막 14:03~14:10). 그 사이의 예약은 이 서버가 다시 보내지 않습니다. 예약 시스템에서 확인해 주세요."
    );
    assert!(
        Language::En
            .outages(&gap(1, 1))
            .starts_with("The connection was gone for 1 minute (14:03–14:10).")
    );
    assert!(
        Language::En
            .outages(&gap(2, 61))
            .contains("2 times today, 1 h 1 min in all")
    );
}

#[test]
fn what_cannot_be_shown_is_counted_by_its_fields() {
    let at = jiff::civil::time(9, 5, 0, 0);
    assert_eq!(
        Language::Ko.unfit(2, at, &["name", "phone"]),
        "형식이 맞지 않아 표시하지 못한 예약이 2건 있습니다(마지막 09:05 · name, phone). 예약 시스템에서 확인하고 전산 담당자에게 알려 주세요."
    );
    assert_eq!(
        Language::En.unfit(1, at, &[]),
        "1 booking could not be read (last 09:05). Please check the booking system and tell your IT staff."
    );
}
