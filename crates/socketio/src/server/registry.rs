use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Socket;
use super::queue::Queue;

/// The connections of a server with their sockets.
#[derive(Default)]
pub(super) struct Registry(Mutex<Open>);

#[derive(Default)]
struct Open {
    closed: bool,
    next: u64,
    connections: HashMap<u64, Entry>,
}

struct Entry {
    queue: Arc<Queue>,
    sockets: Vec<Socket>,
}

/// The server is closing.
pub(super) struct Closing;

impl Registry {
    /// Enters a connection, and gives its number.
    pub(super) fn enter(&self, queue: Arc<Queue>) -> Result<u64, Closing> {
        let mut open = self.open();
        if open.closed {
            return Err(Closing);
        }
        let number = open.next;
        open.next += 1;
        let sockets = Vec::new();
        open.connections.insert(number, Entry { queue, sockets });
        Ok(number)
    }

    /// Strikes a connection out; its sockets are gone.
    pub(super) fn strike_out(&self, connection: u64) {
        let entry = self.open().connections.remove(&connection);
        entry.iter().flat_map(|entry| &entry.sockets).for_each(Socket::go);
    }

    pub(super) fn add(&self, connection: u64, socket: Socket) {
        if let Some(entry) = self.open().connections.get_mut(&connection) {
            // Most connections have one.
            entry.sockets.reserve_exact(1);
            entry.sockets.push(socket);
        }
    }

    pub(super) fn remove(&self, connection: u64, socket: &Socket) {
        if let Some(entry) = self.open().connections.get_mut(&connection) {
            entry.sockets.retain(|other| other != socket);
        }
    }

    /// Takes no more connections, and gives those there are.
    pub(super) fn close(&self) -> Vec<(Arc<Queue>, Vec<Socket>)> {
        let mut open = self.open();
        open.closed = true;
        open.connections
            .values()
            .map(|entry| (Arc::clone(&entry.queue), entry.sockets.clone()))
            .collect()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
