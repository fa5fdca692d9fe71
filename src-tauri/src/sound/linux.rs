//! Linux: the sound server by `libpulse-simple` (`PulseAudio`, and `PipeWire` in its stead), or else ALSA's default device.
//!
//! Both libraries are opened when a sound is played, not when the app starts: a PC without either rings in silence, and
//! the package depends on neither.
#![expect(unsafe_code, reason = "the functions of two C libraries")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};

use libloading::{Library, Symbol};

use super::wave::RATE;

/// Plays the samples, and returns when they have been heard.
///
/// # Errors
/// Why neither could play them.
pub(super) fn play(samples: &[i16]) -> Result<(), String> {
    by_pulse(samples).or_else(|pulse| by_alsa(samples).map_err(|alsa| format!("{pulse}; {alsa}")))
}

/// `pa_sample_spec` of `pulse/sample.h`.
#[repr(C)]
struct PulseSpec {
    format: c_int,
    rate: u32,
    channels: u8,
}

/// Sixteen bits in the order of this machine: `PA_SAMPLE_S16LE` or `PA_SAMPLE_S16BE`.
const PULSE_S16: c_int = if cfg!(target_endian = "little") { 3 } else { 4 };
const PULSE_PLAYBACK: c_int = 1;

type PulseNew = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    c_int,
    *const c_char,
    *const c_char,
    *const PulseSpec,
    *const c_void,
    *const c_void,
    *mut c_int,
) -> *mut c_void;
type PulseWrite = unsafe extern "C" fn(*mut c_void, *const c_void, usize, *mut c_int) -> c_int;
type PulseDrain = unsafe extern "C" fn(*mut c_void, *mut c_int) -> c_int;
type PulseFree = unsafe extern "C" fn(*mut c_void);

fn by_pulse(samples: &[i16]) -> Result<(), String> {
    let library = open("libpulse-simple.so.0")?;
    let (new, write): (Symbol<'_, PulseNew>, Symbol<'_, PulseWrite>) = (
        find(&library, c"pa_simple_new")?,
        find(&library, c"pa_simple_write")?,
    );
    let (drain, free): (Symbol<'_, PulseDrain>, Symbol<'_, PulseFree>) = (
        find(&library, c"pa_simple_drain")?,
        find(&library, c"pa_simple_free")?,
    );
    let spec = PulseSpec {
        format: PULSE_S16,
        rate: RATE,
        channels: 1,
    };
    let mut error = 0;
    // SAFETY: the functions are those of `pulse/simple.h`, whose signatures these are. The texts end in a zero, the spec
    // and the samples outlive the calls, null stands where the header allows it, and the stream is freed once.
    unsafe {
        let stream = new(
            null(),
            c"Deskbell".as_ptr(),
            PULSE_PLAYBACK,
            null(),
            c"Bell".as_ptr(),
            &raw const spec,
            null(),
            null(),
            &raw mut error,
        );
        if stream.is_null() {
            return Err(format!("PulseAudio: error {error}"));
        }
        let (from, bytes) = (samples.as_ptr().cast(), size_of_val(samples));
        let played = write(stream, from, bytes, &raw mut error) >= 0 && drain(stream, &raw mut error) >= 0;
        free(stream);
        if played {
            Ok(())
        } else {
            Err(format!("PulseAudio: error {error}"))
        }
    }
}

const ALSA_PLAYBACK: c_int = 0;
/// A device that is busy says so instead of keeping us waiting.
const ALSA_NONBLOCK: c_int = 1;
const ALSA_S16: c_int = if cfg!(target_endian = "little") { 2 } else { 3 };
const ALSA_INTERLEAVED: c_int = 3;
/// In microseconds.
const ALSA_LATENCY: c_uint = 100_000;

type AlsaOpen = unsafe extern "C" fn(*mut *mut c_void, *const c_char, c_int, c_int) -> c_int;
type AlsaNonblock = unsafe extern "C" fn(*mut c_void, c_int) -> c_int;
type AlsaSetParams = unsafe extern "C" fn(*mut c_void, c_int, c_int, c_uint, c_uint, c_int, c_uint) -> c_int;
type AlsaWrite = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> isize;
type AlsaDone = unsafe extern "C" fn(*mut c_void) -> c_int;

