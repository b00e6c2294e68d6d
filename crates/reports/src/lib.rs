//! Reports for a court, in Spanish: assessment, anticipated evidence (CNPP 304), chain of custody (CNPP 227, 228),
//! protective measures (CNPP 137). Made in the reader's hands: the same code on the command line and in her page.
//!
//! Pure: what was opened, what the log says and what the law answers go in; a document model comes out, shown as a page
//! made for printing or as a .docx that a lawyer can edit. What is not known is a marked gap, never filled. Articles are
//! quoted from the extracts in `laws/mx/extracts`, and from nowhere else.

mod assessment;
mod clean;
mod custody;
mod docx;
mod element;
mod evidence;
mod extract;
mod facts;
mod filing;
mod frame;
mod html;
mod measures;
mod model;
mod pen;
mod record;
mod spanish;
pub mod words;

pub use assessment::{assessment, findings};
pub use custody::custody;
pub use docx::docx;
pub use evidence::evidence;
pub use facts::{Claim, FactsError, Invented, NormalForm, NotHers, Told};
pub use frame::Filing;
pub use html::{fragment, page};
pub use measures::measures;
pub use model::{Block, Paper, Report, ReportKind, Span};
pub use record::{ActLine, Answers, CaseRecord, FileLine, MemberRecord, OpenedText, RecordSource};

/// A report on what is given. `record` is what was opened; without it, what it would fill is a gap.
#[must_use]
pub fn make(kind: ReportKind, library: &law::Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    match kind {
        ReportKind::Assessment => assessment(library, told, record),
        ReportKind::Evidence => evidence(library, told, record),
        ReportKind::Custody => custody(library, told, record),
        ReportKind::Measures => measures(library, told, record),
    }
}
