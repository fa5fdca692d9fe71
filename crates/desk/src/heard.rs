//! Reservations of a source that gives them no names: they are recognised by what they say.

use std::io;

use deskbell_clock::{Entropy, Timestamp};
use deskbell_protocol::{HospitalId, NewReservation, ReservationId, keyed_hash};

use crate::source::SocketIoSource;
use crate::{Folders, disk};

/// A reservation as a server told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The same for the same five fields, on this PC.
    pub id: ReservationId,
    /// The five fields.
    pub fields: NewReservation,
}

/// Turns five fields into an id that tells nothing of them to whoever has not this PC's key.
#[derive(Clone)]
pub(crate) struct HeardKey([u8; 32]);

impl HeardKey {
    /// The key of this PC, which is made at its first use. An error says why the next start will not know it; one that
    /// cannot be read is kept aside.
    pub(crate) fn of(folders: &Folders, entropy: &dyn Entropy, now: Timestamp) -> (Self, io::Result<()>) {
        let path = folders.data.join("source-key");
        let mut fresh = [0; 32];
        entropy.fill(&mut fresh);
        let kept = match std::fs::read(&path) {
            Ok(bytes) => match <[u8; 32]>::try_from(bytes) {
                Ok(key) => return (Self(key), Ok(())),
                Err(_) => disk::keep_aside(&path, now).map(drop),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        let kept = kept.and_then(|()| disk::replace(&path, &fresh));
        (Self(fresh), kept)
    }

    /// The id of a reservation with these fields.
    pub(crate) fn id(&self, fields: &NewReservation) -> ReservationId {
        let (date, time) = (
            fields.reservationdate.to_string(),
            fields.reservationtime.to_string(),
        );
        ReservationId::from_bytes(self.uuid(&[
            b"reservation",
            fields.relationship.as_str().as_bytes(),
            fields.name.as_str().as_bytes(),
            fields.phone.as_str().as_bytes(),
            date.as_bytes(),
            time.as_bytes(),
        ]))
    }

    /// Whose reservations a source tells of: the ledger of another source is none of its.
    pub(crate) fn source(&self, source: &SocketIoSource) -> HospitalId {
        HospitalId::from_bytes(self.uuid(&[
            b"source",
            source.url.as_str().as_bytes(),
            source.namespace.as_bytes(),
            source.event.as_bytes(),
        ]))
    }

    /// A `UUIDv8` (RFC 9562) of 122 bits of the keyed hash of `parts`.
    fn uuid(&self, parts: &[&[u8]]) -> [u8; 16] {
        let hash = keyed_hash(&self.0, parts);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        id[6] = id[6] & 0x0F | 0x80;
        id[8] = id[8] & 0x3F | 0x80;
        id
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;
    use deskbell_protocol::Form;

    use super::*;
    use crate::samples::now;

    fn folders(folder: &tempfile::TempDir) -> Folders {
        crate::samples::pc(folder).folders
    }

    fn fields(name: &str) -> NewReservation {
        let mut form = Form::default();
        for (field, value) in [
            ("relationship", "본인"),
            ("name", name),
            ("phone", "010-1111-1111"),
            ("reservationdate", "2026-11-22"),
            ("reservationtime", "10:30 ~ 11:00"),
        ] {
            form.take(field, || value.to_owned());
        }
        form.check().unwrap()
    }

    #[test]
    fn the_same_fields_have_the_same_id_on_this_pc_alone() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let entropy = SeededEntropy::new(1);
        let key = || HeardKey::of(&folders(&folder), &entropy, now()).0;
        let id = key().id(&fields("김크리스"));
        assert_eq!(key().id(&fields("김크리스")), id, "after a restart too");
        assert_ne!(key().id(&fields("김크리")), id);
        assert_ne!(
            HeardKey::of(&folders(&elsewhere), &entropy, now())
                .0
                .id(&fields("김크리스")),
            id
        );
        assert_eq!(id.to_string().parse(), Ok(id), "it is an id in every link");
    }

    #[test]
    fn the_key_is_the_users_alone_and_a_damaged_one_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let folders = folders(&folder);
        let entropy = SeededEntropy::new(1);
        HeardKey::of(&folders, &entropy, now()).1.unwrap();
        let path = folders.data.join("source-key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        std::fs::write(&path, "damaged").unwrap();
        HeardKey::of(&folders, &entropy, now()).1.unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), 32);
        assert_eq!(std::fs::read_dir(&folders.data).unwrap().count(), 2);
    }
}
