//! The log as a stranger reads it, and forms as a client posts them.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use deployment::{Deployment, Prepared};
use protocol::statement::Council;
use protocol::{Digest, Envelope};
use tlog::policy::Policy;
use tlog::verify::Follower;

/// Reads the log from its beginning; a fork or a smaller tree is a failure.
pub struct Reader {
    policy: Policy,
    origin: String,
    follower: Follower,
    /// All entries so far.
    pub entries: Vec<Vec<u8>>,
}

impl Reader {
    /// Of a deployment's log, as its council says it is to be trusted.
    pub fn new(deployment: &Deployment) -> Self {
        let list = deployment.get("/api/v1/public/index/council").expect("a council");
        let list: Vec<Digest> = serde_json::from_slice(&list).expect("digests");
        let envelope = deployment.get(&format!("/api/v1/public/{}", list[0])).expect("stored");
        let envelope = Envelope::parse(&envelope).expect("an envelope");
        let council: Council = envelope.unverified().expect("a council");
        Self {
            policy: Policy::parse(&council.policy).expect("a policy"),
            origin: council.origin.to_string(),
            follower: Follower::new(),
            entries: Vec::new(),
        }
    }

    /// Reads on to the newest checkpoint; gives the number of entries.
    pub fn read(&mut self, deployment: &Deployment) -> usize {
        let note = tlog::Note::parse(&deployment.get("/log/checkpoint").expect("a checkpoint")).expect("a note");
        let trusted = self.policy.check(&note, &self.origin).expect("a trusted checkpoint");
        let fetch = |tile: &tlog::tile::TileName| deployment.get(&format!("/log/{}", tile.path()));
        self.entries
            .extend(self.follower.advance(&trusted, fetch).expect("one history"));
        self.entries.len()
    }
}

/// Posts a filing; status and body of the answer, nothing when none came.
pub fn post(deployment_url: &str, filing: &Prepared) -> Option<(u16, Vec<u8>)> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let request = agent
        .post(format!("{deployment_url}/api/v1/filings"))
        .header("Content-Type", &filing.content_type);
    let mut response = request.send(&filing.body[..]).ok()?;
    let body = response.body_mut().read_to_vec().ok()?;
    Some((response.status().as_u16(), body))
}

/// The same form gets the same promise, and each of its files is there, whole.
pub fn check_promise(deployment: &Deployment, filing: &Prepared, promise: &[u8]) {
    let again = post(&deployment.base_url, filing);
    assert_eq!(again, Some((200, promise.to_vec())), "the same form, the same promise");
    for digest in &filing.blobs {
        let blob = deployment
            .get(&format!("/api/v1/blobs/{digest}"))
            .expect("a promised blob");
        assert_eq!(Digest::of(&blob), *digest);
    }
}
