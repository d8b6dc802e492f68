//! The verbs: by the whole program against its sandbox, and by `flow` alone against a WeChat that
//! answers what a test tells it to.

mod answers;
mod bench;
mod checking;
mod component_tokens;
mod drift;
mod events;
mod grants;
mod late_events;
mod linking;
mod minting;
mod naming;
mod paging;
mod pipeline;
mod redeeming;
mod refreshing;
mod remedies;
mod slips;
mod story;
mod syncing;
mod tickets;
mod tokens;
mod waiting;
mod wechat;
