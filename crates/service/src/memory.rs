//! Bytes of bodies and of large answers that are in memory at once. They are counted as they come; when there is no room,
//! the slowest connection that holds some is dropped.

use std::sync::Arc;
use std::time::Duration;

use protocol::problem::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::places::{PLACE, Place};
use crate::problem::Refusal;

/// How long bytes wait for room at one attempt, and how many attempts there are.
const ATTEMPT: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 100;

/// The operator's limit and what is free of it.
pub(crate) struct Memory {
    free: Arc<Semaphore>,
}

/// Bytes taken; given back when dropped.
pub(crate) struct Held {
    permit: Option<OwnedSemaphorePermit>,
    place: Option<Arc<Place>>,
}

impl Memory {
    /// With the operator's limit in bytes.
    pub fn new(bytes: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Nothing yet, for the connection whose request is answered.
    pub fn hold(&self) -> Held {
        Held {
            permit: None,
            place: PLACE.try_with(Arc::clone).ok(),
        }
    }

    /// Takes `bytes` more.
    ///
    /// # Errors
    /// `capacity` when nobody slower can be dropped and no room comes.
    pub async fn take(&self, held: &mut Held, bytes: usize) -> Result<(), Refusal> {
        let count = u32::try_from(bytes).map_err(|_| crowded())?;
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_many_owned(count) {
            held.add(permit);
            return Ok(());
        }
        let waiting = Short::new(held.place.as_ref());
        for _ in 0..ATTEMPTS {
            if let Some(place) = waiting.0 {
                match place.places().slowest(Place::holds) {
                    Some(slowest) if Arc::ptr_eq(&slowest, place) => return Err(crowded()),
                    Some(slowest) => slowest.leave(),
                    None => {}
                }
            }
            let room = Arc::clone(&self.free).acquire_many_owned(count);
            if let Ok(Ok(permit)) = tokio::time::timeout(ATTEMPT, room).await {
                drop(waiting);
                held.add(permit);
                return Ok(());
            }
        }
        Err(crowded())
    }

    /// Bytes that are free.
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }
}

/// While bytes wait for room, their connection is one of those that may be dropped.
struct Short<'a>(Option<&'a Arc<Place>>);

impl<'a> Short<'a> {
    fn new(place: Option<&'a Arc<Place>>) -> Self {
        if let Some(place) = place {
            place.is_short();
        }
        Self(place)
    }
}

impl Drop for Short<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.our_turn();
        }
    }
}

impl Held {
    fn add(&mut self, permit: OwnedSemaphorePermit) {
        if let Some(place) = &self.place {
            place.hold(permit.num_permits(), 0);
        }
        match &mut self.permit {
            Some(all) => all.merge(permit),
            none => *none = Some(permit),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some(place), Some(permit)) = (&self.place, &self.permit) {
            place.hold(0, permit.num_permits());
        }
    }
}

fn crowded() -> Refusal {
    Refusal::new(
        Problem::Capacity,
        "Too many are sending at this time. Nothing was stored; send it again in a minute.",
    )
}
