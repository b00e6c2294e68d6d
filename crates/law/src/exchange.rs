//! The law in forms that other programs read: Akoma Ntoso, the question that OpenFisca's `/calculate` takes, JSON Schema.

mod akn;
mod openfisca;
mod schema;

pub use akn::{AknError, akn};
pub use openfisca::openfisca;
pub use schema::{answer_schema, case_schema};
