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

/// Pictures of a phone that README.md shows; `cargo xtask pictures` puts them into docs/images/.
const SHOWN: &[&str] = &["landing-es", "nuevo-account-es", "nuevo-words-es", "nuevo-receipt-es"];

/// True if the page is wider than the screen.
const SIDEWAYS: &str = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";

impl Person<'_> {
    /// Looks at this state of the page on both screens: axe finds nothing, nothing scrolls sideways, and a picture of
    /// each is kept as `<name>-<size>.png`. What is found fails the test at its end. The screen she had comes back.
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
        self.resize(before)
    }

    /// axe finds no violation in the page as it stands.
    pub fn is_accessible(&self, name: &str) -> Result<()> {
        if self.run("return typeof axe === 'undefined'", &[])? == true {
            // The driver's scripts are functions of their own: what they define must be put into the window.
            let put = format!("{}\nwindow.axe = axe;", self.stage.axe);
            self.session.script(&put, &[])?;
        }
        let result = self.session.script_later(RUN, &[])?;
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
