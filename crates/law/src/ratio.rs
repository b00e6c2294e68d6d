//! Exact numbers of penalties: a fraction of two integers, always reduced.

use std::cmp::Ordering;
use std::fmt;

/// A non-negative fraction in lowest terms. Law files hold numbers up to [`Ratio::MAX`], so products stay exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// Largest numerator or denominator in a law file.
    pub const MAX: i64 = 10_000_000;
    /// Nothing.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// One.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// `numerator / denominator`; nothing when either is negative, over [`Self::MAX`], or the denominator is 0.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        let sound = (0..=Self::MAX).contains(&numerator) && (1..=Self::MAX).contains(&denominator);
        sound.then(|| Self::reduced(numerator.into(), denominator.into()))
    }

    /// Reads `3` or `45/2`.
    pub fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        Self::new(numerator.trim().parse().ok()?, denominator.trim().parse().ok()?)
    }

    fn reduced(numerator: i128, denominator: i128) -> Self {
        if let (Ok(numerator), 1) = (i64::try_from(numerator), denominator) {
            return Self {
                numerator,
                denominator: 1,
            };
        }
        let divisor = gcd(numerator, denominator).max(1);
        let narrow = |value: i128| i64::try_from(value / divisor).unwrap_or(i64::MAX);
        Self {
            numerator: narrow(numerator),
            denominator: narrow(denominator),
        }
    }

    /// Product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::reduced(
            i128::from(self.numerator) * i128::from(other.numerator),
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }

    /// Sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (a, b) = (i128::from(self.numerator), i128::from(self.denominator));
        let (c, d) = (i128::from(other.numerator), i128::from(other.denominator));
        Self::reduced(a * d + c * b, b * d)
    }

    /// In hundredths, half up: what JSON numbers show.
    pub fn hundredths(self) -> i64 {
        let doubled = i128::from(self.numerator) * 200 + i128::from(self.denominator);
        i64::try_from(doubled / (i128::from(self.denominator) * 2)).unwrap_or(i64::MAX)
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        left.cmp(&(i128::from(other.numerator) * i128::from(self.denominator)))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_stay_exact_and_round_half_up() {
        let base = Ratio::new(40, 1).unwrap();
        let added = base.times(Ratio::parse("13/6").unwrap());
        assert_eq!(added.to_string(), "260/3");
        assert_eq!(added.hundredths(), 8667);
        assert_eq!(Ratio::parse("45/2").unwrap().hundredths(), 2250);
        assert_eq!(
            Ratio::ONE.plus(Ratio::parse("1/2").unwrap()),
            Ratio::parse("3/2").unwrap()
        );
        assert!(Ratio::parse("5/3").unwrap() > Ratio::parse("3/2").unwrap());
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for text in ["", "1/0", "-1", "1/-2", "x", "10000001", "1/2/3"] {
            assert_eq!(Ratio::parse(text), None, "{text}");
        }
    }
}
