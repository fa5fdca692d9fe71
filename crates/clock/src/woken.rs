use std::pin::Pin;

/// A wait for the machine to wake from sleep; see [`Clock::woken`](crate::Clock::woken).
pub type Woken = Pin<Box<dyn Future<Output = ()> + Send>>;

#[cfg(feature = "tokio")]
pub(crate) use system::woken;

#[cfg(feature = "tokio")]
mod system {
    use std::time::Duration;

    use crate::{Clock, SystemClock, Woken};

    /// How often a system without a better way is asked whether it has slept. It is also what is noticed too late.
    const TICK: Duration = Duration::from_secs(5);

    /// A tick that comes later than this was slept through. A shorter sleep breaks nothing.
    const SLACK: Duration = Duration::from_secs(2);

    /// The next time the machine wakes.
    pub(crate) fn woken() -> Woken {
        #[cfg(target_os = "linux")]
        if let Ok(alarm) = super::linux::Alarm::new() {
            return Box::pin(alarm.woken());
        }
        Box::pin(late_tick(SystemClock))
    }

    /// Timers stand still, or wait on, while the machine sleeps; the steady clock does not.
    async fn late_tick(clock: impl Clock) {
        loop {
            let before = clock.instant();
            tokio::time::sleep(TICK).await;
            if clock.instant().saturating_since(before) > TICK + SLACK {
                return;
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use futures_util::{FutureExt, pin_mut};
        use jiff::Timestamp;

        use super::*;
        use crate::FakeClock;

        #[tokio::test(start_paused = true)]
        async fn a_tick_that_was_slept_through_is_noticed_and_others_are_not() {
            let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
            let woken = late_tick(clock.clone());
            pin_mut!(woken);
            for _ in 0..3 {
                assert_eq!(woken.as_mut().now_or_never(), None);
                clock.advance(TICK);
                tokio::time::advance(TICK).await;
            }
            assert_eq!(woken.as_mut().now_or_never(), None);
            clock.advance(TICK + Duration::from_secs(60));
            tokio::time::advance(TICK).await;
            woken.await;
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
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
        timerfd_create, timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// A sleep that counts. Two clocks that are read one after the other differ by less.
    const SHORTEST: Duration = Duration::from_secs(1);

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

    /// How long the machine has slept since it started.
    fn slept() -> Duration {
        let since_start = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        since_start(ClockId::Boottime).saturating_sub(since_start(ClockId::Monotonic))
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
