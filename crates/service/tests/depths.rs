//! The depth of the buckets (§9.1): what is under way while it changes is lost to nobody.

use crate::support;

use protocol::problem::Problem;
use service::ServiceLimits;
use support::{Act, Answer, Filing, Ways, World, bucket};

const WEEK: u64 = 7 * 86_400;

/// A log whose operator wants depth 1, before the statement is included.
async fn world() -> World {
    let limits = ServiceLimits {
        drop_depth: 1,
        ..ServiceLimits::default()
    };
    World::with(Ways {
        limits,
        ..Ways::default()
    })
    .await
}

async fn stated(world: &World) -> usize {
    let list = world.get("/api/v1/public/index/drop").await.ok();
    serde_json::from_slice::<Vec<String>>(&list.body).unwrap().len()
}

/// An act whose records go there.
fn act(name: &str) -> Act {
    let mut act = Act::new();
    act.form
        .records
        .iter_mut()
        .for_each(|record| record.bucket = bucket(name));
    act
}

async fn filing(world: &World, name: &str) -> Filing {
    let mut filing = Filing::new();
    filing
        .form
        .greetings
        .iter_mut()
        .for_each(|greeting| greeting.bucket = bucket(name));
    filing.work(world).await;
    filing
}

/// Records that are public there; none where nothing ever was.
async fn public(world: &World, name: &str) -> Vec<u8> {
    let mut all = Vec::new();
    for page in 0.. {
        let Answer { status: 200, body, .. } = world.get(&format!("/api/v1/drop/{name}/{page}")).await else {
            break;
        };
        all.extend(body);
    }
    all
}

fn holds(public: &[u8], act: &Act) -> bool {
    let mut files = act.files.values();
    files.all(|file| public.chunks(3_707).any(|record| record == file.as_slice()))
}

#[tokio::test]
async fn while_the_depth_changes_nothing_is_lost() {
    let world = world().await;
    assert_eq!(stated(&world).await, 1);
    let early = act("1/8").post(&world, 1, 0).await;
    assert_eq!(
        (early.status, early.problem()),
        (422, Problem::Bucket),
        "not in force yet"
    );
    // Made before the change, and on their way.
    let (before, filed) = (act("0/-"), filing(&world, "0/-").await);
    world.next_step().await;
    assert_eq!(stated(&world).await, 2);
    let promise = before.post(&world, 1, 0).await.ok().body;
    filed.file(&world).await;
    let (after, ambiguous) = (act("1/8"), act("2/8"));
    after.post(&world, 2, 0).await.ok();
    assert_eq!(
        ambiguous.post(&world, 2, 0).await.problem(),
        Problem::Bucket,
        "written alike, another bucket"
    );
    let members = |name: &str| format!("/api/v1/member/drop/{name}/0");
    let fresh = world.signed_get(3, &members("0/-"), 0).await.ok().body;
    assert!(holds(&fresh, &before) && !holds(&fresh, &after));
    world.publish().await;
    let (whole, half) = (public(&world, "0/-").await, public(&world, "1/8").await);
    assert!(holds(&whole, &before) && holds(&half, &after) && !holds(&half, &before));
    for greeting in &filed.form.greetings {
        let file = &filed.files[&greeting.digest];
        assert!(whole.chunks(3_707).any(|record| record == file.as_slice()));
    }
    assert_eq!(
        public(&world, "1/0").await.len(),
        8 * 3_707,
        "dummies where nothing came"
    );
    // While it is taken the former depth grows every day, so that nobody sees when something came for it.
    world.publish().await;
    assert!(public(&world, "0/-").await.len() >= whole.len() + 8 * 3_707);
    world.pass(WEEK);
    world.next_step().await;
    let late = act("0/-");
    let refused = late.post(&world, 1, 1).await;
    assert_eq!((refused.status, refused.problem()), (422, Problem::Bucket));
    assert_eq!(filing(&world, "0/-").await.problem(&world).await, Problem::Bucket);
    let mut again = late.clone();
    again
        .form
        .records
        .iter_mut()
        .for_each(|record| record.bucket = bucket("1/0"));
    again.post(&world, 1, 2).await.ok();
    assert_eq!(
        before.post(&world, 1, 3).await.ok().body,
        promise,
        "what was taken is answered as before"
    );
    let quiet = public(&world, "0/-").await.len();
    world.publish().await;
    assert_eq!(public(&world, "0/-").await.len(), quiet, "nothing comes there any more");
}

#[tokio::test]
async fn the_service_states_the_operators_depth_once() {
    let mut world = world().await;
    for _ in 0..3 {
        world.next_step().await;
    }
    assert_eq!(stated(&world).await, 2);
    world.restart().await;
    for _ in 0..3 {
        world.next_step().await;
    }
    assert_eq!(stated(&world).await, 2);
    let restarted = World::new().await;
    restarted.next_step().await;
    assert_eq!(stated(&restarted).await, 1, "nobody asked for it");
}
