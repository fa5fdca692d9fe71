use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::places::Place;

/// A client's stream. It keeps its place for as long as it is open, as a WebSocket too, and breaks off when the client
/// takes nothing of what it is sent for too long.
pub(super) struct Held<S> {
    stream: S,
    patience: Duration,
    /// Until when something must have been taken, while something waits to be.
    stalled: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl<S> Held<S> {
    pub(super) fn new(stream: S, patience: Duration, place: Place) -> Self {
        Self {
            stream,
            patience,
            stalled: None,
            _place: place,
        }
    }

    fn judge<T>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.stalled = None;
            return done;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        stalled
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judge(context, done)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::Instant;

    use super::super::places::Places;
    use super::*;

    /// Takes as many bytes as there is room for, and says nothing.
    struct Reader {
        room: usize,
    }

    impl AsyncWrite for Reader {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.room);
            self.room -= taken;
            if taken == 0 {
                Poll::Pending
            } else {
                Poll::Ready(Ok(taken))
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_cut_and_one_that_is_slow_is_not() {
        let patience = Duration::from_secs(30);
        let place = Places::new(1, 1).take(None).unwrap();
        let mut held = Held::new(Reader { room: 1 }, patience, place);
        let began = Instant::now();
        for _ in 0..3 {
            let wrote = poll_fn(|context| Pin::new(&mut held).poll_write(context, b"ab")).await;
            assert_eq!(wrote.unwrap(), 1);
            let mut waiting = Box::pin(poll_fn(|context| Pin::new(&mut held).poll_write(context, b"b")));
            let early = tokio::time::timeout(patience - Duration::from_secs(1), &mut waiting).await;
            assert!(early.is_err(), "there is still time");
            drop(waiting);
            held.stream.room = 1;
        }
        held.stream.room = 0;
        assert_eq!(began.elapsed(), Duration::from_secs(87), "it was slow all along");
        let cut = poll_fn(|context| Pin::new(&mut held).poll_write(context, b"b")).await;
        assert_eq!(cut.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), Duration::from_secs(88));
    }
}
