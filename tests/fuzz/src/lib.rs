//! Fuzz targets: every parser of bytes that come from others, each with what must hold of whatever it accepts.
//!
//! A target is a function from bytes to whether they were accepted; it panics where a property breaks. As a library this
//! is compiled and run on every kept input by plain `cargo test`; `cargo xtask fuzz` builds it with libFuzzer, which
//! follows the branches that an input takes.

mod age_files;
mod copies;
mod http;
mod identifiers_read;
mod json_texts;
mod law_files;
mod log;
mod plaintexts;
mod seeds;
mod tags;
mod words;

pub use seeds::Pool;

/// One parser, or several of one kind.
pub struct Target {
    /// Its name: that of its corpus, too.
    pub name: &'static str,
    /// Runs it; whether the bytes were accepted.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to begin with, made from docs/vectors/ and laws/.
    pub seeds: fn(&Pool) -> Vec<Vec<u8>>,
}

impl Target {
    /// Seeds that the target accepts, at most 100, the shortest first.
    pub fn accepted(&self, pool: &Pool) -> Vec<Vec<u8>> {
        let mut seeds = (self.seeds)(pool);
        seeds.retain(|seed| seed.len() <= INPUT_MAX);
        seeds.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        seeds.dedup();
        seeds.into_iter().filter(|seed| (self.run)(seed)).take(100).collect()
    }
}

/// Longest input in bytes: two chunks of an age file.
pub const INPUT_MAX: usize = 72 * 1024;

const fn target(name: &'static str, run: fn(&[u8]) -> bool, seeds: fn(&Pool) -> Vec<Vec<u8>>) -> Target {
    Target { name, run, seeds }
}

/// Every target. A new parser of foreign bytes gets one here.
pub const TARGETS: &[Target] = &[
    target("age-header", age_files::header, Pool::all),
    target("age-file", age_files::file, age_files::files),
    target("age-passphrase", age_files::passphrase, age_files::passphrase_files),
    target("age-keys", age_files::keys, Pool::all),
    target("key-file", age_files::key_file, Pool::all),
    target("share-file", plaintexts::share_file, Pool::all),
    target("release-file", plaintexts::release_file, Pool::all),
    target("header-file", plaintexts::header_file, plaintexts::header_files),
    target("record", plaintexts::record, Pool::all),
    target("pieces", plaintexts::pieces, plaintexts::piece_orders),
    target("cell", plaintexts::cell, Pool::all),
    target("kept-request", plaintexts::kept_request_text, plaintexts::kept_requests),
    target("json", json_texts::json, Pool::all),
    target("envelope", json_texts::envelope, Pool::all),
    target("statement", json_texts::statement, json_texts::payloads),
    target("site-list", json_texts::site_list, json_texts::site_lists),
    target("root", json_texts::root, json_texts::roots),
    target("document", json_texts::document, Pool::all),
    target("forms", http::forms, http::form_texts),
    target("multipart", http::multipart, http::bodies),
    target("headers", http::headers, http::header_values),
    target("note", log::note, Pool::all),
    target("policy", log::policy, log::policies),
    target("receipt", log::receipt, Pool::all),
    target("cosigning", log::add_checkpoint, log::requests),
    target("promise", log::promise, log::promises),
    target("proof", log::proof, log::proofs),
    target("tile", log::tile, Pool::all),
    target("names", words::names, Pool::all),
    target("phrase", words::phrase, words::phrases),
    target("identifier", identifiers_read::identifier, identifiers_read::texts),
    target("dealing", tags::dealing, tags::dealings),
    target("evaluation", tags::evaluations, Pool::all),
    target("law-file", law_files::law_file, law_files::files),
    target("copy-picture", copies::copy, copies::pictures),
    target("copy-heif", copies::copy, copies::boxes),
    target("copy-film", copies::copy, copies::films),
    target("copy-frames", copies::copy, copies::frames),
    target("copy-ogg", copies::copy, copies::ogg),
    target("copy-matroska", copies::copy, copies::matroska),
    target("law-case", law_files::case, law_files::cases),
];
