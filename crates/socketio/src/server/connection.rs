use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::Value;
use tokio::time::sleep;

use super::polling::Polls;
use super::queue::{Item, Items, Queue};
use super::registry::Unavailable;
use super::transport::{Goodbye, Transport};
use super::{ConnectRefused, Namespaces, Peer, Shared, Socket};
use crate::Args;
use crate::session::server::{CloseReason, Output, ServerSession};
use crate::transport::{Closed, Step};

/// Events and admissions that may wait for the handler; beyond it, nothing is read.
const MAX_TASKS: usize = 16;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One connection: its place in the registry, its queue and its sockets.
pub(super) struct Connection<H: Namespaces> {
    entry: Entry<H>,
    sid: String,
    peer: Peer,
    queue: Arc<Queue>,
    items: Items,
    members: Vec<Member<H::Session>>,
    next_socket: u32,
    /// What the handler has yet to do, in order.
    tasks: VecDeque<Task>,
    /// What it is doing.
    current: Option<Current<H::Session>>,
}

/// A place in the registry. It is given up even if the connection's task panics.
struct Entry<H> {
    shared: Arc<Shared<H>>,
    number: u64,
}

impl<H> Drop for Entry<H> {
    fn drop(&mut self) {
        self.shared.registry.strike_out(self.number);
    }
}

/// A socket with what the handler knows about it.
struct Member<S> {
    admitted: Arc<Admitted<S>>,
    /// `serve`, and after it `gone`; nothing once that has returned.
    running: Option<BoxFuture<()>>,
    going: bool,
}

struct Admitted<S> {
    socket: Socket,
    session: S,
}

/// Something the client waits for.
enum Task {
    Admit {
        namespace: String,
        auth: Value,
    },
    Event {
        socket: u32,
        name: String,
        args: Args,
        ack: Option<u64>,
    },
}

/// A task under way.
struct Current<S> {
    /// For an event, the socket it came from.
    socket: Option<u32>,
    work: BoxFuture<Done<S>>,
}

/// A task done.
enum Done<S> {
    Admitted {
        namespace: String,
        verdict: Result<S, ConnectRefused>,
    },
    Event {
        namespace: String,
        ack: Option<(u64, Args)>,
    },
}

/// Why a connection is over.
enum End {
    Session(CloseReason),
    Transport(Closed),
    /// Its queue was full, or the server would not wait longer.
    Cut,
    /// It took nothing of what it was sent for too long.
    Stalled,
    /// The server closes.
    Finished,
}

impl<H: Namespaces> Connection<H> {
    /// Takes a place in the registry.
    pub(super) fn enter(shared: Arc<Shared<H>>, peer: Peer) -> Result<Self, Unavailable> {
        let (queue, items) = Queue::new(shared.config.queue);
        let number = shared.registry.enter(Arc::clone(&queue))?;
        Ok(Self {
            sid: shared.sid(),
            entry: Entry { shared, number },
            peer,
            queue,
            items,
            members: Vec::new(),
            next_socket: 0,
            tasks: VecDeque::new(),
            current: None,
        })
    }

    /// Lets requests find it.
    pub(super) fn answer_to(&self, polls: Arc<Polls>) {
        let Entry { shared, number } = &self.entry;
        shared.registry.name(*number, &self.sid, polls);
    }

    pub(super) fn max_payload(&self) -> usize {
        self.entry.shared.config.max_payload
    }

    /// Runs the connection to its end.
    pub(super) async fn run(mut self, mut transport: Transport) {
        let shared = Arc::clone(&self.entry.shared);
        let now = shared.clock.instant();
        let upgrades = match transport {
            Transport::WebSocket(_) => Vec::new(),
            Transport::Polling(_) => vec!["websocket".to_owned()],
        };
        let sid = std::mem::take(&mut self.sid);
        let mut session = ServerSession::new(sid, upgrades, self.max_payload(), shared.timing(), now);
        let end = self.keep(&mut session, &mut transport).await;
        // Whoever waits for room in the queue learns that it is over.
        drop(self.items);
        self.current = None;
        self.members.iter_mut().for_each(|member| member.go(&shared));
        match end {
            End::Session(CloseReason::PeerClosed) => tracing::debug!("connection closed by the client"),
            End::Session(reason) => tracing::info!(?reason, "connection closed"),
            End::Transport(Closed::Ended) => tracing::debug!("connection ended"),
            End::Transport(Closed::Violation(violation)) => tracing::info!(%violation, "connection closed"),
            End::Cut => tracing::info!("connection cut: its queue was full, or the server closes"),
            End::Stalled => tracing::info!("connection cut: it takes nothing any more"),
            End::Finished => {}
        }
        let goodbye = match end {
            End::Finished => Some(Goodbye::Away),
            End::Session(CloseReason::PeerClosed) => Some(Goodbye::Returned),
            End::Session(CloseReason::PingTimeout)
            | End::Transport(Closed::Ended)
            | End::Cut
            | End::Stalled => None,
            End::Session(_) | End::Transport(Closed::Violation(_)) => Some(Goodbye::Refused),
        };
        let close = async {
            match goodbye {
                Some(goodbye) => transport.close(goodbye).await,
                None => drop(transport),
            }
        };
        let farewells = async {
            while !self.members.is_empty() {
                run_members(&mut self.members).await;
            }
        };
        tokio::join!(close, farewells);
    }

