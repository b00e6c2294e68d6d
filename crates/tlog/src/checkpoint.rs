//! Checkpoint body (`tlog-checkpoint`): origin, size, root, no extension lines here.

use crate::decimal;
use crate::hash::Hash;
use crate::note::has_no_control;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
    /// Further lines, as they came.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads a note's text: what [`Self::to_text`] would write, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if !has_no_control(text) {
            return None;
        }
        let mut lines = text
            .strip_suffix('\n')?
            .split('\n')
            .map(|line| (!line.is_empty()).then_some(line));
        let origin = lines.next()??.to_owned();
        let size = decimal::parse(lines.next()??)?;
        let root = Hash::from_base64(lines.next()??)?;
        let extensions = lines.map(|line| line.map(str::to_owned)).collect::<Option<_>>()?;
        Some(Self {
            origin,
            size,
            root,
            extensions,
        })
    }

    /// Writes it.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
