//! What a petitioner gives for the frame of a filing.

use protocol::Day;
use serde::Deserialize;

/// What only the petitioner knows, as the field `filing` of the facts gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filing {
    /// Court or prosecutor, with its seat.
    pub authority: Option<String>,
    /// Number of the `carpeta de investigación` or of the `causa penal`.
    pub file: Option<String>,
    /// Who files.
    pub petitioner: Option<String>,
    /// In which capacity.
    pub capacity: Option<String>,
    /// Where notices are received.
    pub address: Option<String>,
    /// Who may receive them besides.
    pub authorised: Option<String>,
    /// Against whom.
    pub accused: Option<String>,
    /// Where it is signed.
    pub place: Option<String>,
    /// Day on which it is signed.
    pub date: Option<Day>,
}
