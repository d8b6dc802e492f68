//! Scripts that run inside the server.

use redis::Cmd;
use ring::digest;

/// Comes before every script: a key of the wrong type is named.
const CALL: &str = include_str!("call.lua");
/// What stands before and after the key in the error that [`CALL`] raises.
const NAMED: (&str, &str) = ("wrong-type<", ">wrong-type");

/// The key that a script found to be of the wrong type, from what the server said.
pub(super) fn key_of_wrong_type(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once(NAMED.0)?;
    rest.rsplit_once(NAMED.1).map(|(key, _)| key)
}

/// A script in Lua, sent by its hash and whole only to a server that does not know it.
pub struct Script {
    code: String,
    hash: String,
}

impl Script {
    /// Takes a script's text.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let code = format!("{CALL}{code}");
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
        call("EVAL", &self.code, keys, arguments)
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
