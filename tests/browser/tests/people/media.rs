//! Files of an opened testimony: what a browser can show is shown under all the names that phones give it; the rest says
//! why it is not, and how to look at it.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::{Value, json};

/// Draws files as the desk does after an opening. Each has a name, a type and bytes in hex; waits until the browser has
/// taken or refused each, and gives for each: the element, what it says instead, its length in seconds or width.
const DRAW: &str = r##"
const [files, done] = arguments;
const base = document.querySelector('script[src*="mesa.js"]').src;
const told = files.map(([name, media_type, hex]) => ({ name, media_type, size: hex.length / 2, is_copy: true, is_as_told: true }));
const bytes = (hex) => new Blob([Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16))]);
const ask = async (verb, { file }) => verb === "file" ? bytes(files[file][2])
  : { code: "R-0000-0000", name: 1, files: told, bad: [], unopened: [], remarks: [], text: "", answers: [] };
import(new URL("mesa-document.js", base)).then(async ({ documents }) => {
  document.getElementById("desk-work").hidden = false;
  await documents([{ place: 0, request: "00", name: 1, unopened: 0 }], ask);
  const figures = [...document.querySelectorAll(".opened-file")];
  for (let round = 0; round < 100; round += 1) {
    const isOpen = (at) => at.tagName === "IMG" ? !at.complete : at.readyState === 0;
    if (!figures.some((figure) => [...figure.querySelectorAll("img, audio, video")].some(isOpen))) break;
    await new Promise((next) => setTimeout(next, 100));
  }
  done(figures.map((figure) => {
    const at = figure.querySelector("img, audio, video");
    return [at?.tagName ?? "", at ? "" : figure.querySelector("p").textContent, at?.naturalWidth ?? at?.duration ?? 0,
      figure.querySelector(".file-name").textContent, figure.querySelector("a").download];
  }));
}).catch((error) => done(String(error)));
"##;

/// Half a second of silence.
fn wav() -> Vec<u8> {
    let (rate, samples) = (8_000_u32, 4_000_u32);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + samples).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend(samples.to_le_bytes());
    file.resize(file.len() + samples as usize, 0x80);
    file
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn media_are_shown_under_all_their_names_or_say_why_not() -> Result<()> {
    Stage::play(|stage| {
        let reader = Person::arrive(stage, "media", "es-MX,es", Size::DESK)?;
        reader.open("/es/mesa/")?;
        reader.wait_for("#desk-key")?;
        let (sound, picture) = (wav(), include_bytes!("../../../../web/images/icon.png"));
        let jpeg = include_bytes!("../../../../crates/resguardo/assets/demo.jpg");
        // Shown: name, type, bytes, element.
        let shown: Vec<(&str, &str, &[u8], &str)> = vec![
            ("a.wav", "audio/x-wav", &sound, "AUDIO"),
            ("b.wav", "audio/vnd.wave", &sound, "AUDIO"),
            ("c.wav", "Audio/WAV; codecs=1", &sound, "AUDIO"),
            ("d.wav", "", &sound, "AUDIO"),
            ("e.png", "image/x-png", picture, "IMG"),
            ("f.jpg", "image/jpg", jpeg, "IMG"),
            ("g.jfif", "application/octet-stream", jpeg, "IMG"),
            // What the container is, browsers find out themselves.
            ("h.m4a", "audio/x-m4a", &sound, "AUDIO"),
            ("i.aac", "audio/aac", &sound, "AUDIO"),
            ("j.webm", "audio/webm;codecs=opus", &sound, "AUDIO"),
            ("k.3gp", "audio/3gpp", &sound, "AUDIO"),
        ];
        // Not shown: what this browser refuses says so.
        let refused: Vec<(&str, &str, &str)> = vec![
            ("l.heic", "image/heic", "HEIC"),
            ("m.HEIF", "", "HEIC"),
            ("n.mov", "video/quicktime", "MOV"),
            ("o.qt", "video/x-quicktime", "MOV"),
            ("p.avif", "image/avif", "navegador"),
            ("q.3gp", "video/3gpp2", "navegador"),
            ("r.amr", "audio/amr", "navegador"),
            ("s.webm", "video/webm", "navegador"),
            ("t.m4v", "video/x-m4v", "navegador"),
            // Never handed to the browser, whatever the ending says.
            ("u.png", "text/html", "Esta página no muestra"),
            ("v.svg", "image/svg+xml", "Esta página no muestra"),
            ("w.pdf", "application/pdf", "Esta página no muestra"),
            ("x\u{202e}gpj.exe", "", "Esta página no muestra"),
        ];
        let mut files: Vec<Value> = Vec::new();
        files.extend(
            shown
                .iter()
                .map(|(name, media_type, bytes, _)| json!([name, media_type, hex(bytes)])),
        );
        files.extend(
            refused
                .iter()
                .map(|(name, media_type, _)| json!([name, media_type, hex(b"none of these")])),
        );
        let drawn = reader.run_later(DRAW, &[json!(files)])?;
        let drawn = drawn.as_array().ok_or_else(|| anyhow::anyhow!("{drawn}"))?;
        ensure!(
            drawn.len() == files.len(),
            "{} of {} are drawn",
            drawn.len(),
            files.len()
        );
        let (first, rest) = drawn.split_at(shown.len());
        for ((name, media_type, _, element), was) in shown.iter().zip(first) {
            let is_there = was[0] == *element && was[2].as_f64().is_some_and(|size| size > 0.0);
            ensure!(is_there, "{name} as {media_type}: {was}");
        }
        for ((name, media_type, says), was) in refused.iter().zip(rest) {
            let text = was[1].as_str().unwrap_or_default();
            ensure!(was[0] == "" && text.contains(says), "{name} as {media_type}: {was}");
        }
        let last = &rest[rest.len() - 1];
        ensure!(last[3] == "x⟨U+202E⟩gpj.exe" && last[4] == "x⟨U+202E⟩gpj.exe", "{last}");
        reader.examine("mesa-media")
    })
}
