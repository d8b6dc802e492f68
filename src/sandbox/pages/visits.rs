//! Pages that are open at this moment.

use std::collections::{HashMap, VecDeque};

use crate::sandbox::merchant::Opened;
use crate::sandbox::state::World;
use crate::sys::random;

/// How many visits are kept; the oldest go first.
const KEPT: usize = 1000;

/// One link that was opened.
pub struct Visit {
    /// What was opened.
    pub opened: Opened,
    /// Whether a computer shows the page and a phone confirms.
    pub on_computer: bool,
    /// Whether a phone has come.
    pub scanned: bool,
    /// Where the browser goes, once the merchant confirmed.
    pub redirect: Option<String>,
}

impl Visit {
    /// Whether the merchant can still confirm.
    pub fn is_open(&self, world: &World) -> bool {
        self.redirect.is_none() && self.opened.check(world).is_ok()
    }
}

/// The visits, each under an id that nobody guesses.
#[derive(Default)]
pub struct Visits {
    by_id: HashMap<String, Visit>,
    order: VecDeque<String>,
}

impl Visits {
    /// Keeps a new visit; its id.
    pub fn begin(&mut self, opened: Opened, on_computer: bool) -> String {
        if self.order.len() >= KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        let id = random::hex(16);
        let visit = Visit {
            opened,
            on_computer,
            scanned: false,
            redirect: None,
        };
        self.by_id.insert(id.clone(), visit);
        self.order.push_back(id.clone());
        id
    }

    /// A visit by its id.
    pub fn get(&mut self, id: &str) -> Option<&mut Visit> {
        self.by_id.get_mut(id)
    }
}
