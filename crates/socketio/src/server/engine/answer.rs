use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

/// The body of the answer to a GET. Whoever gave it learns whether it was put on its way: a client that goes before that
/// takes what it was to have along.
pub(super) struct Answer {
    body: Option<Bytes>,
    taken: Option<oneshot::Sender<()>>,
}

/// Resolves when the answer is on its way; to an error if it never will be.
pub(super) type Taken = oneshot::Receiver<()>;

impl Answer {
    pub(super) fn new(body: Bytes) -> (Self, Taken) {
        let (sender, receiver) = oneshot::channel();
        let answer = Self {
            body: Some(body),
            taken: Some(sender),
        };
        (answer, receiver)
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.body.take();
        if let Some(taken) = self.taken.take() {
            // A connection that has ended does not ask any more.
            let _ = taken.send(());
        }
        Poll::Ready(body.map(|body| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(left).unwrap_or(u64::MAX))
    }
}
