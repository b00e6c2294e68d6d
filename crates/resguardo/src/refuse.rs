//! From a rule of the log (`casework`) to a failure that says what, why and what to do.

use crate::clock;
use crate::failure::CliError;
use crate::language::{said, t};
use casework::NotNow;
use casework::release::Why;
use client::Code;

/// The failure for an act that is not allowed now; `doing` completes «cannot …».
pub fn not_now(doing: &str, refused: &NotNow) -> CliError {
    let line = refused
        .line
        .map(|line| t!(" (line {} of §8.5)", line))
        .unwrap_or_default();
    let failure = CliError::new(Code::Rule(Box::new(refused.clone())), t!("cannot {} now", said(doing)))
        .why(format!("{refused}{line}"));
    match refused.from {
        Some(from) => {
            let left = clock::until(from, clock::now());
            let remedy = t!("run it again from {} ({})", clock::readable(from), left);
            failure.remedy(remedy).retry_at(from)
        }
        None => match refused.why {
            Why::DeviceWaits { until, .. } => {
                let by_this_clock = clock::readable(until);
                failure.remedy(t!("{}; by this clock it is over at {}", set_the_clock(), by_this_clock))
            }
            _ => failure.remedy(remedy(&refused.why)),
        },
    }
}

/// What to do where the log's time is ahead of this device's clock.
fn set_the_clock() -> &'static str {
    t!(
        "nothing was released; set this machine's clock and run it again; if it is right, the log is dated \
                             ahead: tell the council and a cosigner, and release nothing until they know why"
    )
}

fn remedy(why: &Why) -> &'static str {
    match why {
        Why::Untrusted => t!("do not act on this log; ask a cosigner"),
        Why::CheckpointTooOld { .. } => {
            t!("set this machine's clock; if it is right, the log has stopped or is withheld: ask a cosigner")
        }
        Why::CheckpointFromFuture { .. } => {
            t!("tell the operator and the council: a cosigner's clock is wrong, or it lies")
        }
        Why::LogRanAhead { .. } => set_the_clock(),
        Why::NotReadToTheEnd { .. } => t!("run it again, so that the log is read to its end"),
        Why::NoCouncil | Why::CouncilExpired => t!("ask the operator for the current council"),
        Why::NotOfCouncil { .. } | Why::OtherKey { .. } => t!("use the key of a member of the current council"),
        Why::NoRequest => t!("`resguardo queue` lists the requests; a new one shows after the next step of the log"),
        Why::HoldsNoShare { .. } => t!("only seats that hold a share of this testimony count"),
        Why::Barred { .. } => t!("the declarant left this reader's institution out; another reader must ask"),
        Why::Dead | Why::Lapsed | Why::TooLate | Why::RecipientUsed { .. } => {
            t!("nothing is released for it; the reader must make a new request")
        }
        Why::TooFewGrants { .. } => t!("wait for the other seats' decisions"),
        Why::TooFewReleases { .. } => t!("wait for the other seats' releases"),
        Why::NotGranted => t!("`resguardo grant` first, if this seat agrees"),
        Why::Done { .. } => t!("nothing is left to do"),
        Why::NotOpened => t!("`resguardo open` first"),
        Why::OtherReader => t!("only the reader who asked can do this"),
        _ => t!("nothing was changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    /// What happened, that nothing was lost, what to do if the clock is wrong and if it is right.
    #[test]
    fn a_clock_that_disagrees_is_told_with_both_causes() {
        let until = 1_795_478_400;
        for why in [
            Why::LogRanAhead { by_s: 86_400 },
            Why::DeviceWaits { by_s: 3_600, until },
        ] {
            let refused = NotNow {
                line: Some(11),
                why: why.clone(),
                from: None,
            };
            let failure = not_now("release", &refused);
            assert_eq!(failure.exit(), Exit::NotNow);
            let text = format!("{failure:?}");
            for part in [
                "(line 11 of §8.5)",
                "nothing was released",
                "set this machine's clock",
                "if it is right",
                "tell the council",
            ] {
                assert!(text.contains(part), "{text}: {part}");
            }
            assert_eq!(
                text.contains("2026-11-24 00:00:00"),
                matches!(why, Why::DeviceWaits { .. }),
                "{text}"
            );
        }
    }
}
