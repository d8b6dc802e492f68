//! wxauth: operate a WeChat third-party platform (第三方平台).
//!
//! # The rooms
//!
//! | room | what lives there |
//! |---|---|
//! | [`wechat`] | the protocol, pure: ids, secrets, wire shapes, links, the error table |
//! | [`sys`] | the outside world: clock, files, environment, HTTP client, randomness, signals |
//! | `lang` | the two languages people are answered in |
//! | `api` | WeChat's calls: one transport, retry, errors without secrets |
//! | `store` | durable state: tickets, tokens, leases, merchants, the journal |
//! | `flow` | what an operator means by a verb; the only room with policy |
//! | `console` | what a person or a pipe sees: tables, JSON, QR codes, progress, prompts |
//! | `config` | settings resolved once, each value with its origin |
//! | `cli` | clap and wiring |
//! | `serve` | the receiver of pushes, the pages a merchant meets, health, metrics, the refresher |
//! | `sandbox` | a local emulator of WeChat and of the merchant, sharing no wire code with the client |
//!
//! # The arrows
//!
//! `wechat`, `sys`, `lang` ← nothing; `api`, `store` ← `wechat`, `sys`; `flow` ← those and `api`,
//! `store`; `serve` ← those and `flow`; `sandbox` ← `wechat::{crypto, id}`, `sys`, `lang`, the data
//! files; `console` ← `sys`, `lang`; `config` ← `sys`, `wechat::{id, secret}`; `cli` ← all. A test
//! over the sources holds them.
//!
//! # One command, from `main` to exit
//!
//! `main` → `cli::main` → the environment's snapshot and clap → `cli::Context` → `cli::commands` →
//! the command asks the context for a `flow::Platform` (settings are resolved and the store is
//! opened now, not before) → the flow's verb → records → `console` → an exit code, or one
//! `CliError`, rendered once and mapped to its exit code once.
//!
//! # Where to add what
//!
//! A call of WeChat: `wechat::wire` and `api`. Something an operator wants done: `flow`, then a file
//! under `cli/commands`. What operators should know of a trouble, its causes and cures:
//! `cli::knowledge`. Something the server answers: `serve`. A rule of WeChat: `sandbox`, with a
//! story in `tests/suite/sandbox`.
//!
//! # Features
//!
//! `client` (api, store, flow), `cli` (the program; brings `client`), `jq` (its `--jq`; brings `cli`),
//! `serve` (brings `client`), `sandbox` (builds without the client). `crash-points` is for tests only.

#[cfg(feature = "client")]
pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod config;
#[cfg(feature = "cli")]
pub mod console;
#[cfg(feature = "client")]
pub mod flow;
pub mod lang;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(feature = "client")]
pub mod store;
pub mod sys;
pub mod wechat;
