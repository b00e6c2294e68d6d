//! Keyboard only, in English: the way from the landing to the receipt, and the exit by Shift.

use anyhow::{Result, ensure};
use browser::{Key, Person, Size, Stage};

use crate::filing::TEXT;

/// More Tabs than any step has places.
pub const TABS_MAX: usize = 40;

/// Walks to a place and presses Enter.
pub fn enter(she: &Person<'_>, selector: &str) -> Result<()> {
    she.wait_for(selector)?;
    she.tab_to(selector, TABS_MAX)?;
    is_seen(she)?;
    she.press(Key::Enter)
}

/// What has the focus is on the screen, not under the bar of the exit, and marked.
fn is_seen(she: &Person<'_>) -> Result<()> {
    let script = "const at = document.activeElement, box = at.getBoundingClientRect();
        const bar = document.getElementById('exit-bar')?.getBoundingClientRect().bottom ?? 0;
        const style = getComputedStyle(at);
        const isMarked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
        const isInBar = at.closest('#exit-bar') !== null;
        return {id: at.id, top: box.top, bottom: box.bottom, bar, isMarked,
                isSeen: isInBar || (box.top >= bar - 1 && box.top < innerHeight)};";
    let seen = she.run(script, &[])?;
    ensure!(
        seen["isSeen"] == true && seen["isMarked"] == true,
        "the focus is not seen: {seen}"
    );
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn by_keyboard_alone() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "keyboard", "en", Size::PHONE)?;
        she.open("/en/")?;
        ensure!(she.tab_to("#exit", 3)? <= 2, "the exit is at most two Tabs away");
        is_seen(&she)?;
        enter(&she, r#"a[href$="/en/nuevo"]"#)?;
        she.wait_for("#before-next")?;
        ensure!(she.tab_to("#exit", 3)? <= 2, "the exit is at most two Tabs away");
        enter(&she, "#before-next")?;
        she.wait_for("#who-state.done")?;
        enter(&she, "#who-next")?;
        she.wait_for("#account")?;
        she.tab_to("#account", TABS_MAX)?;
        is_seen(&she)?;
        she.type_here(TEXT)?;
        enter(&she, "#account-next")?;
        enter(&she, "#questions-next")?;
        enter(&she, "#evidence-next")?;
        enter(&she, "#person-next")?;
        enter(&she, "#identity-next")?;
        enter(&she, "#seal-now")?;
        she.wait_for("#step-words h1")?;
        ensure!(she.texts("#words li")?.len() == 8);
        enter(&she, "#confirm-skip")?;
        she.wait_for("#step-receipt h1")?;
        ensure!(
            she.is_on("#step-receipt h1")?,
            "the focus is on the heading of the new step"
        );
        for _ in 0..3 {
            she.press(Key::Shift)?;
        }
        she.until("the way out", || {
            Ok(she.address()?.starts_with("https://").then_some(()))
        })
    })
}
