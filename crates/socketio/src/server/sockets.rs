use std::collections::{BTreeMap, VecDeque};
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::Value;
use tokio::sync::oneshot;

use super::engine::{self, Connection, Connections, Goodbye, random_name};
use super::queue::{Answer, Item, Items, Next, Question, Queue};
use super::registry::Closing;
use super::{AckError, ConnectRefused, Namespaces, Peer, Shared, Socket};
use crate::Args;
use crate::session::server::{CloseReason, MAX_NAMESPACES, Output, ServerSession};

/// Events and admissions that may wait for the handler; beyond it, nothing is read.
const MAX_TASKS: usize = 16;

/// Acks that one connection may wait for.
const MAX_ACKS: usize = 256;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Serves connections for a server's namespaces.
pub(super) struct Served<H>(pub(super) Arc<Shared<H>>);

impl<H: Namespaces> Connections for Served<H> {
    async fn serve(&self, mut connection: Connection) {
        // Ends are boxed, so that an open connection does not carry the room they take.
        match Sockets::enter(Arc::clone(&self.0), connection.peer()) {
            Ok(mut sockets) => {
                let end = sockets.keep(&mut connection).await;
                Box::pin(sockets.end(end, connection)).await;
            }
            Err(Closing) => Box::pin(connection.close(Goodbye::Away)).await,
        }
    }
}

/// The sockets of one connection.
struct Sockets<H: Namespaces> {
    entry: Entry<H>,
    peer: Peer,
    queue: Arc<Queue>,
    items: Items,
    members: Vec<Member<H::Session>>,
    next_socket: u32,
    /// What the handler has yet to do, in order.
    tasks: VecDeque<Task>,
    /// What it is doing.
    current: Option<Current<H::Session>>,
    /// Who waits for an ack, and the number of the socket that is to give it.
    acks: BTreeMap<u64, (u32, oneshot::Sender<Result<Args, AckError>>)>,
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
    /// What is to be answered, if anything is.
    Event(Option<Box<Answer>>),
}

/// Why a connection is over.
enum End {
    Session(CloseReason),
    Connection(engine::End),
    /// Its queue was full, or the server would not wait longer.
    Cut,
    /// The server closes.
    Finished,
}

impl<H: Namespaces> Sockets<H> {
    /// Takes a place in the registry.
    ///
    /// Boxed, so that the futures it is moved through stay small.
    fn enter(shared: Arc<Shared<H>>, peer: Peer) -> Result<Box<Self>, Closing> {
        let (queue, items) = Queue::new(shared.config.queue);
        let number = shared.registry.enter(Arc::clone(&queue))?;
        Ok(Box::new(Self {
            entry: Entry { shared, number },
            peer,
            queue,
            items,
            members: Vec::new(),
            next_socket: 0,
            tasks: VecDeque::new(),
            current: None,
            acks: BTreeMap::new(),
        }))
    }

    /// Says goodbye to the client, and lets the sockets go.
    async fn end(self: Box<Self>, end: End, connection: Connection) {
        end.log();
        let Self {
            entry,
            mut items,
            acks,
            current,
            mut members,
            ..
        } = *self;
        // Whoever waits for room in the queue, or for an ack, learns that it is over.
        items.close();
        drop((acks, current));
        members.iter_mut().for_each(|member| member.go(&entry.shared));
        let close = async {
            match end.goodbye() {
                Some(goodbye) => tokio::select! { biased;
                    // The server does not wait any longer.
                    _ = items.next(false) => {}
                    () = connection.close(goodbye) => {}
                },
                None => drop(connection),
            }
        };
        let farewells = async {
            while !members.is_empty() {
                run_members(&mut members).await;
            }
        };
        tokio::join!(close, farewells);
    }

    /// Keeps the connection until it is over.
    async fn keep(&mut self, connection: &mut Connection) -> End {
        let shared = Arc::clone(&self.entry.shared);
        let config = &shared.config;
        let mut session =
            ServerSession::new(config.max_payload, config.connect_timeout, shared.clock.instant());
        loop {
            while let Some(output) = session.poll_output() {
                if let Err(end) = self.do_output(output, connection) {
                    return end;
                }
            }
            if self.current.is_none() && connection.has_room() {
                self.begin_task();
            }
            let reading = self.tasks.len() < MAX_TASKS;
            // Also while nothing is read: what is read next may wait for the very ack that is missing.
            let until = session.poll_timeout();
            // In this order: what is to be sent before what came.
            tokio::select! { biased;
                next = self.items.next(connection.has_room()) => match next {
                    Next::Item(item) => if let Err(end) = self.send(item, &mut session, connection) {
                        return end;
                    },
                    Next::Cut => return End::Cut,
                },
                done = run_current(&mut self.current) => self.settle(done, &mut session, connection),
                () = run_members(&mut self.members) => {}
                came = connection.step(reading, until) => match came {
                    Ok(Some(message)) => session.handle_message(message.content(), shared.clock.instant()),
                    // What came was taken before its lateness is judged here.
                    Ok(None) => session.handle_timeout(shared.clock.instant()),
                    Err(end) => return End::Connection(end),
                },
            }
        }
    }

