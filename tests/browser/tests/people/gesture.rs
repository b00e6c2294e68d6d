//! The exit by Shift: three presses leave, however the fingers overlap; Shift that belongs to something else never does.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::{Value, json};

use crate::filing::TEXT;

const LEFT: &str = "\u{e008}";
const RIGHT: &str = "\u{e050}";
const ARROW: &str = "\u{e014}";

/// Ticks of a keyboard: `+` presses, `-` lets go, anything else is a key pressed and let go.
fn keys(strokes: &[(&str, char)]) -> Value {
    let actions: Vec<Value> = strokes
        .iter()
        .map(|(key, way)| json!({"type": if *way == '+' { "keyDown" } else { "keyUp" }, "value": key}))
        .collect();
    json!([{"type": "key", "id": "keyboard", "actions": actions}])
}

/// Strokes as a keyboard makes them: WebDriver takes both Shifts for one key.
fn strike(she: &Person<'_>, strokes: &[(&str, char)]) -> Result<()> {
    for (key, way) in strokes {
        let (code, location) = if *key == LEFT {
            ("ShiftLeft", 1)
        } else {
            ("ShiftRight", 2)
        };
        let kind = if *way == '+' { "rawKeyDown" } else { "keyUp" };
        let stroke =
            json!({"type": kind, "key": "Shift", "code": code, "location": location, "windowsVirtualKeyCode": 16});
        she.devtools("Input.dispatchKeyEvent", &stroke)?;
    }
    Ok(())
}

/// Shift pressed, something of a pointer or wheel, Shift let go; as ticks of both.
fn with_shift(id: &str, kind: &str, between: &[Value]) -> Value {
    let pause = json!({"type": "pause"});
    let mut keyboard = vec![json!({"type": "keyDown", "value": LEFT})];
    keyboard.extend(between.iter().map(|_| pause.clone()));
    keyboard.push(json!({"type": "keyUp", "value": LEFT}));
    let mut other = vec![pause];
    other.extend_from_slice(between);
    let mut source = json!({"type": kind, "id": id, "actions": other});
    if kind == "pointer" {
        source["parameters"] = json!({"pointerType": if id == "finger" { "touch" } else { "mouse" }});
    }
    json!([{"type": "key", "id": "keyboard", "actions": keyboard}, source])
}

fn at(x: u32, y: u32) -> Value {
    json!({"type": "pointerMove", "duration": 0, "x": x, "y": y})
}

fn has_left(she: &Person<'_>) -> Result<bool> {
    Ok(she.run("return document.getElementById('exit') === null", &[])? == true)
}

