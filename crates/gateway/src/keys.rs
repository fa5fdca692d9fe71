use data_encoding::BASE64URL_NOPAD;
use deskbell_clock::Entropy;
use deskbell_protocol::{HospitalId, NewReservation, ReservationId, keyed_hash};
use deskbell_store::{Store, StoreError};
use subtle::ConstantTimeEq;

/// How a watch token begins.
const WATCH: &str = "dbwatch";

/// The gateway's own secrets: every gateway on one database has the same.
#[derive(Clone)]
pub(crate) struct Keys {
    watch: [u8; 32],
    idempotency: [u8; 32],
}

impl Keys {
    /// Those of the database, which are made at its first use.
    pub(crate) async fn of(store: &dyn Store, entropy: &dyn Entropy) -> Result<Self, StoreError> {
        let fresh = || {
            let mut key = [0; 32];
            entropy.fill(&mut key);
            key
        };
        Ok(Self {
            watch: store.secret("watch", fresh()).await?,
            idempotency: store.secret("idempotency", fresh()).await?,
        })
    }

    /// Opens the patient's own page of this one reservation. Derived, so that a repeated request can be told it again.
    pub(crate) fn watch_token(&self, id: ReservationId) -> String {
        let token = [&id.as_bytes()[..], &self.watch_secret(id)].concat();
        format!("{WATCH}{}", BASE64URL_NOPAD.encode(&token))
    }

    /// The reservation that a watch token opens, whether or not there is one; `None` for a token that this gateway never
    /// gave. Takes a time that does not depend on where a forged one differs.
    pub(crate) fn watched(&self, token: &str) -> Option<ReservationId> {
        let encoded = token.strip_prefix(WATCH)?;
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?;
        let (id, secret) = bytes.split_first_chunk()?;
        let id = ReservationId::from_bytes(*id);
        bool::from(self.watch_secret(id).ct_eq(secret)).then_some(id)
    }

    fn watch_secret(&self, id: ReservationId) -> [u8; 32] {
        keyed_hash(&self.watch, &[b"watch", id.as_bytes()])
    }

    /// Recognises a request by what its sender calls it. `source` keeps apart what comes by different ways.
    pub(crate) fn request(&self, hospital: HospitalId, source: &str, name: &[u8]) -> [u8; 32] {
        keyed_hash(
            &self.idempotency,
            &[b"request", hospital.as_bytes(), source.as_bytes(), name],
        )
    }

    /// Tells whether two requests came with the same five fields, as they were understood.
    pub(crate) fn fields(&self, new: &NewReservation) -> [u8; 32] {
        let (date, time) = (new.reservationdate.to_string(), new.reservationtime.to_string());
        keyed_hash(
            &self.idempotency,
            &[
                b"fields",
                new.relationship.as_str().as_bytes(),
                new.name.as_str().as_bytes(),
                new.phone.as_str().as_bytes(),
                date.as_bytes(),
                time.as_bytes(),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::Form;
    use jiff::Timestamp;

    use super::*;

    const KEYS: Keys = Keys {
        watch: [1; 32],
        idempotency: [2; 32],
    };

    fn form(name: &str, phone: &str, time: &str) -> NewReservation {
        let mut form = Form::default();
        for (field, value) in [
            ("relationship", "본인"),
            ("name", name),
            ("phone", phone),
            ("reservationdate", "2026-11-23"),
            ("reservationtime", time),
        ] {
            form.take(field, || value.to_owned());
        }
        form.check().unwrap()
    }

    #[test]
    fn the_mac_is_that_of_rfc_2104() {
        // Made with: printf '\0\0\0\0\0\0\0\1a' | openssl dgst -sha256 -mac hmac -macopt hexkey:0101…01
        let hex = data_encoding::HEXLOWER.encode(&keyed_hash(&[1; 32], &[b"a"]));
        assert_eq!(
            hex,
            "a98e60f1ee06593cf30a10cf342fc2fad99eaf877bb75233c86ca7ef4dcbfca7"
        );
    }

    #[test]
    fn spellings_of_the_same_fields_are_the_same_and_moved_letters_are_not() {
        let fields = |name, phone, time| KEYS.fields(&form(name, phone, time));
        let seed = fields("김크리스", "010-1111-1111", "10:30 ~ 11:00");
        assert_eq!(seed, fields(" 김크리스 ", "010-1111-1111", "10:30-11:00"));
        assert_ne!(seed, fields("김크리스0", "10-1111-1111", "10:30 ~ 11:00"));
    }

    #[test]
    fn each_reservation_has_its_own_watch_token() {
        let id = |n| ReservationId::new(Timestamp::UNIX_EPOCH, &[n; 10]);
        assert_eq!(KEYS.watch_token(id(1)), KEYS.watch_token(id(1)));
        assert_ne!(KEYS.watch_token(id(1)), KEYS.watch_token(id(2)));
        assert_eq!(KEYS.watch_token(id(1)).len(), "dbwatch".len() + 64);
    }

    #[test]
    fn a_watch_token_opens_its_own_reservation_and_one_changed_anywhere_opens_none() {
        let id = ReservationId::new(Timestamp::UNIX_EPOCH, &[1; 10]);
        let token = KEYS.watch_token(id);
        assert_eq!(KEYS.watched(&token), Some(id));
        for at in 0..token.len() {
            let other = if token.as_bytes()[at] == b'x' { "y" } else { "x" };
            let mut forged = token.clone();
            forged.replace_range(at..=at, other);
            assert_eq!(KEYS.watched(&forged), None, "{at}");
        }
        for length in 0..token.len() {
            assert_eq!(KEYS.watched(&token[..length]), None, "{length}");
        }
        assert_eq!(KEYS.watched(&format!("{token}AAAA")), None);
        let elsewhere = Keys {
            watch: [3; 32],
            ..KEYS
        };
        assert_eq!(elsewhere.watched(&token), None, "another gateway's");
    }

    #[test]
    fn one_name_by_two_ways_or_at_two_hospitals_is_two_requests() {
        let hospital = |n| HospitalId::new(Timestamp::UNIX_EPOCH, &[n; 10]);
        let here = KEYS.request(hospital(1), "site", b"a");
        assert_ne!(here, KEYS.request(hospital(2), "site", b"a"));
        assert_ne!(here, KEYS.request(hospital(1), "page", b"a"));
    }
}
