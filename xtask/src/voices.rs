//! `cargo xtask voices`: recordings of her screens, made by espeak-ng where nobody has said them yet.
//!
//! A recording is made anew when what its screen says has changed. All are as long as each other, in bytes: speech at as many bits as
//! there is room for, then padding in a comment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::sh::{call, cargo, output, root, target};
use crate::{say, setup};

/// As `pages::listen::SIZE`.
const SIZE: u64 = 45_000;
/// Bits in a second that speech is packed at, from the least that Opus has, in steps.
const STEPS_BITS: [u32; 2] = [6_000, 24_000];
const STEP_BITS: u32 = 250;
/// The voice of espeak-ng for each language, and how fast it speaks, in words a minute.
const VOICES: [(&str, &str); 2] = [("es", "es-419"), ("en", "en-us")];
const PACE: &str = "160";

/// A line of the list of recordings, but its name.
struct Made {
    seconds: u64,
    by: String,
    text: String,
    file: String,
}

/// Makes what is missing; or, of `LANGUAGE/SCREEN FILE`, takes what somebody has recorded.
pub fn run(arguments: &[String]) -> Result<()> {
    let is_there = |program: &str| output(Command::new(program).arg("--version")).is_ok();
    if !["espeak-ng", "opusenc"].into_iter().all(is_there) {
        setup::debian(&["espeak-ng", "opus-tools"], "voices for her screens")?;
    }
    let spoken = spoken()?;
    let audio = root().join("web/audio");
    let mut made = read(&audio.join("recordings.txt"))?;
    match arguments {
        [] => {}
        [name, file] => {
            let text = spoken.get(name).with_context(|| format!("no screen is {name}"))?;
            let one = encode(Path::new(file), &audio.join(format!("{name}.opus")))?;
            let person = Made {
                seconds: one.0,
                by: "person".to_owned(),
                text: text.clone(),
                file: one.1,
            };
            made.insert(name.clone(), person);
        }
        _ => bail!("voices, or voices LANGUAGE/SCREEN FILE"),
    }
    for old in made.keys().filter(|name| !spoken.contains_key(*name)) {
        std::fs::remove_file(audio.join(format!("{old}.opus"))).with_context(|| old.clone())?;
    }
    made.retain(|name, _| spoken.contains_key(name));
    for (name, text) in &spoken {
        let place = audio.join(format!("{name}.opus"));
        if let Some(there) = made.get(name).filter(|_| place.is_file()) {
            if there.text == *text {
                continue;
            }
            if there.by == "person" {
                say!(
                    "{name}: what somebody said is no longer what the screen says; a machine says it until it is recorded again"
                );
            }
        }
        let (seconds, file) = speak(name, &place).with_context(|| name.clone())?;
        say!("{name}: {seconds} s");
        let by = "espeak-ng".to_owned();
        let text = text.clone();
        made.insert(
            name.clone(),
            Made {
                seconds,
                by,
                text,
                file,
            },
        );
    }
    write(&audio.join("recordings.txt"), &made)
}

/// What is to be said, by name, as digests; the texts lie beside each other in target/spoken.
fn spoken() -> Result<BTreeMap<String, String>> {
    let folder = target().join("spoken");
    std::fs::create_dir_all(&folder)?;
    let mut command = cargo();
    command.args([
        "test",
        "--quiet",
        "--locked",
        "--workspace",
        "--test",
        "listen",
        "--",
        "--ignored",
    ]);
    call(command.env("RESGUARDO_SPOKEN", &folder))?;
    let list = std::fs::read_to_string(folder.join("list.txt"))?;
    let named = |line: &str| {
        line.split_once(' ')
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
    };
    Ok(list.lines().filter_map(named).collect())
}

/// Has espeak-ng say a screen; gives its seconds and digest.
fn speak(name: &str, place: &Path) -> Result<(u64, String)> {
    let (language, _) = name.split_once('/').context("LANGUAGE/SCREEN")?;
    let (_, voice) = VOICES.iter().find(|(of, _)| *of == language).context("no voice")?;
    let folder = target().join("spoken");
    let wave = folder.join("said.wav");
    let mut command = Command::new("espeak-ng");
    command.args(["-v", voice, "-s", PACE, "-z", "-w"]).arg(&wave);
    output(command.arg("-f").arg(folder.join(format!("{name}.txt"))))?;
    encode(&wave, place)
}

