//! Scripts that run inside the server.

use redis::Cmd;
use ring::digest;

/// A script in Lua, sent by its hash and whole only to a server that does not know it.
pub struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    /// Takes a script's text.
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, code.as_bytes());
        let hash = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
        Self {
            code,
            hash: hash.collect(),
        }
    }

    pub(super) fn by_hash(&self, keys: &[String], arguments: &[Vec<u8>]) -> Cmd {
        call("EVALSHA", &self.hash, keys, arguments)
    }

    pub(super) fn whole(&self, keys: &[String], arguments: &[Vec<u8>]) -> Cmd {
        call("EVAL", self.code, keys, arguments)
    }
}

fn call(name: &str, script: &str, keys: &[String], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len()).arg(keys);
    for argument in arguments {
        command.arg(argument);
    }
    command
}
