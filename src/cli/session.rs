//! The sandbox behind `--sandbox`: the one running in the configuration folder, else one hosted in
//! this process for as long as the command runs. Either way it is reached over real HTTP.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::config::{PermissionSets, SandboxPlatform};
use crate::console::Console;
use crate::lang::{Text, text};
use crate::sandbox::home::{Claim, Found, Home, Joined};
use crate::sandbox::{Sandbox, SandboxError, SandboxOptions, serve};
use crate::sys::http::{self, HttpOptions};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{ComponentAppid, PermissionSetId, UserName};
use crate::wechat::permission;
use crate::wechat::secret::Secret;

use super::error::CliError;
use super::exit::Kind;

/// Where `sandbox start` listens unless told otherwise; links of a sandbox hosted for one command
/// point there too, so that they work once it is started.
pub const DEFAULT_PORT: u16 = 8787;

/// How long others may go on using a sandbox hosted here before that is worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// A sandbox that can be reached.
pub struct Session {
    url: Url,
    card: Card,
    place: Place,
}

enum Place {
    Joined(#[allow(dead_code, reason = "held: its lock keeps the host alive")] Joined),
    Hosted {
        claim: Claim,
        stop: oneshot::Sender<()>,
        server: JoinHandle<std::io::Result<()>>,
    },
    Elsewhere,
}

/// What the sandbox says of itself and of its first platform.
#[derive(Clone, Debug, Deserialize)]
struct Card {
    nonce: String,
    component_appid: ComponentAppid,
    component_appsecret: Secret,
    token: Secret,
    encoding_aes_key: Secret,
    #[serde(default)]
    previous_encoding_aes_key: Option<Secret>,
    component_verify_ticket: Secret,
    redirect_uri: String,
    launch_domain: String,
    released: bool,
    test_list: Vec<UserName>,
    permission_ids: Vec<PermissionSetId>,
    clock_offset: i64,
}

impl Session {
    /// The sandbox of `folder`.
    ///
    /// # Errors
    /// When the folder cannot be used, or what runs there does not answer.
    pub async fn find_or_host(folder: &Path) -> Result<Self, CliError> {
        let home = Home::new(folder.to_owned());
        // Waits, blocking, while another process is about to host or to leave.
        let found = tokio::task::spawn_blocking(move || home.join_or_claim()).await;
        let broken = |error: tokio::task::JoinError| {
            CliError::new(
                Kind::Internal,
                text!("cannot look for the sandbox", "无法查找沙箱"),
            )
            .cause(Text::same(error.to_string()))
        };
        match found.map_err(broken)?? {
            Found::Running(joined) => {
                let url = parse(&joined.url)?;
                let card = ask(&url).await?;
                if card.nonce != joined.nonce {
                    return Err(CliError::new(
                        Kind::Unreachable,
                        text!(
                            "something else than this folder's sandbox answers at {url}",
                            "{url} 处响应的不是该文件夹的沙箱"
                        ),
                    )
                    .hint(text!(
                        "start the sandbox anew: `wxauth sandbox start`",
                        "重新启动沙箱：`wxauth sandbox start`"
                    )));
                }
                Ok(Self {
                    url,
                    card,
                    place: Place::Joined(joined),
                })
            }
            Found::Free(claim) => Self::host(folder, claim).await,
        }
    }

    /// The sandbox that listens at `url`, whoever started it.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn at(url: &str) -> Result<Self, CliError> {
        let url = parse(url)?;
        let card = ask(&url).await?;
        Ok(Self {
            url,
            card,
            place: Place::Elsewhere,
        })
    }

