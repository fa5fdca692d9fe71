//! How long the machine has been up, by two clocks: together they tell whether it slept. Both go on evenly, whoever sets the
//! wall clock.

use std::time::Duration;

/// Since the machine started, with the time that it slept.
pub(crate) fn since_start() -> Duration {
    machine::since_start()
}

/// How long the machine has slept since it started, to about 20 ms.
#[cfg(feature = "tokio")]
pub(crate) fn slept() -> Duration {
    // In this order it is never too much.
    let all = machine::since_start();
    all.saturating_sub(machine::awake())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod machine {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    pub(super) fn since_start() -> Duration {
        Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
    }

    #[cfg(feature = "tokio")]
    pub(super) fn awake() -> Duration {
        Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default()
    }
}

#[cfg(target_vendor = "apple")]
mod machine {
    use std::time::Duration;

    use nix::libc::{CLOCK_MONOTONIC_RAW, clockid_t};
    use nix::time::{ClockId, clock_gettime};

    /// `CLOCK_MONOTONIC_RAW` counts sleep (`mach_continuous_time`). `CLOCK_MONOTONIC` does too, but is reckoned from the
    /// wall clock and may step with it.
    pub(super) fn since_start() -> Duration {
        read(CLOCK_MONOTONIC_RAW)
    }

    /// `CLOCK_UPTIME_RAW` does not (`mach_absolute_time`).
    #[cfg(feature = "tokio")]
    pub(super) fn awake() -> Duration {
        read(nix::libc::CLOCK_UPTIME_RAW)
    }

    fn read(clock: clockid_t) -> Duration {
        // Every macOS that Rust supports has both.
        let time = clock_gettime(ClockId::from_raw(clock));
        time.map(Duration::from).unwrap_or_default()
    }
}

#[cfg(windows)]
mod machine {
    use std::time::Duration;

    use windows_sys::Win32::System::SystemInformation::GetTickCount64;

    pub(super) fn since_start() -> Duration {
        #[expect(unsafe_code, reason = "a system call")]
        // SAFETY: it takes nothing, and cannot fail.
        let milliseconds = unsafe { GetTickCount64() };
        Duration::from_millis(milliseconds)
    }

    #[cfg(feature = "tokio")]
    pub(super) fn awake() -> Duration {
        use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

        let mut hundreds_of_nanoseconds = 0;
        #[expect(unsafe_code, reason = "a system call")]
        // SAFETY: it writes to its argument, which is borrowed for the call; it fails only for a null pointer.
        let _ = unsafe { QueryUnbiasedInterruptTime(&mut hundreds_of_nanoseconds) };
        let seconds = hundreds_of_nanoseconds / 10_000_000;
        let rest = (hundreds_of_nanoseconds % 10_000_000) * 100;
        Duration::from_secs(seconds) + Duration::from_nanos(rest)
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_not_slept_longer_than_it_has_been_up() {
        assert!(slept() < since_start());
    }
}
