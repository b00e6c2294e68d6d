//! What every state of every page is held to: accessibility, no sideways scrolling, a picture.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::browser::Size;
use crate::person::Person;

/// Runs axe with all its rules, the strict contrast among them; answers with the violations.
const RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations'], rules: {'color-contrast-enhanced': {enabled: true}}})
        .then(result => done({violations: result.violations, passes: result.passes.length}),
              error => done({error: String(error)}));";

/// Only what depends on colours.
const RUN_COLOURS: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations'], runOnly: ['color-contrast', 'color-contrast-enhanced', 'link-in-text-block'],
        rules: {'color-contrast-enhanced': {enabled: true}}})
        .then(result => done({violations: result.violations, passes: result.passes.length}),
              error => done({error: String(error)}));";

/// Text at twice its size, as somebody sets it who sees badly; and back.
const LARGE: &str = "document.documentElement.style.fontSize = arguments[0] ? '200%' : ''";

/// Pictures of a phone that README.md shows; `cargo xtask pictures` puts them into docs/images/.
const SHOWN: &[&str] = &[
    "landing-es",
    "nuevo-account-es",
    "nuevo-words-es",
    "nuevo-receipt-es",
    "volver-consent-asked-es",
    "volver-consent-asked-en",
];

/// Texts and controls that are cut off or lie outside the screen.
const CUT_OFF: &str = "const wide = document.documentElement.clientWidth + 1;
    return Array.from(document.querySelectorAll('main *, dialog *, header *, .exit-bar *')).filter(it => {
        const box = it.getBoundingClientRect();
        const style = getComputedStyle(it);
        if (box.width <= 1 || box.height <= 1 || style.visibility === 'hidden' || it.closest('.hidden, pre')) return false;
        const isHiding = style.overflowX === 'hidden' && it.scrollWidth > it.clientWidth + 1;
        return isHiding || box.right > wide || box.left < -1;
    }).slice(0, 5).map(it => it.tagName + (it.id ? '#' + it.id : '.' + it.className) + ' ' + it.textContent.trim().slice(0, 40))";

/// True if the page is wider than the screen.
const SIDEWAYS: &str = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";

impl Person<'_> {
    /// Looks at this state of the page on both screens: axe finds nothing, nothing scrolls sideways, and a picture of
    /// each is kept as `<name>-<size>.png`. Then on the narrowest screen, and on the phone in dark colours, where contrast
    /// is measured again, and with text of twice its size: nothing may be cut off. What is found fails the test at its end. The screen she had
    /// comes back.
    pub fn examine(&self, name: &str) -> Result<()> {
        let before = self.size();
        for size in [Size::PHONE, Size::DESK] {
            self.resize(size)?;
            let mut faults = self.stage.faults.borrow_mut();
            let width = self.run("return window.innerWidth", &[])?;
            if width != size.width || self.run(SIDEWAYS, &[])? == true {
                faults.push(format!(
                    "{name} is {width} px wide or more on a screen of {}",
                    size.width
                ));
            }
            let found = self.is_accessible(&format!("{name} at {}", size.name));
            faults.extend(found.err().map(|found| format!("{found:#}")));
            self.picture(name)?;
        }
        self.resize(Size::NARROW)?;
        self.is_whole(&format!("{name}, on the narrowest screen,"))?;
        self.resize(Size::PHONE)?;
        self.in_dark(name)?;
        self.in_large(name)?;
        self.resize(before)
    }

    fn in_dark(&self, name: &str) -> Result<()> {
        self.set_dark(true)?;
        let name = format!("{name}-dark");
        let found = self.examine_with(RUN_COLOURS, &name);
        self.picture(&name)?;
        self.set_dark(false)?;
        self.stage
            .faults
            .borrow_mut()
            .extend(found.err().map(|found| format!("{found:#}")));
        Ok(())
    }

    fn in_large(&self, name: &str) -> Result<()> {
        let at = self.run("return scrollY", &[])?;
        self.run(LARGE, &[json!(true)])?;
        self.is_whole(&format!("{name}, with large text,"))?;
        self.picture(&format!("{name}-large"))?;
        self.run(LARGE, &[json!(false)])?;
        self.run("scrollTo(0, arguments[0])", &[at]).map(drop)
    }

    /// Nothing scrolls sideways, nothing is cut off.
    fn is_whole(&self, what: &str) -> Result<()> {
        let (is_wide, cut) = (self.run(SIDEWAYS, &[])? == true, self.run(CUT_OFF, &[])?);
        if is_wide || cut != json!([]) {
            let fault = format!("{what} is too wide ({is_wide}) or cut off: {cut}");
            self.stage.faults.borrow_mut().push(fault);
        }
        Ok(())
    }

    /// Has the browser ask for dark colours, or light ones.
    pub fn set_dark(&self, is_dark: bool) -> Result<()> {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.session.devtools("Emulation.setEmulatedMedia", &features).map(drop)
    }

    /// axe finds no violation in the page as it stands.
    pub fn is_accessible(&self, name: &str) -> Result<()> {
        self.examine_with(RUN, name)
    }

    fn examine_with(&self, rules: &str, name: &str) -> Result<()> {
        if self.run("return typeof axe === 'undefined'", &[])? == true {
            // The driver's scripts are functions of their own: what they define must be put into the window.
            let put = format!("{}\nwindow.axe = axe;", self.stage.axe);
            self.session.script(&put, &[])?;
        }
        let result = self.session.script_later(rules, &[])?;
        ensure!(result["error"].is_null(), "axe: {}", result["error"]);
        ensure!(result["passes"].as_u64() > Some(0), "axe looked at nothing in {name}");
        let violations = result["violations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let told: Vec<String> = violations.iter().map(tell).collect();
        ensure!(told.is_empty(), "axe on {name}:\n  {}", told.join("\n  "));
        Ok(())
    }

    /// Keeps a picture of the screen as it stands, and says how large it is.
    pub fn picture(&self, name: &str) -> Result<()> {
        let size = self.size();
        let file = self.stage.screenshots.join(format!("{name}-{}.png", size.name));
        let (width, height) = self.shoot(&file, size.scale)?;
        eprintln!("screenshot {name}-{}.png: {width}×{height} px", size.name);
        ensure!(
            (width, height) == (size.width * size.scale, size.height * size.scale),
            "the screenshot of {name} is {width}×{height} px"
        );
        if size.is_phone && SHOWN.contains(&name) {
            let folder = self.stage.screenshots.join("shown");
            std::fs::create_dir_all(&folder)?;
            self.shoot(&folder.join(format!("{name}.png")), 1)?;
        }
        Ok(())
    }
}

fn tell(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wheres: Vec<String> = nodes
        .iter()
        .take(5)
        .map(|node| {
            format!(
                "{} ({})",
                json!(node["target"]),
                node["failureSummary"].as_str().unwrap_or_default()
            )
        })
        .collect();
    format!(
        "{}: {} in {} places\n    {}",
        violation["id"].as_str().unwrap_or_default(),
        violation["help"].as_str().unwrap_or_default(),
        nodes.len(),
        wheres.join("\n    ")
    )
}
