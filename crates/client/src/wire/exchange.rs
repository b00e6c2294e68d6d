//! Calls and answers as a page's scripts hand them over: numbers, texts and bytes, one answer at a time.

use serde_json::{Value, json};

use super::{HttpAnswer, HttpCall, Progress, Purpose, Turn};

/// The calls of the last turn, and the answers that came to them so far.
#[derive(Default)]
pub struct Exchange {
    answers: Vec<HttpAnswer>,
    calls: Vec<HttpCall>,
}

impl Exchange {
    /// An answer to the next of the last turn's calls; status 0 when nobody answered; `next`: the header
    /// `Resguardo-Next`; `date`: the header `Date` in POSIX seconds; each negative where there is none.
    pub fn answer(&mut self, status: u16, next: f64, date: f64, body: Vec<u8>) {
        let there = |number: f64| (number >= 0.0).then_some(number as u64);
        self.answers.push(HttpAnswer {
            status,
            next: there(next),
            date: there(date),
            body,
            ..HttpAnswer::default()
        });
    }

    /// The answers that came; they are handed over once.
    pub fn answers(&mut self) -> Vec<HttpAnswer> {
        std::mem::take(&mut self.answers)
    }

    /// A turn as JSON: `{calls: [{method, path, headers} or {pause}]}`, pauses in seconds, or what the act came to.
    pub fn turn(&mut self, turn: Turn<Value>) -> String {
        match turn {
            Turn::Calls(calls) => {
                self.calls = calls;
                let calls: Vec<Value> = self.calls.iter().map(call).collect();
                json!({ "calls": calls }).to_string()
            }
            Turn::Done(done) => done.to_string(),
        }
    }

    /// The body of one of the last turn's calls.
    pub fn body(&self, place: usize) -> Vec<u8> {
        self.calls.get(place).map(|call| call.body.clone()).unwrap_or_default()
    }
}

impl Progress {
    /// How much is done, 0 to 1; negative where nothing says it.
    pub fn share(of: Option<Self>) -> f64 {
        match of {
            Some(Self { done, total }) if total > 0 => done as f64 / total as f64,
            _ => -1.0,
        }
    }
}

/// A call as scripts make it. For a pause nothing is sent.
fn call(call: &HttpCall) -> Value {
    match call.purpose {
        Purpose::Pause => json!({ "pause": call.path.parse::<u32>().unwrap_or(0) }),
        _ => json!(call),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_get_calls_and_pauses_and_hand_back_answers_once() {
        let mut exchange = Exchange::default();
        let posted = HttpCall::post("/a", "text/plain".to_owned(), b"body".to_vec());
        let told = exchange.turn(Turn::Calls(vec![posted, HttpCall::get_for(Purpose::Pause, "7")]));
        assert_eq!(
            told,
            r#"{"calls":[{"headers":[["Content-Type","text/plain"]],"method":"POST","path":"/a"},{"pause":7}]}"#
        );
        assert_eq!((exchange.body(0), exchange.body(9)), (b"body".to_vec(), Vec::new()));
        exchange.answer(200, -1.0, 5.0, b"x".to_vec());
        let answers = exchange.answers();
        assert_eq!((answers[0].next, answers[0].date, answers.len()), (None, Some(5), 1));
        assert_eq!(exchange.answers(), []);
        assert_eq!(exchange.turn(Turn::Done(json!({ "done": 1 }))), r#"{"done":1}"#);
    }

    #[test]
    fn progress_is_a_share_or_nothing() {
        let some = |done, total| Progress::share(Some(Progress { done, total }));
        assert_eq!((some(1, 4), some(0, 0), Progress::share(None)), (0.25, -1.0, -1.0));
    }
}
