//! People at screens, one after the other. Run by `cargo xtask test browser`.

#[path = "people/able.rs"]
mod able;
#[path = "people/choosing.rs"]
mod choosing;
#[path = "people/chosen.rs"]
mod chosen;
#[path = "people/declarant.rs"]
mod declarant;
#[path = "people/desk.rs"]
mod desk;
#[path = "people/desk_network.rs"]
mod desk_network;
#[path = "people/duties.rs"]
mod duties;
#[path = "people/exit.rs"]
mod exit;
#[path = "people/filing.rs"]
mod filing;
#[path = "people/gesture.rs"]
mod gesture;
#[path = "people/harness.rs"]
mod harness;
#[path = "people/keyboard.rs"]
mod keyboard;
#[path = "people/later.rs"]
mod later;
#[path = "people/law.rs"]
mod law;
#[path = "people/listen.rs"]
mod listen;
#[path = "people/media.rs"]
mod media;
#[path = "people/narrow.rs"]
mod narrow;
#[path = "people/network.rs"]
mod network;
#[path = "people/oldest.rs"]
mod oldest;
#[path = "people/plain.rs"]
mod plain;
#[path = "people/print.rs"]
mod print;
#[path = "people/reading.rs"]
mod reading;
#[path = "people/returning.rs"]
mod returning;
#[path = "people/routine.rs"]
mod routine;
#[path = "people/spoken.rs"]
mod spoken;
#[path = "people/still.rs"]
mod still;
#[path = "people/story.rs"]
mod story;
#[path = "people/text.rs"]
mod text;
#[path = "people/unscripted.rs"]
mod unscripted;
#[path = "people/vectors.rs"]
mod vectors;
#[path = "people/voice.rs"]
mod voice;
#[path = "people/whole_way.rs"]
mod whole_way;
