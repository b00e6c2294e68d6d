//! The crates and what each may use: the table under «The crates» in docs/architecture.md is the one source.

use std::collections::{BTreeMap, BTreeSet};

/// Where the table stands.
pub const MAP: &str = "docs/architecture.md";

/// Reads the table: crate, and the crates of this workspace that it may use (`nothing`, or a list).
///
/// # Errors
/// One sentence for each row that cannot be read, and for a name that is no row.
pub fn read(document: &str) -> Result<BTreeMap<String, BTreeSet<String>>, Vec<String>> {
    let rows: Vec<Vec<&str>> = document
        .lines()
        .skip_while(|line| !line.starts_with("| crate |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let names: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| quoted(row.first()?).next().map(str::to_owned))
        .collect();
    let mut faults = Vec::new();
    let mut edges = BTreeMap::new();
    for row in &rows {
        let (Some(name), Some(uses)) = (row.first().and_then(|cell| quoted(cell).next()), row.last()) else {
            faults.push(format!("{MAP}: the row {row:?} names no crate"));
            continue;
        };
        let used: BTreeSet<String> = match *uses {
            "nothing" => BTreeSet::new(),
            list => quoted(list).map(str::to_owned).collect(),
        };
        if used.is_empty() && *uses != "nothing" {
            faults.push(format!("{MAP}: {name} uses {uses:?}, which lists no crates"));
        }
        faults.extend(
            used.difference(&names)
                .map(|other| format!("{MAP}: {name} uses {other}, which is not a row")),
        );
        edges.insert(name.to_owned(), used);
    }
    if edges.is_empty() {
        faults.push(format!("{MAP} has no table of crates"));
    }
    if faults.is_empty() { Ok(edges) } else { Err(faults) }
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "| crate | knows | uses |\n|---|---|---|\n";

    #[test]
    fn the_last_column_is_the_list_of_edges() {
        let edges = read(&format!(
            "{HEAD}| `a` | x | nothing |\n| `b` | y | `a` |\n| `c` | z | `a` `b` |\n"
        ))
        .expect("a table");
        assert!(edges["a"].is_empty());
        assert_eq!(edges["b"], BTreeSet::from(["a".to_owned()]));
        assert_eq!(edges["c"], BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_and_never_an_edge() {
        for table in [
            "",
            "| `a` | x | whatever |\n",
            "| `a` | x | `b` |\n",
            "| a | x | nothing |\n",
        ] {
            assert!(read(&format!("{HEAD}{table}")).is_err(), "{table}");
        }
    }
}
