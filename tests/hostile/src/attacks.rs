//! The attacks, in the order of the document.

mod connections;
mod erasure;
mod flags;
mod order;
mod queues;
mod time;
mod wire;

use crate::Attack;

/// All of them.
pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "cosigner-ahead",
        tried: "the only cosigner dates its cosignatures 72 h ahead",
        must: "no published checkpoint is dated more than 300 s ahead",
        small: 4,
        large: 20,
        run: time::cosigner_ahead,
    },
    Attack {
        name: "clock-forward",
        tried: "operator and cosigner together show a seat a checkpoint dated 72 h ahead",
        must: "a seat with a right clock refuses it",
        small: 1,
        large: 1,
        run: time::clock_forward,
    },
    Attack {
        name: "old-checkpoint",
        tried: "a checkpoint dated 30 h back is replayed with a forged `Date`, while the log goes on",
        must: "it is refused",
        small: 1,
        large: 1,
        run: time::old_checkpoint,
    },
    Attack {
        name: "order",
        tried: "a bought seat grants far ahead in the slots and refuses beneath it; another objects before the releases and \
                shows it after them; a third objects beyond every reach and fills the slots in beneath",
        must: "both honest releases count as before",
        small: 1,
        large: 1,
        run: order::rewrite,
    },
    Attack {
        name: "slots",
        tried: "junk filings take the lowest free slots of a case",
        must: "a seat's act on the case is taken",
        small: 64,
        large: 512,
        run: order::slots,
    },
    Attack {
        name: "differing-flags",
        tried: "a filing whose share files say danger to one seat, nothing to another, and to a third that an interpreter is \
                wanted; before it one whose greetings are for a depth that is not in force",
        must: "each share holds; one acknowledgement puts the danger first in every queue; the other depth is refused",
        small: 1,
        large: 1,
        run: flags::differing_flags,
    },
    Attack {
        name: "records-of-others",
        tried: "a reader posts others' records again and deletes them",
        must: "all are there",
        small: 32,
        large: 32,
        run: erasure::records_of_others,
    },
    Attack {
        name: "blobs-of-others",
        tried: "a form names another filing's objects, and three seats then delete those of the form",
        must: "the other filing's object is there",
        small: 1,
        large: 8,
        run: erasure::blobs_of_others,
    },
    Attack {
        name: "own-act",
        tried: "the author deletes the record of its own act",
        must: "the record stays as long as the log",
        small: 1,
        large: 32,
        run: erasure::own_act,
    },
    Attack {
        name: "acts-of-one",
        tried: "one reader files acts as fast as they are taken, at 4 entries a step",
        must: "another member's act is in the log within two steps",
        small: 100,
        large: 400,
        run: queues::acts_of_one,
    },
    Attack {
        name: "junk-filings",
        tried: "junk filings that nobody acknowledges, until the intake closes",
        must: "the intake stays open",
        small: 1_500,
        large: 10_000,
        run: queues::junk_filings,
    },
    Attack {
        name: "flood",
        tried: "junk filings and a reader's junk acts as fast as this machine can, beside honest ones",
        must: "every honest filing is taken, every honest act is in the log within two steps",
        small: 200,
        large: 10_000,
        run: queues::flood,
    },
    Attack {
        name: "dripped-headers",
        tried: "sockets that send one byte of a header every two seconds",
        must: "an honest request is answered within 20 s",
        small: 1_200,
        large: 2_000,
        run: connections::dripped_headers,
    },
    Attack {
        name: "idle-uploads",
        tried: "uploads that announce a chunk and send none of it",
        must: "an honest chunk is taken within 10 s",
        small: 64,
        large: 256,
        run: connections::idle_uploads,
    },
    Attack {
        name: "half-bodies",
        tried: "three crowds of filings of 1 MiB that stop before their last bytes",
        must: "the service stays under 256 MiB each time",
        small: 400,
        large: 1_020,
        run: connections::half_bodies,
    },
    Attack {
        name: "tiny-uploads",
        tried: "uploads of one byte",
        must: "beyond a few they are refused",
        small: 500,
        large: 10_000,
        run: connections::tiny_uploads,
    },
    Attack {
        name: "office-cells",
        tried: "office cells of 16 KiB by a member and by a stranger",
        must: "both are held to a few or to work that grows",
        small: 450,
        large: 2_000,
        run: connections::office_cells,
    },
    Attack {
        name: "office-closed",
        tried: "a stranger's office cells until no more are taken",
        must: "another's is taken within 40 s of the last",
        small: 20_000,
        large: 20_000,
        run: connections::office_closed,
    },
    Attack {
        name: "who-opens",
        tried: "the operator looks at the connections of a reader who opens a testimony",
        must: "none carries both signed and unsigned requests",
        small: 1,
        large: 1,
        run: wire::who_opens,
    },
    Attack {
        name: "file-host",
        tried: "a stranger uploads a file that no filing names and passes its digest on",
        must: "nobody is served it",
        small: 1,
        large: 16,
        run: wire::file_host,
    },
    Attack {
        name: "greeting-timing",
        tried: "a stranger watches the public buckets while somebody files",
        must: "they do not change before the next publication, and then by 8 at least",
        small: 1,
        large: 5,
        run: wire::greeting_timing,
    },
];