fn writing<'a>(stage: &'a Stage, name: &str) -> Result<Person<'a>> {
    let she = Person::arrive(stage, name, "es-MX,es", Size::DESK)?;
    she.open("/es/nuevo")?;
    she.click("#before-next")?;
    she.wait_for("#who-state.done")?;
    she.click("#who-next")?;
    she.write("#account", TEXT)?;
    Ok(she)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn shift_that_means_something_else_never_leaves() -> Result<()> {
    Stage::play(|stage| {
        let she = writing(stage, "selects")?;
        let click = [
            at(400, 300),
            json!({"type": "pointerDown", "button": 0}),
            json!({"type": "pointerUp", "button": 0}),
        ];
        let drag = [
            at(300, 300),
            json!({"type": "pointerDown", "button": 0}),
            at(500, 320),
            json!({"type": "pointerUp", "button": 0}),
        ];
        let wheel = [json!({"type": "scroll", "x": 400, "y": 300, "deltaX": 0, "deltaY": 40, "duration": 0})];
        let menu = [
            at(400, 300),
            json!({"type": "pointerDown", "button": 2}),
            json!({"type": "pointerUp", "button": 2}),
        ];
        let during: Vec<(&str, Value)> = vec![
            ("clicks", with_shift("mouse", "pointer", &click)),
            ("drags", with_shift("mouse", "pointer", &drag)),
            ("touches", with_shift("finger", "pointer", &click)),
            ("scrolls", with_shift("wheel", "wheel", &wheel)),
            ("opens a menu", with_shift("mouse", "pointer", &menu)),
            (
                "selects by arrows",
                keys(&[(LEFT, '+'), (ARROW, '+'), (ARROW, '-'), (LEFT, '-')]),
            ),
            (
                "writes capitals",
                keys(&[(LEFT, '+'), ("A", '+'), ("A", '-'), (LEFT, '-')]),
            ),
            (
                "selects with the right one",
                keys(&[(RIGHT, '+'), (ARROW, '+'), (ARROW, '-'), (RIGHT, '-')]),
            ),
            (
                "uses a shortcut",
                keys(&[("\u{e009}", '+'), (LEFT, '+'), (LEFT, '-'), ("\u{e009}", '-')]),
            ),
        ];
        for (what, once) in during {
            for _ in 0..4 {
                she.perform(once.clone())?;
            }
            ensure!(
                !has_left(&she)?,
                "she {what} with Shift, and all that she wrote is gone"
            );
        }
        // Between two presses, with Shift up: the count begins anew.
        let press = || she.perform(keys(&[(LEFT, '+'), (LEFT, '-')]));
        let between: Vec<(&str, Value)> = vec![
            (
                "a click",
                json!([{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": click}]),
            ),
            ("a wheel", json!([{"type": "wheel", "id": "wheel", "actions": wheel}])),
            ("a letter", keys(&[("a", '+'), ("a", '-')])),
        ];
        for (what, once) in between {
            for _ in 0..4 {
                press()?;
                she.perform(once.clone())?;
            }
            ensure!(!has_left(&she)?, "{what} between two presses is not seen");
        }
        // Held until it repeats, as where a person rests her hand.
        for _ in 0..4 {
            for (kind, repeats) in [("rawKeyDown", false), ("rawKeyDown", true), ("keyUp", false)] {
                let stroke = json!({"type": kind, "key": "Shift", "code": "ShiftLeft", "windowsVirtualKeyCode": 16, "autoRepeat": repeats});
                she.devtools("Input.dispatchKeyEvent", &stroke)?;
            }
        }
        ensure!(!has_left(&she)?, "a Shift that is held is no press");
        ensure!(she.text("#exit-state")?.is_empty(), "nothing is counted any more");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn three_presses_leave_however_they_overlap() -> Result<()> {
    Stage::play(|stage| {
        let ways: [(&str, &[(&str, char)]); 4] = [
            (
                "one hand",
                &[
                    (LEFT, '+'),
                    (LEFT, '-'),
                    (LEFT, '+'),
                    (LEFT, '-'),
                    (LEFT, '+'),
                    (LEFT, '-'),
                ],
            ),
            (
                "two hands",
                &[
                    (LEFT, '+'),
                    (LEFT, '-'),
                    (RIGHT, '+'),
                    (RIGHT, '-'),
                    (LEFT, '+'),
                    (LEFT, '-'),
                ],
            ),
            (
                "overlapping",
                &[
                    (LEFT, '+'),
                    (RIGHT, '+'),
                    (LEFT, '-'),
                    (LEFT, '+'),
                    (RIGHT, '-'),
                    (LEFT, '-'),
                ],
            ),
            (
                "both at once",
                &[
                    (LEFT, '+'),
                    (RIGHT, '+'),
                    (LEFT, '-'),
                    (RIGHT, '-'),
                    (RIGHT, '+'),
                    (RIGHT, '-'),
                ],
            ),
        ];
        for (n, (way, strokes)) in ways.iter().enumerate() {
            let she = writing(stage, &format!("leaves-{n}"))?;
            let (two, third) = strokes.split_at(5);
            strike(&she, two)?;
            ensure!(!has_left(&she)?, "{way}: two presses do not leave");
            strike(&she, third)?;
            she.until("the way out", || {
                Ok(she.address()?.starts_with("https://").then_some(()))
            })?;
        }
        Ok(())
    })
}
