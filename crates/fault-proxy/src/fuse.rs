use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// What happens when a fuse blows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The connection that carried the last byte is cut.
    Cut,
    /// Every connection there is falls silent for good.
    Silence,
}

/// Blows after a number of bytes to clients. There is one at a time.
#[derive(Default)]
pub(crate) struct Fuse(Mutex<Option<Lit>>);

struct Lit {
    left: usize,
    blow: Blow,
    blown: oneshot::Sender<()>,
}

impl Fuse {
    /// Lights it; the receiver hears when it blows, and an error if another is lit instead.
    pub(crate) fn light(&self, bytes: usize, blow: Blow) -> oneshot::Receiver<()> {
        let (blown, heard) = oneshot::channel();
        *self.lit() = Some(Lit {
            left: bytes,
            blow,
            blown,
        });
        heard
    }

    /// Takes `count` bytes. When it blows: how many of them still pass, and what happens then.
    pub(crate) fn burn(&self, count: usize) -> Option<(usize, Blow)> {
        let mut lit = self.lit();
        let burning = lit.as_mut()?;
        if count < burning.left {
            burning.left -= count;
            return None;
        }
        let Lit { left, blow, blown } = lit.take()?;
        // Whoever lit it need not listen.
        let _ = blown.send(());
        Some((left, blow))
    }

    fn lit(&self) -> MutexGuard<'_, Option<Lit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fuse_blows_once_after_its_bytes() {
        let fuse = Fuse::default();
        assert_eq!(fuse.burn(100), None);
        let mut heard = fuse.light(10, Blow::Cut);
        assert_eq!(fuse.burn(9), None);
        assert!(heard.try_recv().is_err());
        assert_eq!(fuse.burn(5), Some((1, Blow::Cut)));
        assert!(heard.try_recv().is_ok());
        assert_eq!(fuse.burn(5), None);
    }
}
