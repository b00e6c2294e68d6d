//! Wordings before the present one, from tables: their days and their words.

use jiff::civil::Date;

use crate::fact::Earlier;
use crate::read::Table;

/// `earlier`, newest first: each with its first day and its last, which is the eve of the wording that follows.
pub(super) fn earlier<'a>(table: &Table<'a>, since: Option<Date>) -> Vec<(Table<'a>, Date, Date)> {
    let (mut next, mut wordings) = (since, Vec::new());
    for table in table.tables("earlier") {
        let since = table.date("since");
        let until = match next {
            Some(_) => next.and_then(|next| next.yesterday().ok()),
            None => table.date_opt("until"),
        };
        let Some(until) = until.filter(|until| since <= *until) else {
            table.fault("an earlier wording begins before the one above it, which says `since`, or has an `until`");
            continue;
        };
        next = Some(since);
        wordings.push((table, since, until));
    }
    wordings
}

/// Earlier words of a fact or a rule.
pub(super) fn earlier_words(table: &Table<'_>, since: Option<Date>) -> Vec<Earlier> {
    let mut words = Vec::new();
    for (table, since, until) in earlier(table, since) {
        words.push(Earlier {
            since,
            until,
            text: table.text("text"),
            decree: table.text("decree"),
        });
        table.done();
    }
    words
}
