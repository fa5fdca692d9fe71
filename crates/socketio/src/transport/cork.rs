//! Frames that are queued together are written together: a system call for each would be most of what a delivery costs.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that gather before they are written unasked.
const MAX_GATHERED: usize = 64 * 1024;

/// A stream that writes when it is flushed. Between two flushes it holds nothing.
pub(super) struct Corked<S> {
    stream: S,
    gathered: Vec<u8>,
    /// How many of these are written.
    written: usize,
}

impl<S> Corked<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            gathered: Vec::new(),
            written: 0,
        }
    }
}

impl<S: AsyncWrite + Unpin> Corked<S> {
    /// Writes what has gathered.
    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.gathered.len() {
            let rest = &self.gathered[self.written..];
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += written;
        }
        // An idle connection keeps no room for what it once sent.
        self.gathered = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Corked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= MAX_GATHERED {
            ready!(self.poll_write_out(context))?;
        }
        self.gathered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_out(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_out(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[test]
    fn what_is_written_goes_out_at_the_flush() {
        let (near, mut far) = duplex(64);
        let mut corked = Corked::new(near);
        let mut heard = [0; 64];
        for word in ["one ", "two"] {
            corked.write_all(word.as_bytes()).now_or_never().unwrap().unwrap();
        }
        assert!(far.read(&mut heard).now_or_never().is_none());
        corked.flush().now_or_never().unwrap().unwrap();
        let length = far.read(&mut heard).now_or_never().unwrap().unwrap();
        assert_eq!(&heard[..length], b"one two");
        assert_eq!(corked.gathered.capacity(), 0);
    }

    #[test]
    fn a_peer_that_reads_slowly_gets_all_of_it_in_order() {
        let (near, mut far) = duplex(7);
        let mut corked = Corked::new(near);
        let sent: Vec<u8> = (0..=255).collect();
        corked.write_all(&sent).now_or_never().unwrap().unwrap();
        let (mut heard, mut piece) = (Vec::new(), [0; 5]);
        while corked.flush().now_or_never().is_none() {
            let length = far.read(&mut piece).now_or_never().unwrap().unwrap();
            heard.extend_from_slice(&piece[..length]);
        }
        while let Some(Ok(length)) = far.read(&mut piece).now_or_never() {
            heard.extend_from_slice(&piece[..length]);
        }
        assert_eq!(heard, sent);
    }

    #[test]
    fn more_than_should_gather_is_written_unasked() {
        let (near, _far) = duplex(16);
        let mut corked = Corked::new(near);
        let much = vec![0; MAX_GATHERED];
        assert!(corked.write_all(&much).now_or_never().is_some());
        assert!(corked.write_all(b"more").now_or_never().is_none());
    }
}
