//! A page's acts, one at a time: each takes what it works on and gives it back when it is done.

use std::future::Future;

use super::{HttpAnswer, Progress, RunningAct, Turn, Wire};
use crate::failure::{Failure, Local, Outcome};

/// What a page's acts work on, `S`: here between two acts, with the act while one is under way. `D` is what acts come to.
pub struct Acts<S, D> {
    here: Option<S>,
    running: Option<RunningAct<'static, (S, Outcome<D>)>>,
}

impl<S, D> Default for Acts<S, D> {
    fn default() -> Self {
        Self {
            here: None,
            running: None,
        }
    }
}

impl<S, D> Acts<S, D> {
    /// Puts in what the next acts work on.
    pub fn put(&mut self, here: S) {
        self.here = Some(here);
    }

    fn missing(&self) -> Failure {
        Failure::new(if self.running.is_some() {
            Local::Busy
        } else {
            Local::Locked
        })
    }

    /// What acts work on.
    ///
    /// # Errors
    /// [`Local::Busy`] while an act is under way; [`Local::Locked`] before anything was put in.
    pub fn get(&self) -> Outcome<&S> {
        self.here.as_ref().ok_or_else(|| self.missing())
    }

    /// As [`Self::get`], to be changed.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_mut(&mut self) -> Outcome<&mut S> {
        let missing = self.missing();
        self.here.as_mut().ok_or(missing)
    }

    /// Begins an act that speaks over `wire`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn begin<F>(&mut self, wire: &Wire, act: impl FnOnce(S) -> F) -> Outcome<()>
    where
        F: Future<Output = (S, Outcome<D>)> + 'static,
    {
        if self.running.is_some() {
            return Err(self.missing());
        }
        let here = self.here.take().ok_or_else(|| self.missing())?;
        self.running = Some(RunningAct::new(wire.clone(), act(here)));
        Ok(())
    }

    /// Goes on with the answers to the last calls; gives new calls, or what came of the act. `now`: POSIX seconds.
    ///
    /// # Errors
    /// What the act may say. [`Local::Internal`] when none is under way.
    pub fn turn(&mut self, now: u64, answers: Vec<HttpAnswer>) -> Outcome<Turn<D>> {
        let running = self.running.as_mut();
        let running = running.ok_or_else(|| Failure::bug("no act is under way"))?;
        match running.turn(now, answers) {
            Turn::Calls(calls) => Ok(Turn::Calls(calls)),
            Turn::Done((here, done)) => {
                (self.running, self.here) = (None, Some(here));
                done.map(Turn::Done)
            }
        }
    }

    /// How far the act is, where it says so.
    pub fn progress(&self) -> Option<Progress> {
        self.running.as_ref()?.progress()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for a file and fails with its bytes, or counts them.
    async fn count(wire: Wire, mut seen: usize, fails: bool) -> (usize, Outcome<usize>) {
        match wire.bytes("/a").await {
            Ok(bytes) if !fails => {
                seen += bytes.len();
                (seen, Ok(bytes.len()))
            }
            Ok(_) => (seen, Err(Failure::new(Local::NoStatement))),
            Err(failure) => (seen, Err(failure)),
        }
    }

    fn refused<T>(outcome: Outcome<T>, with: Local) -> bool {
        outcome.is_err_and(|failure| failure.code == with)
    }

    #[test]
    fn one_act_at_a_time_and_what_it_works_on_comes_back() {
        let (wire, mut acts) = (Wire::default(), Acts::<usize, usize>::default());
        let begin = |acts: &mut Acts<usize, usize>, fails| {
            let line = wire.clone();
            acts.begin(&wire, move |seen| count(line, seen, fails))
        };
        let answer = || HttpAnswer {
            status: 200,
            body: b"four".to_vec(),
            ..HttpAnswer::default()
        };
        assert!(refused(acts.get(), Local::Locked));
        assert!(refused(begin(&mut acts, false), Local::Locked));
        assert!(refused(acts.turn(1, vec![]), Local::Internal));
        acts.put(0);
        begin(&mut acts, false).unwrap();
        assert!(refused(acts.get_mut(), Local::Busy));
        assert!(refused(begin(&mut acts, false), Local::Busy));
        assert!(matches!(acts.turn(1, vec![]).unwrap(), Turn::Calls(_)));
        assert!(matches!(acts.turn(2, vec![answer()]).unwrap(), Turn::Done(4)));
        assert_eq!(*acts.get().unwrap(), 4);
        begin(&mut acts, true).unwrap();
        assert!(matches!(acts.turn(3, vec![]).unwrap(), Turn::Calls(_)));
        assert!(refused(acts.turn(4, vec![answer()]), Local::NoStatement));
        assert_eq!(*acts.get().unwrap(), 4, "a failed act gives it back as well");
    }
}
