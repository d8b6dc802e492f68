//! The Redis that a file names: where the SDK may keep its tickets and tokens.

use std::collections::BTreeMap;

use super::leaf::Leaf;
use super::placeholder::Resolver;
use super::{Lookup, Sheet};

/// A Redis that a file names. Its password is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisPlace {
    /// Host name or address.
    pub host: String,
    /// 6379 unless the file says otherwise.
    pub port: Option<u16>,
    /// The number of the database, where the file says it.
    pub database: Option<u16>,
    /// Whether it is reached by TLS.
    pub tls: bool,
    /// Whether it wants a password.
    pub password: bool,
}

impl RedisPlace {
    /// Its address, without user name and password.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        let port = self.port.unwrap_or(6379);
        let database = self.database.map(|number| format!("/{number}"));
        format!(
            "{scheme}://{}:{port}{}",
            self.host,
            database.unwrap_or_default()
        )
    }

    /// Takes `host`, `host:port` or `redis://user:password@host:port/database`.
    fn locate(&mut self, text: &str) {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        self.tls |= matches!(scheme, "rediss" | "tls");
        let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        self.password |= !user.is_empty();
        let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = place.split_once(':').unwrap_or((place, ""));
        let is_host = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        if !host.is_empty() && host.chars().all(is_host) {
            host.clone_into(&mut self.host);
            self.port = port.parse().ok().or(self.port);
            self.database = database.parse().ok().or(self.database);
        }
    }

    /// Takes what one name says of it.
    fn note(&mut self, end: &str, text: &str) {
        match end {
            "host" | "hostname" | "addr" | "address" | "server" | "url" | "uri" | "0" => {
                self.locate(text);
            }
            "port" => self.port = text.parse().ok().or(self.port),
            "db" | "database" => self.database = text.parse().ok().or(self.database),
            "password" | "auth" | "pwd" => self.password = true,
            "ssl" | "tls" | "enabled" => self.tls |= text == "true",
            // StackExchange.Redis: `host:port,password=…,defaultDatabase=0`.
            "configuration" | "connection" => {
                let mut parts = text.split(',').map(str::trim);
                self.locate(parts.next().unwrap_or_default());
                for part in parts {
                    let (name, value) = part.split_once('=').unwrap_or((part, ""));
                    match name.to_ascii_lowercase().as_str() {
                        "password" => self.password = true,
                        "defaultdatabase" => self.database = value.parse().ok().or(self.database),
                        "ssl" => self.tls |= value.eq_ignore_ascii_case("true"),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

impl Sheet {
    /// The Redis that the file names, or the `.env` beside it; nothing when it says that the SDK
    /// keeps its tokens elsewhere.
    #[must_use]
    pub fn redis(&self, lookup: Lookup<'_>) -> Option<RedisPlace> {
        let places = self.places(lookup)?;
        // The SDK's own before the one of the whole program.
        let own = places
            .iter()
            .find(|(whose, _)| whose.contains("storage") || whose.contains("wechat"));
        let place = own.or_else(|| places.iter().next());
        let place = place.map(|(_, place)| place.clone());
        let alone = Lookup {
            beside: None,
            ..lookup
        };
        place.or_else(|| lookup.beside.and_then(|sheet| sheet.redis(alone)))
    }

    /// Every Redis of the file, by the words before its settings; `None` when tokens are elsewhere.
    fn places(&self, lookup: Lookup<'_>) -> Option<BTreeMap<String, RedisPlace>> {
        let leaves: Vec<&Leaf> = self.leaves.iter().collect();
        let resolver = Resolver::new(self.form(), &leaves, lookup);
        let mut places: BTreeMap<String, RedisPlace> = BTreeMap::new();
        let mut of_the_cache = None;
        for leaf in &leaves {
            let value = resolver.value(leaf);
            let Some(text) = value.plain() else { continue };
            let words: Vec<&str> = leaf.words.iter().map(String::as_str).collect();
            if words.ends_with(&["config", "storage", "type"])
                || matches!(words.as_slice(), ["cache", "driver" | "store"])
            {
                let lower = text.to_ascii_lowercase();
                // Jedis, Redisson and RedisTemplate are clients of Redis.
                if !lower.contains("redis") && lower != "jedis" {
                    return None;
                }
            }
            let Some(at) = words.iter().position(|word| *word == "redis") else {
                continue;
            };
            match words.as_slice() {
                // Laravel's cache has a database of its own.
                ["redis", "cache", "db"] => of_the_cache = text.parse().ok(),
                [_, .., end] => {
                    let whose = words[..=at].join(".");
                    places.entry(whose).or_default().note(end, text);
                }
                _ => {}
            }
        }
        places.retain(|_, place| !place.host.is_empty());
        if let Some(place) = places.get_mut("redis") {
            place.database = of_the_cache.or(place.database);
        }
        Some(places)
    }
}