    fn send(
        &mut self,
        item: Item,
        session: &mut ServerSession,
        connection: &mut Connection,
    ) -> Result<(), End> {
        match item {
            Item::Frame { socket, frame } => {
                if self.member(socket).is_some() {
                    for message in frame.messages() {
                        connection.send(message).map_err(End::Connection)?;
                    }
                }
            }
            Item::Question(question) => self.ask(*question, session),
            Item::Answer(answer) => {
                if let Some(member) = self.member(answer.socket) {
                    session.ack(member.admitted.socket.namespace(), answer.id, &answer.args);
                }
            }
            Item::Leave { socket } => {
                if let Some(member) = self.member(socket) {
                    session.leave(
                        member.admitted.socket.namespace(),
                        self.entry.shared.clock.instant(),
                    );
                    self.dismiss(socket);
                }
            }
            Item::Finish => return Err(End::Finished),
        }
        Ok(())
    }

    fn ask(&mut self, question: Question, session: &mut ServerSession) {
        // Otherwise it is dropped, which says that the socket has gone.
        let Some(member) = self.member(question.socket) else {
            return;
        };
        if self.acks.len() >= MAX_ACKS {
            // Whoever asked may have stopped waiting.
            let _ = question.answer.send(Err(AckError::Congested));
            return;
        }
        let deadline = self.entry.shared.clock.instant() + question.timeout;
        let namespace = member.admitted.socket.namespace();
        if let Some(id) = session.emit_with_ack(namespace, &question.name, &question.args, deadline) {
            self.acks.insert(id, (question.socket, question.answer));
        }
    }

    fn answer(&mut self, id: u64, args: Option<Args>) {
        if let Some((socket, answer)) = self.acks.remove(&id) {
            let missing = if self.member(socket).is_some() {
                AckError::TimedOut
            } else {
                AckError::Gone
            };
            // Whoever asked may have stopped waiting.
            let _ = answer.send(args.ok_or(missing));
        }
    }

    fn do_output(&mut self, output: Output, connection: &mut Connection) -> Result<(), End> {
        match output {
            Output::Send(message) => connection.send(message.into()).map_err(End::Connection)?,
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
            Output::Acked { id, args } => self.answer(id, Some(args)),
            Output::AckExpired { id } => self.answer(id, None),
            Output::Closed(reason) => return Err(End::Session(reason)),
        }
        Ok(())
    }

    /// Begins the next task, if there is one.
    fn begin_task(&mut self) {
        let shared = Arc::clone(&self.entry.shared);
        // Those that are going count: a client that comes and goes is not served faster than it is seen off.
        let full = self.members.len() >= MAX_NAMESPACES;
        let Some(task) = self
            .tasks
            .pop_front_if(|task| !(full && matches!(task, Task::Admit { .. })))
        else {
            return;
        };
        if self.tasks.is_empty() {
            // An idle connection keeps no room for tasks.
            self.tasks.shrink_to_fit();
        }
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
                    let socket = socket.number();
                    let answer = ack.zip(answer).map(|(id, args)| Answer { socket, id, args });
                    Done::Event(answer.map(Box::new))
                });
                Current {
                    socket: Some(socket),
                    work: work as BoxFuture<_>,
                }
            }),
        };
    }

    /// Takes the result of a task.
    fn settle(&mut self, done: Done<H::Session>, session: &mut ServerSession, connection: &mut Connection) {
        match done {
            Done::Admitted {
                namespace,
                verdict: Ok(knowledge),
            } => {
                let shared = &self.entry.shared;
                let id = random_name(&*shared.entropy);
                if !session.accept(&namespace, &id) {
                    return;
                }
                connection.admit();
                let socket = Socket::new(id, namespace, self.next_socket, Arc::clone(&self.queue));
                self.next_socket += 1;
                shared.registry.add(self.entry.number, socket.clone());
                let admitted = Arc::new(Admitted {
                    socket,
                    session: knowledge,
                });
                // Most connections have one.
                self.members.reserve_exact(1);
                self.members.push(Member::serve(admitted, shared));
            }
            Done::Admitted {
                namespace,
                verdict: Err(refused),
            } => {
                session.refuse(&namespace, refused.message, refused.data);
            }
            // Behind what the handler has emitted.
            Done::Event(Some(answer)) => self.queue.push_answer(answer),
            Done::Event(None) => {}
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

impl End {
    /// What is said to the client.
    fn goodbye(&self) -> Option<Goodbye> {
        match self {
            Self::Session(CloseReason::ConnectTimeout | CloseReason::Violation(_)) => Some(Goodbye::Refused),
            Self::Connection(end) => end.goodbye(),
            Self::Cut => None,
            Self::Finished => Some(Goodbye::Away),
        }
    }

    fn log(&self) {
        match self {
            Self::Session(reason) => tracing::info!(?reason, "connection closed"),
            Self::Connection(end @ (engine::End::PeerClosed | engine::End::Lost)) => {
                tracing::debug!(?end, "connection ended");
            }
            Self::Connection(end) => tracing::info!(?end, "connection closed"),
            Self::Cut => tracing::info!("connection cut: its queue was full, or the server closes"),
            Self::Finished => {}
        }
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
