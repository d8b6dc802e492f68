//! Where a Redis is, as an address says it.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// A password of a Redis. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a text as password.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    #[cfg(feature = "redis")]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// One server that may be asked first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Host and port.
    Tcp(String, u16),
    /// A unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(formatter, "{host}:{port}"),
            Self::Unix(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// What the nodes of an address are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// The server itself.
    Single,
    /// Sentinels that know the master of this name.
    Sentinel {
        /// The master's name.
        master: String,
    },
    /// Nodes of a cluster.
    Cluster,
}

/// How TLS is spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A PEM file of the only authorities to trust; without one those of the machine.
    pub ca_file: Option<PathBuf>,
    /// PEM files of the client's own certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Where a Redis is and how to speak with it. It is shown without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who to ask first, at least one.
    pub nodes: Vec<Node>,
    /// What they are.
    pub topology: Topology,
    /// TLS, where it is spoken.
    pub tls: Option<Tls>,
    /// The user of an ACL.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Password>,
    /// Whether sentinels ask for the same user and password.
    pub sentinel_auth: bool,
    /// The number of the database.
    pub database: u16,
}

/// Why a text is no address of a Redis; it never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct AddressError {
    /// What is wrong, as the rest of a sentence about the value.
    pub reason: &'static str,
}

/// How an address is written.
pub const EXPECTED: &str = "`redis://[USER@]HOST[:PORT][/DATABASE]`, `rediss://…`, `redis+unix:///PATH`, \
     with `?sentinel=NAME` or `?cluster` behind hosts with commas between";

impl Address {
    /// Reads `redis://`, `rediss://` (TLS) and `redis+unix://` addresses.
    ///
    /// `[user[:password]@]host[:port][,host…][/database]`, percent-encoded; then `?sentinel=NAME`
    /// (the hosts are sentinels; `&sentinel_auth` when they ask for the same password), `?cluster`,
    /// `?ca=FILE`, `?cert=FILE&key=FILE`, and `?db=N` behind the path of a unix socket.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text
            .trim()
            .split_once("://")
            .ok_or_else(|| wrong("has no `://`"))?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, query),
            None => (rest, ""),
        };
        let tls = match scheme {
            "redis" => None,
            "rediss" => Some(Tls::default()),
            "redis+unix" | "unix" => return Self::unix(rest, query),
            _ => return Err(wrong("is of an unknown scheme")),
        };
        let (before, after) = match rest.rsplit_once('@') {
            Some((before, after)) => (Some(before), after),
            None => (None, rest),
        };
        let (user, password) = before.map_or(Ok((None, None)), credentials)?;
        let (hosts, path) = after.split_once('/').unwrap_or((after, ""));
        let mut address = Self {
            nodes: Vec::new(),
            topology: Topology::Single,
            tls,
            user,
            password,
            sentinel_auth: false,
            database: match path {
                "" => 0,
                number => database(number)?,
            },
        };
        address.take_query(query)?;
        let port = match address.topology {
            Topology::Sentinel { .. } => SENTINEL_PORT,
            _ => PORT,
        };
        for host in hosts.split(',') {
            address.nodes.push(node(host, port)?);
        }
        if address.nodes.len() > 1 && address.topology == Topology::Single {
            return Err(wrong(
                "names several hosts without `?sentinel=NAME` or `?cluster`",
            ));
        }
        if address.topology == Topology::Cluster && address.database != 0 {
            return Err(wrong("names a database of a cluster, which has none but 0"));
        }
        Ok(address)
    }

    fn unix(path: &str, query: &str) -> Result<Self, AddressError> {
        let (user, password, path) = match path.rsplit_once('@') {
            Some((before, path)) => {
                let (user, password) = credentials(before)?;
                (user, password, path)
            }
            None => (None, None, path),
        };
        if !path.starts_with('/') {
            return Err(wrong("names no absolute path of a socket"));
        }
        let mut address = Self {
            nodes: vec![Node::Unix(PathBuf::from(decoded(path)?))],
            topology: Topology::Single,
            tls: None,
            user,
            password,
            sentinel_auth: false,
            database: 0,
        };
        address.take_query(query)?;
        if address.topology != Topology::Single {
            return Err(wrong("names a socket where several hosts are needed"));
        }
        Ok(address)
    }

    fn take_query(&mut self, query: &str) -> Result<(), AddressError> {
        let (mut certificate, mut key) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match name {
                "sentinel" if !value.is_empty() => {
                    self.topology = Topology::Sentinel { master: value };
                }
                "sentinel_auth" => self.sentinel_auth = true,
                "cluster" => self.topology = Topology::Cluster,
                "db" => self.database = database(&value)?,
                "ca" => self.tls_parts()?.ca_file = Some(PathBuf::from(value)),
                "cert" => certificate = Some(PathBuf::from(value)),
                "key" => key = Some(PathBuf::from(value)),
                _ => return Err(wrong("has a parameter that is not known")),
            }
        }
        match (certificate, key) {
            (Some(certificate), Some(key)) => self.tls_parts()?.client = Some((certificate, key)),
            (None, None) => {}
            _ => return Err(wrong("names a certificate or a key, but not both")),
        }
        Ok(())
    }

    fn tls_parts(&mut self) -> Result<&mut Tls, AddressError> {
        let missing = wrong("names certificates without `rediss://`");
        self.tls.as_mut().ok_or(missing)
    }

    /// Whether every node is this machine's own.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.nodes.iter().all(|node| match node {
            Node::Unix(_) => true,
            Node::Tcp(host, _) => {
                host.eq_ignore_ascii_case("localhost")
                    || host
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
        })
    }
}

