//! What the keys about events, messages and launches are called.

use crate::store::launches::LaunchSource;

use super::names::Names;

impl Names {
    /// The keys of all scripts on events, as `event_keys.lua` numbers them.
    pub(super) fn event_keys(&self) -> Vec<String> {
        vec![
            self.events(),
            self.events_arrived(),
            self.event_totals(),
            self.event_codes(),
            self.links(),
            self.work(),
            self.work_claimed(),
            self.forwards(),
            // Sorted set: those to forward that wait for the work on them, by number.
            self.key("forward:unfinished"),
            self.forward(),
            self.forward_later(),
            self.forward_claimed(),
        ]
    }

    /// Hash: an event, by its fingerprint.
    pub(super) fn event(&self, fingerprint: &str) -> String {
        self.key(&format!("event:{fingerprint}"))
    }

    /// Counter: the last event's number.
    pub(super) fn event_count(&self) -> String {
        self.key("events:last")
    }

    /// Sorted set: the fingerprints of all events, by number.
    pub(super) fn events(&self) -> String {
        self.key("events")
    }

    /// Sorted set: the same, by when they arrived.
    pub(super) fn events_arrived(&self) -> String {
        self.key("events:arrived")
    }

    /// Hash: how many there are, by `outcome InfoType`.
    pub(super) fn event_totals(&self) -> String {
        self.key("events:totals")
    }

    /// Sorted set: the events with a code in them, by when it ends.
    pub(super) fn event_codes(&self) -> String {
        self.key("events:codes")
    }

    /// Hash: the latest event of each link, by the fingerprint of its pre-auth code.
    pub(super) fn links(&self) -> String {
        self.key("events:links")
    }

    /// Sorted set: the events with work that nobody claimed, by number.
    pub(super) fn work(&self) -> String {
        self.key("work")
    }

    /// Sorted set: those claimed, by when the claim ends (milliseconds of the server's clock).
    pub(super) fn work_claimed(&self) -> String {
        self.key("work:claimed")
    }

    /// Sorted set: all events on their way to the backend, by when they arrived.
    pub(super) fn forwards(&self) -> String {
        self.key("forward:all")
    }

    /// Sorted set: those to forward now that nobody claimed, by number.
    pub(super) fn forward(&self) -> String {
        self.key("forward")
    }

    /// Sorted set: those to forward later, by when.
    pub(super) fn forward_later(&self) -> String {
        self.key("forward:later")
    }

    /// Sorted set: those claimed, as [`Names::work_claimed`].
    pub(super) fn forward_claimed(&self) -> String {
        self.key("forward:claimed")
    }

    /// Sorted set: the events about an authorizer on their way to the backend, by number.
    pub(super) fn forward_queue(&self, appid: &str) -> String {
        self.key(&format!("forward:of:{appid}"))
    }

    /// Hash: how many messages came, by account and kind.
    pub(super) fn message_counts(&self) -> String {
        self.key("messages:counts")
    }

    /// Hash: when the last of them came.
    pub(super) fn message_times(&self) -> String {
        self.key("messages:times")
    }

    /// Sorted set: the marks of counted messages, by when WeChat made them.
    pub(super) fn message_marks(&self) -> String {
        self.key("messages:marks")
    }

    /// Number: the greatest time of a mark that was dropped.
    pub(super) fn messages_forgotten(&self) -> String {
        self.key("messages:forgotten")
    }

    /// Counter: the last kept message's number.
    pub(super) fn message_count(&self) -> String {
        self.key("messages:last")
    }

    /// Sorted set: kept messages, `number JSON`, by number.
    pub(super) fn messages(&self) -> String {
        self.key("messages")
    }

    /// Text: a launch, by the fingerprint of its pre-auth code, as JSON.
    pub(super) fn launch(&self, fingerprint: &str) -> String {
        self.key(&format!("launch:{fingerprint}"))
    }

    /// Sorted set: the fingerprints of all launches, by when they were made.
    pub(super) fn launches(&self) -> String {
        self.key("launches")
    }

    /// Sorted set: the same, of one source.
    pub(super) fn launches_of(&self, source: LaunchSource) -> String {
        self.key(&format!("launches:of:{source}"))
    }

    /// Hash: the latest launch of each state.
    pub(super) fn launch_states(&self) -> String {
        self.key("launches:states")
    }
}
