// What `cargo xtask wasm` makes beside the scripts; it need not be there for them to be checked.
declare module "*/desk.js";
declare module "*/return.js";
declare module "*/counsel.js";
