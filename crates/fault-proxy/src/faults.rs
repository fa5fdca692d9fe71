use std::time::Duration;

use hyper::StatusCode;

/// What a proxy does to whatever passes. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// What the opening of a WebSocket meets.
    pub opening: Opening,
    /// What the requests of HTTP long-polling meet.
    pub polls: Polls,
    /// In which direction bytes pass, on the connections there are and on new ones.
    pub flow: Flow,
    /// How fast.
    pub pace: Option<Pace>,
}

impl Faults {
    /// Nothing, as by default.
    pub const NONE: Self = Self {
        opening: Opening::Passed,
        polls: Polls::Passed,
        flow: Flow::Both,
        pace: None,
    };
}

/// What the opening of a WebSocket meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// Nothing.
    #[default]
    Passed,
    /// This answer, as from a firewall.
    Refused(StatusCode),
    /// This answer, unless it is a session on HTTP long-polling that goes over.
    RefusedUnlessUpgrade(StatusCode),
    /// 200 and a page, as from a filter that asks the user something.
    Page,
    /// The request goes to the server without what makes it an upgrade, as through a proxy that knows only HTTP/1.0.
    Stripped,
    /// The server's 101 comes without what makes it one.
    AnswerStripped,
    /// The server's 101 comes, and of the WebSocket nothing passes in either direction.
    Deaf,
}

/// What the requests of HTTP long-polling meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polls {
    /// Nothing.
    #[default]
    Passed,
    /// This answer.
    Refused(StatusCode),
    /// 200 and a page.
    Page,
    /// Answers come in chunks of this many bytes, each on its own.
    Chunked(usize),
    /// Requests of a session, also for going over to a WebSocket, reach a node of the cluster that does not know it.
    WrongNode,
}

/// In which direction bytes pass. What does not pass now waits, and passes later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// In both.
    #[default]
    Both,
    /// From client to server.
    ToServer,
    /// From server to client.
    ToClient,
    /// In none: connections are accepted, and that is all.
    Neither,
}

/// How fast bytes pass in each direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At most so many at once; at least 1.
    pub bytes: usize,
    /// So long after the last.
    pub every: Duration,
}