    /// Keeps the connection until it is over.
    async fn keep(&mut self, session: &mut ServerSession, transport: &mut Transport) -> End {
        let shared = Arc::clone(&self.entry.shared);
        // Since when what was queued is not on its way.
        let mut stuck_since = None;
        loop {
            if transport.is_drained() {
                stuck_since = None;
            }
            while let Some(output) = session.poll_output() {
                if let Err(end) = self.do_output(output, transport) {
                    return end;
                }
            }
            if self.current.is_none() && transport.has_room() {
                self.begin_task();
            }
            let reading = self.tasks.len() < MAX_TASKS;
            let now = shared.clock.instant();
            let nap = session
                .poll_timeout()
                .map(|due| due.saturating_since(now))
                .unwrap_or_default();
            if !transport.is_drained() {
                stuck_since.get_or_insert(now);
            }
            let patience =
                stuck_since.map(|since| (since + shared.config.ping_timeout).saturating_since(now));
            // In this order: what is to be sent before what came, and what came before its lateness is judged. While
            // nothing is read, the client's answers cannot be missed, so the session's deadlines are not looked at
            // either; that it takes what it is sent can always be asked of it.
            tokio::select! { biased;
                () = self.queue.was_cut() => return End::Cut,
                item = self.items.take(), if transport.has_room() => match item {
                    Some(Item::Frame { socket, frame }) => {
                        if self.member(socket).is_some()
                            && let Err(closed) = transport.queue(frame.into_text())
                        {
                            return End::Transport(closed);
                        }
                    }
                    Some(Item::Leave { socket }) => {
                        if let Some(member) = self.member(socket) {
                            session.leave(member.admitted.socket.namespace(), now);
                            self.dismiss(socket);
                        }
                    }
                    Some(Item::Finish) | None => return End::Finished,
                },
                done = run_current(&mut self.current) => self.settle(done, session),
                () = run_members(&mut self.members) => {}
                step = transport.step(reading) => match step {
                    Step::Frame(frame) => session.handle_frame(frame.as_frame(), shared.clock.instant()),
                    Step::Drained => {}
                    Step::Closed(closed) => return End::Transport(closed),
                },
                () = sleep(nap), if reading => session.handle_timeout(shared.clock.instant()),
                () = sleep(patience.unwrap_or_default()), if patience.is_some() => {
                    // By the server's clock; it has just been tried once more.
                    if patience.is_some_and(|patience| patience.is_zero()) {
                        return End::Stalled;
                    }
                }
            }
        }
    }

    fn do_output(&mut self, output: Output, transport: &mut Transport) -> Result<(), End> {
        match output {
            Output::Send(frame) => transport.queue(frame).map_err(End::Transport)?,
            Output::Connect { namespace, auth } => self.tasks.push_back(Task::Admit { namespace, auth }),
            Output::Event {
                namespace,
                name,
                args,
                ack,
            } => {
                if let Some(socket) = self.socket_in(&namespace) {
                    self.tasks.push_back(Task::Event {
                        socket,
                        name,
                        args,
                        ack,
                    });
                }
            }
            Output::Left { namespace } => {
                if let Some(socket) = self.socket_in(&namespace) {
                    self.dismiss(socket);
                }
            }
            // No event asks for an ack.
            Output::Acked { .. } | Output::AckExpired { .. } => {}
            Output::Closed(reason) => return Err(End::Session(reason)),
        }
        Ok(())
    }

