use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use deskbell_protocol::DeskId;
use deskbell_socketio::server::Socket;

use super::lock;

/// The sockets of a hospital's desks, from their admission to their end, so that a desk that is signed out can be put out.
///
/// A desk's token is looked up before its socket takes a seat. In between it may be signed out, which is why those
/// signed out are remembered: whichever comes second, the seat or the sign-out, finds the first.
#[derive(Debug, Default)]
pub(super) struct Seats(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    desks: HashMap<Socket, DeskId>,
    signed_out: HashSet<DeskId>,
    /// The hospital's count of sign-outs up to which all are known here; `None` before anybody looked.
    sign_outs: Option<u64>,
}

impl Seats {
    /// Notes a socket of `desk`; false when the desk has been signed out.
    #[must_use]
    pub(super) fn take(&self, socket: &Socket, desk: DeskId) -> bool {
        let mut taken = lock(&self.0);
        let welcome = !taken.signed_out.contains(&desk);
        if welcome {
            taken.desks.insert(socket.clone(), desk);
        }
        welcome
    }

    /// Forgets a socket that has gone.
    pub(super) fn leave(&self, socket: &Socket) {
        lock(&self.0).desks.remove(socket);
    }

    /// How many sockets have a seat.
    pub(super) fn len(&self) -> usize {
        lock(&self.0).desks.len()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a sign-out that makes the hospital's count `sign_outs` is known here.
    pub(super) fn knows(&self, sign_outs: u64) -> bool {
        lock(&self.0).sign_outs == Some(sign_outs)
    }

    /// Notes that all sign-outs up to this count are known here.
    pub(super) fn note(&self, sign_outs: u64) {
        lock(&self.0).sign_outs = Some(sign_outs);
    }

    /// Puts every socket out that is there; they may come back.
    pub(super) fn put_out(&self) {
        let mut taken = lock(&self.0);
        taken.desks.drain().for_each(|(socket, _)| socket.disconnect());
    }

    /// Puts every socket of these desks out, now and whenever one comes.
    pub(super) fn sign_out(&self, desks: impl IntoIterator<Item = DeskId>) {
        let mut taken = lock(&self.0);
        let Taken {
            desks: sockets,
            signed_out,
            ..
        } = &mut *taken;
        let before = signed_out.len();
        signed_out.extend(desks);
        if signed_out.len() > before {
            let gone = sockets.extract_if(|_, desk| signed_out.contains(desk));
            gone.for_each(|(socket, _)| socket.disconnect());
        }
    }
}