fn by_alsa(samples: &[i16]) -> Result<(), String> {
    let library = open("libasound.so.2")?;
    let opened: Symbol<'_, AlsaOpen> = find(&library, c"snd_pcm_open")?;
    let nonblock: Symbol<'_, AlsaNonblock> = find(&library, c"snd_pcm_nonblock")?;
    let set_params: Symbol<'_, AlsaSetParams> = find(&library, c"snd_pcm_set_params")?;
    let write: Symbol<'_, AlsaWrite> = find(&library, c"snd_pcm_writei")?;
    let drain: Symbol<'_, AlsaDone> = find(&library, c"snd_pcm_drain")?;
    let close: Symbol<'_, AlsaDone> = find(&library, c"snd_pcm_close")?;
    let mut device = null_mut();
    // SAFETY: the functions are those of `alsa/pcm.h`, whose signatures these are. The device is used only after it was
    // opened and is closed once; `writei` reads no more samples than it is told there are.
    unsafe {
        let outcome = opened(&raw mut device, c"default".as_ptr(), ALSA_PLAYBACK, ALSA_NONBLOCK);
        if outcome < 0 {
            return Err(format!("ALSA: error {outcome}"));
        }
        let mut outcome = nonblock(device, 0);
        if outcome >= 0 {
            outcome = set_params(device, ALSA_S16, ALSA_INTERLEAVED, 1, RATE, 1, ALSA_LATENCY);
        }
        let mut rest = samples;
        while outcome >= 0 && !rest.is_empty() {
            let written = write(device, rest.as_ptr().cast(), rest.len());
            match usize::try_from(written) {
                Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
                Ok(_) => break,
                Err(_) => outcome = c_int::try_from(written).unwrap_or(c_int::MIN),
            }
        }
        if outcome >= 0 {
            outcome = drain(device);
        }
        close(device);
        if outcome >= 0 {
            Ok(())
        } else {
            Err(format!("ALSA: error {outcome}"))
        }
    }
}

fn open(name: &str) -> Result<Library, String> {
    // SAFETY: what the library does when it is loaded is what it does in every program that plays sounds.
    unsafe { Library::new(name) }.map_err(|error| error.to_string())
}

fn find<'library, T>(library: &'library Library, name: &CStr) -> Result<Symbol<'library, T>, String> {
    // SAFETY: each caller names a function whose type it gives, by the library's own header.
    unsafe { library.get(name.to_bytes_with_nul()) }.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use deskbell_desk::Sound;

    use super::*;
    use crate::sound::wave;

    /// Runs a test of this file in a process of its own: a machine's devices are told by its environment.
    fn in_a_process(test: &str, alsa: &str, folder: &std::path::Path) {
        let config = folder.join("asound.conf");
        std::fs::write(&config, alsa).unwrap();
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", &format!("sound::system::tests::{test}")])
            .env("ALSA_CONFIG_PATH", config)
            // No sound server, wherever this runs.
            .env("PULSE_SERVER", "unix:/nowhere")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    }

    #[test]
    fn every_sample_reaches_the_default_device() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let device = format!(
            "pcm.nothing {{ type null }}\npcm.default {{ type file\n slave.pcm nothing\n file {heard:?}\n format raw }}\n"
        );
        in_a_process("plays_the_knock", &device, folder.path());
        let heard: Vec<i16> = std::fs::read(heard)
            .unwrap()
            .chunks_exact(2)
            .map(|sample| i16::from_le_bytes([sample[0], sample[1]]))
            .collect();
        assert!(heard.starts_with(&wave::samples(Sound::Knock, 100)));
    }

    #[test]
    fn a_machine_without_a_device_says_so_and_that_is_all() {
        let folder = tempfile::tempdir().unwrap();
        in_a_process("finds_no_device", "", folder.path());
    }

    #[test]
    #[ignore = "run by the test above, on a device of its own"]
    fn plays_the_knock() {
        play(&wave::samples(Sound::Knock, 100)).unwrap();
    }

    #[test]
    #[ignore = "run by the test above, on a machine without a device"]
    fn finds_no_device() {
        assert!(
            play(&wave::samples(Sound::Bell, 100))
                .unwrap_err()
                .contains("ALSA")
        );
    }
}
