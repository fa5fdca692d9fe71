//! The sounds themselves: partials that die away, as struck metal and wood do.

use std::f32::consts::TAU;

use deskbell_desk::Sound;

/// Samples a second, of one channel.
pub(super) const RATE: u32 = 44_100;

/// How long a sound takes to set in; at once, it clicks.
const ATTACK: f32 = 0.003;

/// The last part of a sound, in which it goes down to nothing.
const RELEASE: f32 = 0.02;

/// One partial of a stroke.
struct Partial {
    /// When it is struck, in seconds.
    at: f32,
    /// In hertz.
    pitch: f32,
    /// Of the whole, 0 to 1.
    strength: f32,
    /// After so many seconds a third of it is left.
    decay: f32,
}

const fn partial(at: f32, pitch: f32, strength: f32, decay: f32) -> Partial {
    Partial {
        at,
        pitch,
        strength,
        decay,
    }
}

/// A small bell: its partials stand in no harmony.
const BELL: &[Partial] = &[
    partial(0.0, 1_318.5, 0.45, 0.35),
    partial(0.0, 2_637.0, 0.2, 0.22),
    partial(0.0, 3_643.0, 0.15, 0.14),
    partial(0.0, 5_406.0, 0.08, 0.07),
];

/// Two tones, a third apart, downwards.
const CHIME: &[Partial] = &[
    partial(0.0, 783.99, 0.4, 0.25),
    partial(0.0, 1_567.98, 0.1, 0.12),
    partial(0.28, 659.26, 0.4, 0.32),
    partial(0.28, 1_318.5, 0.1, 0.16),
];

/// Knuckles on wood, twice.
const KNOCK: &[Partial] = &[
    partial(0.0, 196.0, 0.55, 0.035),
    partial(0.0, 523.0, 0.25, 0.015),
    partial(0.17, 185.0, 0.55, 0.035),
    partial(0.17, 494.0, 0.25, 0.015),
];

/// The samples of `sound` at `volume`, 0 to 100: 16 bits, one channel, [`RATE`].
pub(super) fn samples(sound: Sound, volume: u8) -> Vec<i16> {
    let (partials, length) = match sound {
        Sound::Bell => (BELL, 1.4),
        Sound::Chime => (CHIME, 1.3),
        Sound::Knock => (KNOCK, 0.45),
    };
    // What is heard as half as loud is far less than half.
    let loudness = (f32::from(volume.min(100)) / 100.0).powi(2);
    let end = length * as_f32(RATE);
    (0_u16..)
        .map(f32::from)
        .take_while(|at| *at < end)
        .map(|at| {
            let time = at / as_f32(RATE);
            let release = ((length - time) / RELEASE).min(1.0);
            let sum: f32 = partials.iter().map(|partial| partial.at(time)).sum();
            as_sample(sum * release * loudness)
        })
        .collect()
}

impl Partial {
    fn at(&self, time: f32) -> f32 {
        let since = time - self.at;
        if since < 0.0 {
            return 0.0;
        }
        let attack = (since / ATTACK).min(1.0);
        self.strength * attack * (-since / self.decay).exp() * (TAU * self.pitch * since).sin()
    }
}

/// The samples as a WAV file, for systems that play files.
#[cfg(any(not(target_os = "linux"), test))]
pub(super) fn wav(samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(44 + data.len());
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    // Two bytes a sample, sixteen bits.
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    file
}

const fn as_f32(rate: u32) -> f32 {
    rate as f32
}

fn as_sample(value: f32) -> i16 {
    (value.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sound; 3] = [Sound::Bell, Sound::Chime, Sound::Knock];

    fn loudest(samples: &[i16]) -> u16 {
        samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap()
    }

    #[test]
    fn each_sound_is_heard_is_short_and_neither_clicks_nor_clips() {
        for sound in ALL {
            let samples = samples(sound, 100);
            let loudest = loudest(&samples);
            assert!((10_000..32_000).contains(&loudest), "{sound:?}: {loudest}");
            assert!(samples.len() < 2 * 44_100);
            for end in [samples.first(), samples.last()] {
                assert!(end.unwrap().unsigned_abs() < 100, "{sound:?}");
            }
        }
    }

    #[test]
    fn half_the_volume_is_a_quarter_of_the_swing_and_none_is_silence() {
        for sound in ALL {
            let [whole, half, none] = [100, 50, 0].map(|volume| loudest(&samples(sound, volume)));
            assert!((whole / 4).abs_diff(half) <= 1, "{sound:?}: {whole}, {half}");
            assert_eq!(none, 0);
        }
    }

    #[test]
    fn the_sounds_differ_in_length_or_in_what_is_heard() {
        let [bell, chime, knock] = ALL.map(|sound| samples(sound, 100));
        assert!(bell != chime && chime != knock && bell != knock);
    }

    #[test]
    fn a_wav_file_says_how_long_it_is() {
        let file = wav(&[1, -2, 3]);
        assert_eq!(file.len(), 44 + 6);
        assert_eq!(file[..4], *b"RIFF");
        assert_eq!(file[4..8], 42_u32.to_le_bytes());
        assert_eq!(file[40..44], 6_u32.to_le_bytes());
        assert_eq!(file[44..], [1, 0, 0xfe, 0xff, 3, 0]);
    }
}
