//! A client of the log without I/O: follows and verifies it, and does everything that a member and a declarant do, each act
//! checked against the log before it is signed (protocol §4, §7–§9).
//!
//! Acts are async functions that name their calls and take the answers ([`wire`]); the caller owns network, clock and
//! what is kept ([`Store`]). [`Seat`] and [`Reader`] are the two offices; [`Visitor::enter`] tells which one a key has.
//! [`Declarant`] is whoever has the eight words.

mod act;
pub mod audit;
mod bucket;
pub mod complaint;
pub mod content;
pub mod cosigners;
mod declarant;
pub mod docket;
mod drafts;
mod failure;
mod filing;
mod log;
mod member;
mod mirror;
pub mod monitor;
mod office;
mod opening;
mod pending;
mod public;
pub mod random;
mod reader;
mod routine;
mod seat;
pub mod site;
mod steps;
mod store;
mod tiles;
mod upload;
mod visitor;
mod waiting;
pub mod wire;
pub mod words;
pub mod work;

pub use act::{ActId, Pending, SignedAct};
pub use bucket::Buckets;
pub use complaint::{Broken, Complaint, KeptPromise, Unproven};
pub use declarant::{
    ActView, Can, Declarant, DeclarantView, FilingView, HerAct, MessageView, Parts, PromisedAddition, RequestView,
    Sent, SentState, Who,
};
pub use drafts::Drafts;
pub use failure::{Code, Failure, Local, Outcome};
pub use log::{Begins, CosignersSaid, Log, Since, Statement};
pub use member::{Adds, Member, Warning};
pub use mirror::{CHECKPOINT as COPIED_CHECKPOINT, Mirror, Mirrored};
pub use office::{FiledCell, Offered, cell};
pub use opening::ReleasedCase;
pub use public::{AtOnce, InDocket, MadePublic, ToCome};
pub use random::Random;
pub use reader::{OwnRequest, Reader, ReaderReports, Referred, SignedRequest};
pub use routine::{Performed, RoutineStep};
pub use seat::{AskView, Checked, DutyReport, Rejection, Seat, TEMPLATES, Template};
pub use store::{MemoryStore, Store};
pub use tiles::entry;
pub use upload::upload;
pub use visitor::{Admitted, Visitor, open_key_file};
pub use waiting::Waiting;
