//! Our own vectors in docs/vectors/, reproducible to the byte. `RESGUARDO_BLESS=1` writes them; without it they
//! are compared with what the code makes.

use crate::filing_vectors_parts;
use crate::kept;

use filing_vectors_parts::{derivations, filing, refused, shares};
use kept::keep;

#[test]
fn derivations_json() {
    keep("derivations.json", &derivations::vectors());
}

#[test]
fn shares_json() {
    keep("shares.json", &shares::vectors());
}

#[test]
fn filing_json() {
    keep("filing.json", &filing::vectors());
}

#[test]
fn refused_json() {
    keep("refused.json", &refused::vectors());
}

/// §15.1 to §15.5 state these; two programs agreed on them before this one was written.
#[test]
fn the_values_of_the_specification() {
    let text = format!("{}{}", derivations::vectors(), shares::vectors());
    let values = [
        "b61568f53a862b7e6934d8806707fb49b0109a05be9c689f6cf94cf00412b60d",
        "e29119451b61e524f41841689009d20ca70d3674e574ff44e04c5c64087cb524",
        "a4c6de193a89bfda3e5eb7a97a3953e7995f0a73d49cc3d710c18e5fac54964d",
        "8ceaf7cf2f290a06afe2c1c997269509a898df0fde7357a144b21f1d74976404",
        "absurd math era live bid rhythm alien culture",
        "abrir marco encargo lluvia atar porci\u{f3}n agudo coj\u{ed}n",
        "ae92e603f87ad9e96ce991c3131b863704b3ccffb6fbd4ddac03c45af5f852b2",
        "9fcfc74d51b03af358cdda69651e6f456836130dbc0fc1d019de055d264a3ac2",
        "east squeeze nest either engine ostrich pink captain",
        "9ca11ec1ba6e3732628fc24f8b1d7ed6",
        "R-KJGH-XGDT",
        "83525d9548fb5cb21384f7a3fd0939a5fe3d91c17dbcf4e5576363e348366fb2",
        "c88c97622147e98efd3067ecc3c92112b5baab7b2833aa52479b146c59649a97",
        "ca5a46422b26132d35a6b5b848b28f6d3759c2c3e87b41077d4b2fbb17b247cb",
        "97ed99cabc06c3710c01baf8c0654bdb88d22f7f2ff86d72bef60ff735d9cb9b",
        "c1510b24f98af1c3bc11a2d6c0a89ee1497e151d3ded4c68d15180267fc3146e",
        "745d67cad99c6320a648e54bd1fa7f3b6cb6fad707ba25f2d47805f576653a74",
        "f4f09ee5d44ac7052c63efed93ed1addc9a869e5301f57df9f53cf4ba91a771d",
        "9c3ee45770394e5fb2b209e300b6293fe44642f040b9985c8d66ce4b0ccddffe",
        "020e7e2fb133e41b12988be5d206b23fdaaa26f27a88a5bcb4650983953df25b",
        "9393376c202d47bfb8a57347b1916482b4c830b68252114acdc0265e1bb17694",
        "a68e673b5394e82790586c9cda11449b046eafbc43ddbf3a88da84b4b1ccee74",
        "de6250c849765c34fc185ea636624569c943ce4195b9c6b191470dbf37a8a98e",
        "62b15abc6d2ecf688d15b1677b248455f6473ff8533928b52e6b526e14e350b7",
        "16d9803945527f9e0edecf66cf7637448b5cff250072abb58b033ba6a5d40b29",
        "fdf4ae6bff452a5d30ba6ef1fe13b16813a8c2ac1ab0b15885d6ce9d67303c3f",
        "85ddd29d37aaf5d5671981d360035a3f81d956aecec22eb91b0119d0dab08360",
        "19d8278544bdfb7f0cc7f146906db3dae12ad5f494f2e43d4c2746b7a289a4f8",
        "8a2e0e9e83efd8b252e1aa389d3f97123d238ff64c0939e590c49a6cc0fb89dd",
    ];
    for value in values {
        assert!(text.contains(value), "{value}");
    }
}
