//! People at screens, one after the other. Run by `cargo xtask test browser`.

#[path = "people/able.rs"]
mod able;
#[path = "people/declarant.rs"]
mod declarant;
#[path = "people/desk.rs"]
mod desk;
#[path = "people/desk_network.rs"]
mod desk_network;
#[path = "people/exit.rs"]
mod exit;
#[path = "people/filing.rs"]
mod filing;
#[path = "people/harness.rs"]
mod harness;
#[path = "people/keyboard.rs"]
mod keyboard;
#[path = "people/law.rs"]
mod law;
#[path = "people/network.rs"]
mod network;
#[path = "people/print.rs"]
mod print;
#[path = "people/reading.rs"]
mod reading;
#[path = "people/still.rs"]
mod still;
#[path = "people/vectors.rs"]
mod vectors;
#[path = "people/whole_way.rs"]
mod whole_way;