    async fn host(folder: &Path, mut claim: Claim) -> Result<Self, CliError> {
        let sandbox = Sandbox::open(SandboxOptions {
            folder: Some(folder.to_owned()),
            brief: true,
            ..SandboxOptions::default()
        })?;
        let failed = |error: std::io::Error| {
            CliError::new(
                Kind::Internal,
                text!("cannot host the sandbox", "无法在本进程中运行沙箱"),
            )
            .cause(Text::same(error.to_string()))
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let url = format!("http://{address}");
        let card = serde_json::to_value(sandbox.card(&url)).and_then(serde_json::from_value);
        let card: Card = card.map_err(|error| {
            CliError::new(
                Kind::Internal,
                text!("the sandbox describes itself wrongly", "沙箱的自述信息有误"),
            )
            .cause(Text::same(error.to_string()))
        })?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, sandbox, async {
            let _ = stopped.await;
        }));
        claim.announce(&url, &card.nonce)?;
        Ok(Self {
            url: parse(&url)?,
            card,
            place: Place::Hosted {
                claim,
                stop,
                server,
            },
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How far its clock is ahead of this machine's, in seconds.
    #[must_use]
    pub fn clock_offset(&self) -> i64 {
        self.card.clock_offset
    }

    /// The newest ticket of its first platform.
    #[must_use]
    pub fn ticket(&self) -> Secret {
        self.card.component_verify_ticket.clone()
    }

    /// The base of links: where the sandbox is when a person opens them.
    #[must_use]
    pub fn link_base(&self) -> Url {
        let mut base = self.url.clone();
        if self.is_brief() {
            let _ = base.set_port(Some(DEFAULT_PORT));
        }
        base
    }

    /// Whether it ends with this command.
    #[must_use]
    pub fn is_brief(&self) -> bool {
        matches!(self.place, Place::Hosted { .. })
    }

    /// Whether it was named by its address and is not the configuration folder's.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.place, Place::Elsewhere)
    }

    /// Its first platform, as settings want it.
    ///
    /// # Errors
    /// Never today; ids of the sandbox are checked like any other.
    pub fn platform(&self) -> Result<SandboxPlatform, CliError> {
        let card = self.card.clone();
        Ok(SandboxPlatform {
            component_appid: card.component_appid,
            appsecret: card.component_appsecret,
            token: card.token,
            encoding_aes_key: card.encoding_aes_key,
            encoding_aes_key_previous: card.previous_encoding_aes_key,
            redirect_uri: card.redirect_uri,
            launch_domain: card.launch_domain,
            released: card.released,
            test_list: card.test_list,
            configured_permissions: offered(&card.permission_ids),
            api_base: self.url.clone(),
        })
    }

    /// Ends a sandbox hosted here, once nobody uses it any more.
    pub async fn close(self, console: &Console) {
        let Place::Hosted {
            mut claim,
            stop,
            server,
        } = self.place
        else {
            return;
        };
        // A command in the same pipeline may have joined and wait for the end of our answer, while
        // we wait for it to leave.
        console.end_answer();
        // Blocks until the last command that joined has left.
        let left = tokio::task::spawn_blocking(move || {
            let withdrawn = claim.withdraw();
            let _ = stop.send(());
            // Only now may another process host: the state is written.
            (withdrawn, claim)
        });
        tokio::pin!(left);
        let left = match tokio::time::timeout(PATIENCE, &mut left).await {
            Ok(left) => left,
            Err(_) => {
                console.note(text!(
                    "another command uses the sandbox hosted here; waiting for it to end",
                    "另一条命令正在使用此处运行的沙箱，等待其结束"
                ));
                left.await
            }
        };
        let _ = server.await;
        drop(left);
    }
}

/// The sets of a platform by the kinds of account that can grant them, as a profile has them.
fn offered(ids: &[PermissionSetId]) -> PermissionSets {
    let mut sets = PermissionSets::default();
    for kind in AccountKind::ALL {
        let fits = |id: &&PermissionSetId| permission::get(**id).is_some_and(|set| set.fits(kind));
        if kind != AccountKind::Unknown {
            sets.set(kind.as_str(), ids.iter().filter(fits).copied().collect());
        }
    }
    sets
}

fn parse(url: &str) -> Result<Url, CliError> {
    Url::parse(url).map_err(|error| {
        CliError::usage(text!(
            "`{url}` is no address of a sandbox: {error}",
            "`{url}` 不是沙箱的地址：{error}"
        ))
        .hint(text!(
            "write it as http://127.0.0.1:8787",
            "应写成 http://127.0.0.1:8787"
        ))
    })
}

/// A client for the sandbox's control interface. It is patient: a release check against a platform
/// that never answers takes most of a minute.
///
/// # Errors
/// When no client can be built.
pub fn client(url: &Url) -> Result<reqwest::Client, CliError> {
    let options = HttpOptions {
        timeout: Duration::from_secs(120),
        ..HttpOptions::default()
    };
    Ok(http::client(url, &options)?)
}

async fn ask(url: &Url) -> Result<Card, CliError> {
    let silent = |error: reqwest::Error| {
        CliError::new(
            Kind::Unreachable,
            text!("no sandbox answers at {url}", "{url} 处没有沙箱响应"),
        )
        .cause(Text::same(http::innermost(error)))
        .hint(text!(
            "start one: `wxauth sandbox start`",
            "启动沙箱：`wxauth sandbox start`"
        ))
    };
    let status = url
        .join("/__sandbox/status")
        .map_err(|error| CliError::usage(Text::same(error.to_string())))?;
    let body = client(url)?
        .get(status)
        .send()
        .await
        .map_err(silent)?
        .bytes()
        .await
        .map_err(silent)?;
    serde_json::from_slice(&body).map_err(|error| {
        CliError::new(
            Kind::Unreachable,
            text!(
                "what answers at {url} is no sandbox",
                "{url} 处响应的不是沙箱"
            ),
        )
        .cause(Text::same(error.to_string()))
        .hint(text!(
            "start one: `wxauth sandbox start`",
            "启动沙箱：`wxauth sandbox start`"
        ))
    })
}

/// How far the clock of the sandbox at `url` is ahead of this machine's, in seconds.
///
/// # Errors
/// When it does not answer.
pub async fn clock_offset(url: &Url) -> Result<i64, CliError> {
    Ok(ask(url).await?.clock_offset)
}

impl From<SandboxError> for CliError {
    fn from(error: SandboxError) -> Self {
        let message = Text::new(error.to_string(), chinese(&error));
        match error {
            SandboxError::File { .. } => Self::new(Kind::Store, message).hint(text!(
                "see that the folder exists and is yours, or name another: `--config-dir DIR`",
                "检查文件夹存在且归你所有，或指定其他文件夹：`--config-dir DIR`"
            )),
            SandboxError::State { .. } | SandboxError::Damaged { .. } => {
                Self::new(Kind::Store, message).hint(text!(
                    "move that file away: the sandbox starts anew",
                    "移走该文件：沙箱将重新开始"
                ))
            }
            SandboxError::Silent { .. } => Self::new(Kind::Store, message).hint(text!(
                "end the process that holds it, and run the command again",
                "结束占用它的进程，再重新运行该命令"
            )),
        }
    }
}

fn chinese(error: &SandboxError) -> String {
    match error {
        SandboxError::File { path, source } => format!("无法使用 {}：{source}", path.display()),
        SandboxError::State { path, source } => {
            format!("无法使用沙箱状态 {}：{source}", path.display())
        }
        SandboxError::Damaged { path, key, source } => {
            format!("沙箱状态 {} 的 {key} 已损坏：{source}", path.display())
        }
        SandboxError::Silent { folder } => {
            format!("{} 下的沙箱已被占用，但未说明监听地址", folder.display())
        }
    }
}