/// Packs a recording so that it is as long as each other; gives its seconds and digest.
fn encode(wave: &Path, place: &Path) -> Result<(u64, String)> {
    let folder = place.parent().context("a folder")?;
    std::fs::create_dir_all(folder)?;
    let plain = |bits: u32| opus(wave, place, bits, 0);
    let [mut least, most] = STEPS_BITS.map(|bits| bits / STEP_BITS);
    let size = plain(STEPS_BITS[0])?;
    if size > SIZE {
        bail!("it is too long: {size} bytes of {SIZE} at the least that speech needs; say less, or in two parts");
    }
    let mut above = most + 1;
    while above - least > 1 {
        let middle = u32::midpoint(least, above);
        if plain(middle * STEP_BITS)? > SIZE {
            above = middle;
        } else {
            least = middle;
        }
    }
    // Of 256 lengths one cannot be had, for a page lists how long its content is: then another number of bits.
    for steps in 0..least {
        let bits = (least - steps) * STEP_BITS;
        let mut padding = SIZE.saturating_sub(opus(wave, place, bits, 0)?);
        for _ in 0..4 {
            let size = opus(wave, place, bits, padding)?;
            if size == SIZE {
                return Ok((seconds(place)?, digest(place)?));
            }
            padding = (padding + SIZE).saturating_sub(size);
        }
    }
    bail!("no padding makes it {SIZE} bytes")
}

/// Packs it once, with a comment of so many letters; gives its size. The number of the stream is no random one, so that the same is
/// made each time.
fn opus(wave: &Path, place: &Path, bits: u32, padding: u64) -> Result<u64> {
    let mut command = Command::new("opusenc");
    command.args([
        "--quiet",
        "--speech",
        "--vbr",
        "--framesize",
        "60",
        "--downmix-mono",
        "--serial",
        "1",
    ]);
    command.args(["--discard-comments", "--discard-pictures", "--padding", "0"]);
    command
        .arg("--bitrate")
        .arg(format!("{}.{:03}", bits / 1_000, bits % 1_000));
    if padding > 0 {
        let padding = usize::try_from(padding)?;
        command.arg("--comment").arg(format!("PADDING={}", "0".repeat(padding)));
    }
    output(command.arg(wave).arg(place))?;
    Ok(std::fs::metadata(place)?.len())
}

/// How long an Opus file is: the samples that its last page counts, but those before its beginning.
fn seconds(file: &Path) -> Result<u64> {
    let bytes = std::fs::read(file)?;
    let last = bytes
        .windows(4)
        .rposition(|four| four == b"OggS")
        .context("no Ogg file")?;
    let granule = bytes.get(last + 6..last + 14).context("no Ogg file")?;
    let before = bytes.get(38..40).context("no Opus file")?;
    let samples =
        u64::from_le_bytes(granule.try_into()?).saturating_sub(u64::from(u16::from_le_bytes(before.try_into()?)));
    Ok(samples.div_ceil(48_000))
}

fn digest(file: &Path) -> Result<String> {
    let told = output(Command::new("sha256sum").arg(file))?;
    Ok(told.split(' ').next().unwrap_or_default().to_owned())
}

fn read(list: &PathBuf) -> Result<BTreeMap<String, Made>> {
    let text = std::fs::read_to_string(list).unwrap_or_default();
    let line = |line: &str| {
        let [name, seconds, by, text, file] = line.split(' ').collect::<Vec<_>>()[..] else {
            bail!("no line of {}: {line:?}", list.display());
        };
        let made = Made {
            seconds: seconds.parse()?,
            by: by.to_owned(),
            text: text.to_owned(),
            file: file.to_owned(),
        };
        Ok((name.to_owned(), made))
    };
    text.lines().map(line).collect()
}

fn write(list: &Path, made: &BTreeMap<String, Made>) -> Result<()> {
    let lines = made
        .iter()
        .map(|(name, of)| format!("{name} {} {} {} {}\n", of.seconds, of.by, of.text, of.file));
    Ok(std::fs::write(list, lines.collect::<String>())?)
}
