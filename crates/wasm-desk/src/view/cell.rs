//! What came in an office cell, as the page shows it.

use client::Member;
use protocol::statement::{Compartment, Request};
use protocol::{CaseId, Envelope, MemberNumber};
use serde::Serialize;

use super::institution;

/// A statement in an office cell that may be filed.
#[derive(Serialize)]
pub struct CellView<'a> {
    code: String,
    name: &'static str,
    /// Of a request: who asks for what, and why.
    asked: Option<AskedView<'a>>,
    /// As it was signed.
    statement: String,
}

/// Who asks for what, and why: what is read before a request is filed.
#[derive(Serialize)]
struct AskedView<'a> {
    reader: MemberNumber,
    institution: Option<&'a str>,
    purpose: String,
    basis: String,
    compartments: Vec<Compartment>,
    urgent: bool,
}

impl<'a> CellView<'a> {
    /// With its statement, whose author and signature are right.
    pub fn of(member: &'a Member, case: CaseId, name: &'static str, statement: &Envelope) -> Self {
        let request = statement.unverified::<Request>().ok();
        Self {
            code: case.code(),
            name,
            asked: request.map(|request| AskedView {
                reader: request.reader,
                institution: institution(member, request.reader),
                purpose: request.purpose,
                basis: request.basis,
                compartments: request.compartments,
                urgent: request.urgent,
            }),
            statement: signed(statement),
        }
    }
}

/// The bytes that were signed, to be shown.
pub fn signed(statement: &Envelope) -> String {
    String::from_utf8_lossy(statement.payload()).into_owned()
}
