//! Tickets and codes: giving them out, recognising them, using them up.

use super::credential::{Credential, CredentialKind};
use super::grant::{AuthCode, PreAuthCode};
use super::platform::Platform;
use super::{World, mark};

/// Seconds between two ticket values.
pub const TICKET_STEP: i64 = 1200;
/// Seconds a ticket can be used.
pub const TICKET_SECONDS: i64 = 12 * 3600;
/// Seconds a pre-authorization code can be used.
pub const PRE_AUTH_SECONDS: i64 = 1800;

impl World {
    /// The text of a credential of this sandbox.
    pub fn text(&self, kind: CredentialKind, platform: u8, account: u32, serial: u64) -> String {
        let credential = Credential {
            kind,
            platform,
            account,
            serial,
        };
        credential.text(self.salt)
    }

    /// What a text stands for, if this sandbox gave it out.
    pub fn read(&self, text: &str) -> Option<Credential> {
        let credential = Credential::read(text, self.salt)?;
        (usize::from(credential.platform) < self.platforms.len()).then_some(credential)
    }

    /// The ticket that was pushed last to `platform`.
    pub fn current_ticket(&self, platform: &Platform) -> String {
        let index = self.platform_index(&platform.appid).unwrap_or(0);
        let now = self.now();
        let pushed = platform.tickets_stopped_at.map_or(now, |at| at.min(now));
        let step = u64::try_from(pushed / TICKET_STEP).unwrap_or(0);
        self.text(CredentialKind::Ticket, index, 0, step)
    }

    /// Gives out a pre-authorization code.
    pub fn new_pre_auth_code(&mut self, platform: u8) -> String {
        let now = self.now();
        let serial = self.take_serial();
        let code = PreAuthCode {
            platform,
            ends_at: now + PRE_AUTH_SECONDS,
            used: false,
        };
        mark(&mut self.changes, format!("pre_auth_code/{serial}"), &code);
        self.pre_auth_codes.insert(serial, code);
        self.text(CredentialKind::PreAuthCode, platform, 0, serial)
    }

    /// A pre-authorization code by its number.
    pub fn pre_auth_code(&self, serial: u64) -> Option<&PreAuthCode> {
        self.pre_auth_codes.get(&serial)
    }

    /// The newest pre-authorization code of `platform` that can be used.
    pub fn newest_pre_auth_code(&self, platform: u8) -> Option<u64> {
        let now = self.now();
        (self.pre_auth_codes.iter())
            .filter(|(_, code)| code.platform == platform && !code.used && now < code.ends_at)
            .map(|(serial, _)| *serial)
            .max()
    }

    /// Marks a pre-authorization code as used.
    pub fn use_pre_auth_code(&mut self, serial: u64) {
        if let Some(code) = self.pre_auth_codes.get_mut(&serial) {
            code.used = true;
            mark(&mut self.changes, format!("pre_auth_code/{serial}"), code);
        }
    }

    /// Gives out an authorization code.
    pub fn new_auth_code(&mut self, platform: u8, account: u32) -> String {
        let serial = self.take_serial();
        let code = AuthCode {
            platform,
            account,
            ends_at: self.now() + self.behaviours.auth_code_seconds,
            used: false,
        };
        mark(&mut self.changes, format!("auth_code/{serial}"), &code);
        self.auth_codes.insert(serial, code);
        self.text(CredentialKind::AuthCode, platform, account, serial)
    }

    /// An authorization code by its number.
    pub fn auth_code(&self, serial: u64) -> Option<&AuthCode> {
        self.auth_codes.get(&serial)
    }

    /// Marks an authorization code as exchanged.
    pub fn use_auth_code(&mut self, serial: u64) {
        if let Some(code) = self.auth_codes.get_mut(&serial) {
            code.used = true;
            mark(&mut self.changes, format!("auth_code/{serial}"), code);
            self.pushing.progress.notify_waiters();
        }
    }

    /// Kills every authorization code of an authorization that ended.
    pub fn void_auth_codes(&mut self, platform: u8, account: u32) {
        let serials: Vec<u64> = (self.auth_codes.iter())
            .filter(|(_, code)| code.platform == platform && code.account == account && !code.used)
            .map(|(serial, _)| *serial)
            .collect();
        for serial in serials {
            self.use_auth_code(serial);
        }
    }

    fn take_serial(&mut self) -> u64 {
        self.next_serial += 1;
        self.mark_settings();
        if self.next_serial.is_multiple_of(1024) {
            self.forget_old_codes();
        }
        self.next_serial
    }

    /// Codes a day past their end are forgotten, so that a long run does not grow.
    fn forget_old_codes(&mut self) {
        let now = self.now();
        let old = |ends_at: i64| ends_at + 86_400 < now;
        for (serial, _) in self.pre_auth_codes.extract_if(|_, code| old(code.ends_at)) {
            self.changes.insert(format!("pre_auth_code/{serial}"), None);
        }
        for (serial, _) in self.auth_codes.extract_if(|_, code| old(code.ends_at)) {
            self.changes.insert(format!("auth_code/{serial}"), None);
        }
    }
}