    /// Begins the next task, if there is one.
    fn begin_task(&mut self) {
        let shared = Arc::clone(&self.entry.shared);
        let Some(task) = self.tasks.pop_front() else {
            return;
        };
        self.current = match task {
            Task::Admit { namespace, auth } => {
                let peer = self.peer;
                let work = Box::pin(async move {
                    let verdict = shared.handler.admit(&namespace, auth, &peer).await;
                    Done::Admitted { namespace, verdict }
                });
                Some(Current { socket: None, work })
            }
            Task::Event {
                socket,
                name,
                args,
                ack,
            } => self.member(socket).map(|member| {
                let admitted = Arc::clone(&member.admitted);
                let work = Box::pin(async move {
                    let Admitted { socket, session } = &*admitted;
                    let answer = shared.handler.event(socket, session, &name, args).await;
                    Done::Event {
                        namespace: socket.namespace().to_owned(),
                        ack: ack.zip(answer),
                    }
                });
                Current {
                    socket: Some(socket),
                    work: work as BoxFuture<_>,
                }
            }),
        };
    }

    /// Takes the result of a task.
    fn settle(&mut self, done: Done<H::Session>, session: &mut ServerSession) {
        match done {
            Done::Admitted {
                namespace,
                verdict: Ok(knowledge),
            } => {
                let shared = &self.entry.shared;
                let id = shared.sid();
                if !session.accept(&namespace, &id) {
                    return;
                }
                let socket = Socket::new(id, namespace, self.next_socket, Arc::clone(&self.queue));
                self.next_socket += 1;
                shared.registry.add(self.entry.number, socket.clone());
                let admitted = Arc::new(Admitted {
                    socket,
                    session: knowledge,
                });
                self.members.push(Member::serve(admitted, shared));
            }
            Done::Admitted {
                namespace,
                verdict: Err(refused),
            } => {
                session.refuse(&namespace, refused.message, refused.data);
            }
            Done::Event {
                namespace,
                ack: Some((id, args)),
            } => session.ack(&namespace, id, &args),
            Done::Event { ack: None, .. } => {}
        }
    }

    /// Lets a socket go, and forgets what it asked for.
    fn dismiss(&mut self, socket: u32) {
        let Entry { shared, number } = &self.entry;
        for member in self.members.iter_mut().filter(|member| member.is(socket)) {
            shared.registry.remove(*number, &member.admitted.socket);
            member.go(shared);
        }
        self.tasks
            .retain(|task| !matches!(task, Task::Event { socket: from, .. } if *from == socket));
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.socket == Some(socket))
        {
            self.current = None;
        }
    }

    fn member(&self, socket: u32) -> Option<&Member<H::Session>> {
        self.members.iter().find(|member| member.is(socket))
    }

    fn socket_in(&self, namespace: &str) -> Option<u32> {
        let mut present = self
            .members
            .iter()
            .filter(|member| !member.going)
            .map(|member| &member.admitted.socket);
        present
            .find(|socket| socket.namespace() == namespace)
            .map(Socket::number)
    }
}

impl<S: Send + Sync + 'static> Member<S> {
    fn serve<H: Namespaces<Session = S>>(admitted: Arc<Admitted<S>>, shared: &Arc<Shared<H>>) -> Self {
        let (shared, serving) = (Arc::clone(shared), Arc::clone(&admitted));
        let running = async move { shared.handler.serve(&serving.socket, &serving.session).await };
        Self {
            admitted,
            running: Some(Box::pin(running)),
            going: false,
        }
    }

    /// Ends `serve` and begins `gone`.
    fn go<H: Namespaces<Session = S>>(&mut self, shared: &Arc<Shared<H>>) {
        if self.going {
            return;
        }
        self.admitted.socket.go();
        self.going = true;
        let (shared, going) = (Arc::clone(shared), Arc::clone(&self.admitted));
        let running = async move { shared.handler.gone(&going.socket, &going.session).await };
        self.running = Some(Box::pin(running));
    }

    /// Whether it is the socket with this number, and still there.
    fn is(&self, socket: u32) -> bool {
        !self.going && self.admitted.socket.number() == socket
    }
}

/// Runs the current task to its end; waits for ever if there is none. Nothing is lost if it is dropped.
async fn run_current<S>(current: &mut Option<Current<S>>) -> Done<S> {
    let Some(running) = current else {
        return pending().await;
    };
    let done = running.work.as_mut().await;
    *current = None;
    done
}

/// Runs what sockets have running, until something has ended; strikes out those that are gone. Nothing is lost if it is
/// dropped.
async fn run_members<S>(members: &mut Vec<Member<S>>) {
    poll_fn(|context| {
        let mut ended = false;
        members.retain_mut(|member| {
            if let Some(running) = &mut member.running
                && running.as_mut().poll(context).is_ready()
            {
                ended = true;
                member.running = None;
            }
            member.running.is_some() || !member.going
        });
        if ended { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
