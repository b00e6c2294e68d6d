//! Each attack in its small size, against the binary that `RESGUARDO_BIN` names.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;

fn attack(name: &str) {
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").expect("run by `cargo xtask test hostile`"));
    let attack = hostile::ATTACKS
        .iter()
        .find(|attack| attack.name == name)
        .expect("an attack of that name");
    let figure = (attack.run)(&binary, attack.small).expect("an attack that can be made");
    eprintln!("{name}: {}", figure.text);
    assert!(figure.holds, "{} must hold, and: {}", attack.must, figure.text);
}

macro_rules! attacks {
    ($($test:ident = $name:literal,)*) => {
        $(#[test]
        #[ignore = "run by `cargo xtask test hostile`"]
        fn $test() {
            attack($name);
        })*

        #[test]
        fn every_attack_is_a_test() {
            let named: Vec<&str> = hostile::ATTACKS.iter().map(|attack| attack.name).collect();
            assert_eq!(named, [$($name),*]);
        }
    };
}

attacks! {
    a_cosigner_that_dates_ahead_moves_no_checkpoint = "cosigner-ahead",
    operator_and_cosigner_move_no_seats_clock = "clock-forward",
    an_old_checkpoint_with_a_forged_date_is_refused = "old-checkpoint",
    bought_seats_come_before_nothing_that_honest_seats_did = "order",
    junk_in_the_slots_delays_no_act = "slots",
    a_danger_told_to_one_seat_is_told_to_all = "differing-flags",
    a_reader_deletes_nobodys_record = "records-of-others",
    a_form_that_names_anothers_object_takes_it_from_nobody = "blobs-of-others",
    an_author_does_not_delete_its_act = "own-act",
    acts_of_one_delay_nobodys_act = "acts-of-one",
    junk_filings_do_not_close_the_intake = "junk-filings",
    a_flood_delays_no_honest_act = "flood",
    dripping_sockets_shut_nothing = "dripped-headers",
    idle_uploads_block_no_upload = "idle-uploads",
    half_sent_bodies_take_bounded_memory = "half-bodies",
    uploads_of_one_byte_are_bounded = "tiny-uploads",
    office_cells_are_bounded = "office-cells",
    nobody_closes_the_office_when_he_has_stopped = "office-closed",
    no_connection_says_who_opens = "who-opens",
    unnamed_files_are_served_to_nobody = "file-host",
    the_buckets_do_not_show_a_filing_come = "greeting-timing",
}
