//! A whole deployment for tests and load: council of five, cosigner and service as processes of the real binary, made
//! with the verbs that people use; and filings that are sealed beforehand.

mod calls;
mod filing;
mod founding;
mod narrow;
mod processes;

pub use calls::{Call, Calls};
pub use filing::{Declarant, Prepared};
pub use founding::{Founding, key_arguments};
pub use narrow::{Passed, narrow};
pub use processes::{Deployment, Options, SEATS, SEVEN_SEATS, free_ports};
