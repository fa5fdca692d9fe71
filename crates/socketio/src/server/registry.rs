use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Socket;
use super::polling::Polls;
use super::queue::Queue;

/// The connections of a server.
pub(super) struct Registry {
    capacity: usize,
    open: Mutex<Open>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Open {
    closed: bool,
    next: u64,
    connections: HashMap<u64, Entry>,
    /// The connections that began on requests, by name.
    polled: HashMap<String, Arc<Polls>>,
}

struct Entry {
    queue: Arc<Queue>,
    sockets: Vec<Socket>,
    /// Its name, if requests may ask for it.
    polled: Option<String>,
}

/// No connection is taken: the server is full, or closing.
pub(super) struct Unavailable;

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            open: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    /// Enters a connection, and gives its number.
    pub(super) fn enter(&self, queue: Arc<Queue>) -> Result<u64, Unavailable> {
        let mut open = self.open();
        if open.closed || open.connections.len() >= self.capacity {
            return Err(Unavailable);
        }
        let number = open.next;
        open.next += 1;
        open.connections.insert(
            number,
            Entry {
                queue,
                sockets: Vec::new(),
                polled: None,
            },
        );
        self.count.send_replace(open.connections.len());
        Ok(number)
    }

    /// Strikes a connection out; its sockets are gone.
    pub(super) fn strike_out(&self, connection: u64) {
        let mut open = self.open();
        let entry = open.connections.remove(&connection);
        if let Some(sid) = entry.as_ref().and_then(|entry| entry.polled.as_ref()) {
            open.polled.remove(sid);
        }
        drop(open);
        entry.iter().flat_map(|entry| &entry.sockets).for_each(Socket::go);
        self.count.send_replace(self.open().connections.len());
    }

    /// Lets requests find the connection under `sid`.
    pub(super) fn name(&self, connection: u64, sid: &str, polls: Arc<Polls>) {
        let mut open = self.open();
        if let Some(entry) = open.connections.get_mut(&connection) {
            entry.polled = Some(sid.to_owned());
            open.polled.insert(sid.to_owned(), polls);
        }
    }

    /// The connection that began on requests and is called `sid`, whatever carries it now.
    pub(super) fn find(&self, sid: &str) -> Option<Arc<Polls>> {
        self.open().polled.get(sid).cloned()
    }

    pub(super) fn add(&self, connection: u64, socket: Socket) {
        if let Some(entry) = self.open().connections.get_mut(&connection) {
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

    /// Resolves when no connection is left.
    pub(super) async fn emptied(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
