use std::pin::Pin;

/// A wait for the machine to wake from sleep; see [`Clock::woken`](crate::Clock::woken).
pub type Woken = Pin<Box<dyn Future<Output = ()> + Send>>;

#[cfg(feature = "tokio")]
pub(crate) use system::woken;

#[cfg(feature = "tokio")]
mod system {
    use std::time::Duration;

    use crate::{Woken, uptime};

    /// How often a system without a better way is asked whether it has slept. It is also what is noticed too late.
    const TICK: Duration = Duration::from_secs(5);

    /// A sleep that counts. Two clocks that are read one after the other differ by less.
    pub(super) const SHORTEST: Duration = Duration::from_secs(1);

    /// The next time the machine wakes.
    pub(crate) fn woken() -> Woken {
        #[cfg(target_os = "linux")]
        if let Ok(alarm) = super::linux::Alarm::new() {
            return Box::pin(alarm.woken());
        }
        Box::pin(tick(uptime::slept))
    }

    /// Looks again and again whether `slept` has grown. That nobody polled this for a while is no sleep.
    async fn tick(slept: impl Fn() -> Duration) {
        let mut before = slept();
        loop {
            tokio::time::sleep(TICK).await;
            let now = slept();
            if now.saturating_sub(before) >= SHORTEST {
                return;
            }
            // Anew, so that clocks that drift apart are no sleep either.
            before = now;
        }
    }

    #[cfg(test)]
    mod tests {
        use std::cell::Cell;

        use futures_util::{FutureExt, pin_mut};

        use super::*;

        #[tokio::test(start_paused = true)]
        async fn a_sleep_is_noticed_at_the_next_tick_and_a_long_wait_is_none() {
            let slept = Cell::new(Duration::from_secs(3_600));
            let woken = tick(|| slept.get());
            pin_mut!(woken);
            for wait in [TICK, TICK * 100, TICK] {
                assert_eq!(woken.as_mut().now_or_never(), None);
                slept.set(slept.get() + SHORTEST / 2);
                tokio::time::advance(wait).await;
            }
            assert_eq!(woken.as_mut().now_or_never(), None);
            slept.set(slept.get() + SHORTEST);
            tokio::time::advance(TICK).await;
            assert_eq!(woken.as_mut().now_or_never(), Some(()));
        }
    }
}

#[cfg(all(feature = "tokio", target_os = "linux"))]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::io::Errno;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::system::SHORTEST;
    use crate::uptime::slept;

    /// A timer that never rings, and that the kernel cancels whenever the wall clock jumps against the one that stops in
    /// sleep: when somebody sets it, and when the machine wakes (`TFD_TIMER_CANCEL_ON_SET`, `timerfd_create(2)`). So
    /// nothing runs in between.
    pub(super) struct Alarm {
        timer: AsyncFd<OwnedFd>,
        slept: Duration,
    }

    impl Alarm {
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
            let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
            let never = Itimerspec {
                it_interval: Timespec::default(),
                it_value: Timespec {
                    tv_sec: i64::MAX,
                    tv_nsec: 0,
                },
            };
            let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
            timerfd_settime(&timer, flags, &never)?;
            #[expect(unsafe_code, reason = "tokio has no safe call for it")]
            // SAFETY: an `OwnedFd` is open until it is dropped, and never another.
            let timer = unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) }?;
            Ok(Self {
                timer,
                slept: slept(),
            })
        }

        pub(super) async fn woken(self) {
            while slept().saturating_sub(self.slept) < SHORTEST {
                let Ok(mut canceled) = self.timer.readable().await else {
                    // The runtime is ending.
                    return std::future::pending().await;
                };
                // Whether the read says "canceled" or nothing, the clocks tell the rest.
                let _ = canceled.try_io(|timer| match rustix::io::read(timer, &mut [0; 8]) {
                    Err(Errno::CANCELED) => Ok(()),
                    read => read.map(drop).map_err(io::Error::from),
                });
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use futures_util::FutureExt;

        use super::*;

        #[tokio::test]
        async fn a_machine_that_does_not_sleep_does_not_wake() {
            assert_eq!(Alarm::new().unwrap().woken().now_or_never(), None);
        }
    }
}