/// All of it but the password, as [`Address::parse`] reads it.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let socket = matches!(self.nodes[..], [Node::Unix(_)]);
        formatter.write_str(match (&self.tls, socket) {
            (_, true) => "redis+unix://",
            (Some(_), false) => "rediss://",
            (None, false) => "redis://",
        })?;
        if let Some(user) = &self.user {
            write!(formatter, "{}@", encoded(user))?;
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let between = if number == 0 { "" } else { "," };
            write!(formatter, "{between}{}", encoded(&node.to_string()))?;
        }
        if self.database != 0 && !socket {
            write!(formatter, "/{}", self.database)?;
        }
        let mut query = Vec::new();
        match &self.topology {
            Topology::Single => {}
            Topology::Sentinel { master } => query.push(format!("sentinel={}", encoded(master))),
            Topology::Cluster => query.push("cluster".to_owned()),
        }
        if self.sentinel_auth {
            query.push("sentinel_auth".to_owned());
        }
        if self.database != 0 && socket {
            query.push(format!("db={}", self.database));
        }
        if let Some(tls) = &self.tls {
            let file = |path: &PathBuf| encoded(&path.display().to_string());
            query.extend(tls.ca_file.iter().map(|path| format!("ca={}", file(path))));
            if let Some((certificate, key)) = &tls.client {
                query.push(format!("cert={}", file(certificate)));
                query.push(format!("key={}", file(key)));
            }
        }
        match query[..] {
            [] => Ok(()),
            _ => write!(formatter, "?{}", query.join("&")),
        }
    }
}

/// Percent-encoded as far as an address needs it.
fn encoded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '%' | '@' | '?' | '#' | '&' | ' ' | ',' => {
                all.push_str(&format!("%{:02X}", u32::from(letter)));
            }
            letter => all.push(letter),
        }
    }
    all
}

fn wrong(reason: &'static str) -> AddressError {
    AddressError { reason }
}

type Credentials = (Option<String>, Option<Password>);

fn credentials(text: &str) -> Result<Credentials, AddressError> {
    let (user, password) = match text.split_once(':') {
        Some((user, password)) => (user, Some(Password::new(decoded(password)?))),
        None => (text, None),
    };
    let user = Some(decoded(user)?).filter(|user| !user.is_empty());
    Ok((user, password))
}

fn node(text: &str, port: u16) -> Result<Node, AddressError> {
    let text = text.trim();
    let (host, after) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, after)) => (host, after.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err(wrong("names no host"));
    }
    let port = match after {
        None => port,
        Some(number) => number
            .parse()
            .map_err(|_| wrong("has a port that is no number up to 65535"))?,
    };
    Ok(Node::Tcp(host.to_owned(), port))
}

fn database(text: &str) -> Result<u16, AddressError> {
    text.parse()
        .map_err(|_| wrong("has a database that is no number"))
}

/// Percent-decoded.
fn decoded(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()]
            .map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else {
            return Err(wrong("has a `%` that is not followed by two digits"));
        };
        bytes.extend(u8::try_from(high * 16 + low));
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))
}
