//! How much of a file is sent at once (§15.8): one rule for the command line and for her page.

/// Bytes in the next chunk of an upload. It grows while the line is quick, shrinks when the line is slow or breaks, and
/// stays below what something on the way has refused. One for all uploads of a visit, so that nothing is learned twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSize {
    bytes: u64,
    /// Not exceeded for now.
    most: u64,
    /// Never exceeded again.
    limit: u64,
    /// Quick chunks since the line broke.
    quick: u32,
}

impl ChunkSize {
    /// Smallest chunk, but for the last of a file.
    pub const MIN: u64 = 64 << 10;
    /// The first one.
    pub const FIRST: u64 = 256 << 10;
    /// The service takes no larger one.
    pub const MAX: u64 = 4 << 20;
    /// A chunk that took less, in milliseconds, is followed by one of twice its size.
    pub const QUICK_MS: u64 = 1_500;
    /// One that took more, by one of half its size: what a broken connection loses stays small.
    pub const SLOW_MS: u64 = 5_000;
    /// So many quick chunks after a break, twice the size that broke is tried again.
    pub const TRY_AGAIN: u32 = 16;

    /// Bytes in the next chunk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A chunk was taken, after so many milliseconds.
    pub fn taken(&mut self, took_ms: u64) {
        if took_ms > Self::SLOW_MS {
            self.bytes = (self.bytes / 2).max(Self::MIN);
            self.quick = 0;
        } else if took_ms < Self::QUICK_MS {
            self.quick += 1;
            if self.quick.is_multiple_of(Self::TRY_AGAIN) {
                self.most = (self.most * 2).min(self.limit);
            }
            self.bytes = (self.bytes * 2).min(self.most);
        }
    }

    /// The line broke while a chunk was under way: some proxies refuse by cutting.
    pub fn broke(&mut self) {
        self.bytes = (self.bytes / 2).max(Self::MIN);
        self.most = self.bytes;
        self.quick = 0;
    }

    /// Something on the way refused a chunk of so many bytes as too large (413). False where it is as small as can be.
    pub fn refused(&mut self, sent: u64) -> bool {
        if sent <= Self::MIN {
            return false;
        }
        self.limit = (sent / 2).max(Self::MIN).min(self.limit);
        self.most = self.most.min(self.limit);
        self.bytes = self.bytes.min(self.limit);
        true
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self {
            bytes: Self::FIRST,
            most: Self::MAX,
            limit: Self::MAX,
            quick: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_grows_while_the_line_is_quick_and_shrinks_when_it_is_not() {
        let mut size = ChunkSize::default();
        (0..9).for_each(|_| size.taken(10));
        assert_eq!(size.bytes(), ChunkSize::MAX);
        size.taken(2_000);
        assert_eq!(size.bytes(), ChunkSize::MAX, "neither quick nor slow");
        (0..9).for_each(|_| size.taken(6_000));
        assert_eq!(size.bytes(), ChunkSize::MIN);
    }

    #[test]
    fn what_was_refused_is_never_tried_again() {
        for limit in [3 << 20, 1 << 20, 300_000, 100_000, ChunkSize::MIN] {
            let mut size = ChunkSize::default();
            let (mut refusals, mut largest) = (0, 0);
            for _ in 0..500 {
                if size.bytes() > limit {
                    assert!(size.refused(size.bytes()), "a smaller one can be tried below {limit}");
                    refusals += 1;
                } else {
                    largest = largest.max(size.bytes());
                    size.taken(1);
                }
            }
            assert!(refusals <= 6 && largest > limit / 4, "{limit}: {refusals}, {largest}");
        }
        let mut smallest = ChunkSize::default();
        while smallest.refused(smallest.bytes()) {}
        assert_eq!(smallest.bytes(), ChunkSize::MIN);
    }

    #[test]
    fn a_line_that_breaks_above_a_size_is_tried_seldom() {
        let limit = 1 << 20;
        let mut size = ChunkSize::default();
        let mut breaks = 0;
        for _ in 0..200 {
            if size.bytes() > limit {
                size.broke();
                breaks += 1;
            } else {
                size.taken(1);
            }
        }
        assert!((2..=13).contains(&breaks), "{breaks}");
    }
}
