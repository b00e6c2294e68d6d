//! How calls leave this machine. Calls of different purposes share no connection and no TLS session, and behind a proxy
//! no circuit, so that the service cannot tell from the line that one person makes them (§15.8).

use crate::failure::{CliError, Outcome};
use crate::language::t;
use client::wire::Purpose;
use protocol::Digest;
use std::sync::OnceLock;
use std::time::Duration;
use ureq::{Agent, Proxy, ProxyProtocol};

/// Variable of the environment that stands for `--proxy`.
pub const PROXY_VARIABLE: &str = "RESGUARDO_PROXY";

/// The error of a command that runs what others reach, where a proxy is named.
pub fn takes_no_proxy() -> CliError {
    CliError::usage(t!("this command takes no proxy"))
        .why(t!(
            "a service and a cosigner are reached by others; a demo speaks over loopback only"
        ))
        .remedy(t!("leave out --proxy and unset {}", PROXY_VARIABLE))
}

/// Port of a SOCKS proxy where none is given.
const SOCKS_PORT: u16 = 1080;

/// The network of this process, set once, before the first call.
static NETWORK: OnceLock<Network> = OnceLock::new();

/// By which way services are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    proxy: Option<Socks>,
}

/// A SOCKS5 proxy that resolves names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Socks {
    host: String,
    port: u16,
}

impl Network {
    /// By way of the proxy at `socks5h://host:port`.
    ///
    /// # Errors
    /// Exit 2 for another kind of proxy, or one with a name or password: those are drawn for each purpose.
    pub fn by_proxy(address: &str) -> Outcome<Self> {
        let no_proxy = |why: &str| {
            CliError::usage(t!("`{}` is not a proxy that this program can use", address))
                .why(why.to_owned())
                .remedy(t!("give it as socks5h://host:port, for Tor socks5h://127.0.0.1:9050"))
        };
        let scheme = address.strip_prefix("socks5h://");
        let Some(place) = scheme.map(|place| place.trim_end_matches('/')) else {
            return Err(no_proxy(t!(
                "only socks5h:// is taken: with it no name is resolved on this machine"
            )));
        };
        if place.contains('@') {
            return Err(no_proxy(t!(
                "it has a user's name; names are drawn, one for each purpose"
            )));
        }
        let authority: ureq::http::uri::Authority = place.parse().map_err(|_| no_proxy(t!("it names no host")))?;
        let has_port = authority.as_str().len() > authority.host().len();
        if authority.host().is_empty() || (has_port && authority.port_u16().is_none()) {
            return Err(no_proxy(t!("host or port cannot be read")));
        }
        Ok(Self {
            proxy: Some(Socks {
                host: authority.host().to_owned(),
                port: authority.port_u16().unwrap_or(SOCKS_PORT),
            }),
        })
    }

    /// Makes this the way of every call of this process that is not told another.
    ///
    /// # Errors
    /// A bug when it was set before.
    pub fn set(network: Self) -> Outcome<()> {
        let set = NETWORK.set(network);
        set.map_err(|_| CliError::bug("the way of this process was set twice"))
    }

    /// The way of this process.
    pub fn of_process() -> Self {
        NETWORK.get().cloned().unwrap_or_default()
    }

    /// Whether calls go by way of a proxy.
    pub fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// A line of its own: nothing that goes over it shares a connection, a TLS session or a circuit with another line.
    ///
    /// # Errors
    /// Exit 2 where the proxy's address cannot be used.
    pub fn line(&self) -> Outcome<Agent> {
        let builder = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(if self.has_proxy() { 60 } else { 10 })))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_recv_body(Some(Duration::from_secs(600)))
            .max_idle_connections_per_host(8)
            .user_agent("resguardo");
        let builder = match &self.proxy {
            Some(socks) => builder.proxy(Some(socks.circuit()?)),
            // What other programs obey (ALL_PROXY and its kin) holds here as the library reads it.
            None => builder,
        };
        Ok(builder.build().new_agent())
    }
}

impl Socks {
    /// The proxy under a name that was never used before: Tor gives each name a circuit of its own (IsolateSOCKSAuth).
    fn circuit(&self) -> Outcome<Proxy> {
        let name = Digest(crate::random::bytes()).to_hex();
        Proxy::builder(ProxyProtocol::Socks5h)
            .host(&self.host)
            .port(self.port)
            .username(&name[..32])
            .password(&name[32..])
            .build()
            .map_err(|error| {
                CliError::usage(t!("the proxy {}:{} cannot be used", self.host, self.port))
                    .why(error)
                    .remedy(t!("give it as socks5h://host:port"))
            })
    }
}

/// One line for each purpose, made when it is first needed, closed when the last holder lets go.
#[derive(Default)]
pub(super) struct Lines([OnceLock<Agent>; Purpose::COUNT]);

impl Lines {
    /// The line for a purpose.
    pub fn of(&self, network: &Network, purpose: Purpose) -> Outcome<&Agent> {
        let line = &self.0[purpose as usize];
        if line.get().is_none() {
            let _ = line.set(network.line()?);
        }
        line.get()
            .ok_or_else(|| CliError::bug("a line that was made and is not there"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_that_resolves_names_is_taken() {
        let proxy = |address: &str| Network::by_proxy(address).map(|network| network.proxy.expect("a proxy"));
        let tor = Socks {
            host: "127.0.0.1".to_owned(),
            port: 9050,
        };
        assert_eq!(proxy("socks5h://127.0.0.1:9050").expect("taken"), tor);
        assert_eq!(proxy("socks5h://127.0.0.1:9050/").expect("taken"), tor);
        assert_eq!(proxy("socks5h://[::1]").expect("taken").port, SOCKS_PORT);
        for refused in [
            "socks5://127.0.0.1:9050",
            "http://127.0.0.1:8080",
            "127.0.0.1:9050",
            "socks5h://",
            "socks5h://a b",
            "socks5h://me:secret@127.0.0.1:9050",
            "socks5h://127.0.0.1:none",
            "socks5h://127.0.0.1:99999",
        ] {
            let failure = Network::by_proxy(refused).expect_err(refused);
            assert_eq!(failure.exit(), crate::failure::Exit::Usage, "{refused}");
        }
    }

    #[test]
    fn each_line_has_a_name_of_its_own_at_the_proxy() {
        let network = Network::by_proxy("socks5h://127.0.0.1:9050").expect("taken");
        let names: std::collections::BTreeSet<String> = (0..20)
            .map(|_| {
                let line = network.line().expect("a line");
                let proxy = line.config().proxy().expect("a proxy").clone();
                assert!(!proxy.resolve_target(), "the proxy resolves names");
                assert!(proxy.password().is_some_and(|password| !password.is_empty()));
                proxy.username().expect("a name").to_owned()
            })
            .collect();
        assert_eq!(names.len(), 20);
    }
}
