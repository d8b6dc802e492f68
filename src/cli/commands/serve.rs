//! `serve`: the receiver of pushes, the pages a merchant meets, health, metrics, refresher.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpListener;
use url::Url;

use crate::api::Observer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::Mint;
use crate::console::Console;
use crate::flow::{CodeExchange, LinkOptions, StateSigner};
use crate::lang::{Text, text};
use crate::serve::{AlertOptions, Branding, Hosted, Metrics, RefreshPlan, ServeOptions, serve};
use crate::store::tokens::TokenOwner;
use crate::sys::http::is_loopback;
use crate::sys::{host, signals};
use crate::wechat::id::ComponentAppid;
use crate::wechat::link::{AuthType, LinkHosts, LinkKind};

mod alert;
mod args;
mod branding;
mod listen;
mod log;
#[cfg(feature = "sandbox")]
mod sandbox;

pub use args::ServeArgs;
use listen::{bind, url_of};

/// How long what WeChat is answering may still take when the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(20);

/// The first line of `-o json`: the server takes requests.
#[derive(Serialize)]
struct Listening {
    url: String,
    admin_url: Option<String>,
    platforms: Vec<Routes>,
}

#[derive(Serialize)]
struct Routes {
    component_appid: String,
    events_url: String,
    messages_url: String,
    authorize_url: String,
    callback_url: String,
    exchanges: bool,
}

pub(super) async fn run(context: &Context, args: ServeArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    args.check(context.globals())?;
    // Whatever may be wrong is told before the sandbox or a port is touched.
    let (refresh, branding) = (args.refresh_plan()?, branding::load(&args)?);
    let alerts = alert::options(context, &args)?;
    let metrics = Arc::new(Metrics::default());
    host::raise_open_files_limit();
    let listener = bind(&args.bind, "--bind 127.0.0.1:0").await?;
    let url = url_of(&listener, &args.bind)?;
    let admin = match args.admin_bind.as_str() {
        "none" => None,
        address => Some(bind(address, "--admin-bind 127.0.0.1:0").await?),
    };
    let admin_url = admin
        .as_ref()
        .map(|admin| url_of(admin, &args.admin_bind))
        .transpose()?;

    let mut stop = std::pin::pin!(signals::stop_requested());
    // The signals are watched before the sandbox is changed and anybody learns of the server: a stop
    // right then puts everything back as well.
    let stopped = tokio::select! {
        biased;
        _ = stop.as_mut() => true,
        () = std::future::ready(()) => false,
    };
    let contexts = contexts(context, &args, &metrics);
    let server = Server {
        console,
        args,
        refresh,
        branding,
        alerts,
        metrics,
        listener,
        admin,
        url,
        admin_url,
    };
    #[cfg(feature = "sandbox")]
    let before = match contexts.first() {
        Some(first) if first.globals().sandbox => {
            Some(sandbox::point_at(first, &server.url).await?)
        }
        _ => None,
    };
    let shutdown = async {
        if !stopped {
            stop.await;
        }
    };
    #[cfg(feature = "sandbox")]
    let url = server.url.clone();
    let served = server.run(&contexts, shutdown).await;
    #[cfg(feature = "sandbox")]
    if let Some(before) = &before {
        sandbox::let_go(&contexts[0], before, &url).await;
    }
    for context in contexts {
        let settled = async {
            context.settled().await;
            context.close().await;
        };
        // A further signal, or work that does not end, must not keep the process.
        let _ = tokio::time::timeout(FAREWELL, settled).await;
    }
    served?;
    Ok(Exit::Done)
}

/// What is in hand before a platform is opened.
struct Server {
    console: Console,
    args: ServeArgs,
    refresh: RefreshPlan,
    branding: Branding,
    alerts: Option<AlertOptions>,
    metrics: Arc<Metrics>,
    listener: TcpListener,
    admin: Option<TcpListener>,
    url: String,
    admin_url: Option<String>,
}

impl Server {
    /// Opens the platforms, says where they are served, and serves them.
    async fn run(
        self,
        contexts: &[Context],
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), CliError> {
        let mut platforms = Vec::new();
        for context in contexts {
            platforms.push(hosted(context, &self.args, &self.url).await?);
        }
        let answer = Listening {
            platforms: routes(&platforms, &self.url),
            url: self.url,
            admin_url: self.admin_url,
        };
        let options = ServeOptions {
            platforms,
            release_check: self.args.release_check,
            keep_bodies: self.args.keep_bodies,
            forward: self.args.forward(),
            branding: self.branding,
            launches: self.args.launches(),
            behind_proxy: self.args.behind_proxy,
            refresh: self.refresh,
            alerts: self.alerts,
            ca_file: contexts_ca_file(contexts).await?,
            metrics: self.metrics,
            log: log::logger(&self.console, self.args.log),
        };
        announce(&self.console, &answer, &options)?;
        #[cfg(feature = "sandbox")]
        if let Some(first) = contexts.first()
            && first.globals().sandbox
        {
            // The listener takes connections from here on; they are answered in a moment.
            sandbox::begin_pushes(first, &answer.url).await?;
        }
        serve(self.listener, self.admin, options, shutdown)
            .await
            .map_err(|error| {
                CliError::new(Kind::Internal, text!("the server ended", "服务器已退出"))
                    .cause(Text::same(error.to_string()))
            })
    }
}

/// One context for each profile that is served.
fn contexts(context: &Context, args: &ServeArgs, metrics: &Arc<Metrics>) -> Vec<Context> {
    let observer = || {
        let metrics = Arc::clone(metrics);
        Observer::new(move |report| metrics.call(&report))
    };
    if args.profiles.is_empty() {
        return vec![context.beside(None, observer())];
    }
    args.profiles
        .iter()
        .map(|profile| context.beside(Some(profile.clone()), observer()))
        .collect()
}

async fn contexts_ca_file(contexts: &[Context]) -> Result<Option<std::path::PathBuf>, CliError> {
    for context in contexts {
        if let Some(file) = &context.settings().await?.ca_file {
            return Ok(Some(file.clone()));
        }
    }
    Ok(None)
}

async fn hosted(context: &Context, args: &ServeArgs, url: &str) -> Result<Hosted, CliError> {
    let keys = context.push_keys().await?;
    let settings = context.settings().await?;
    let mut redirect_uri = settings.redirect_uri.as_ref().map(|uri| uri.value.clone());
    let mut launch_domain = settings
        .launch_domain
        .as_ref()
        .map(|host| host.value.clone());
    #[cfg(feature = "sandbox")]
    if context.globals().sandbox {
        redirect_uri = Some(format!("{url}/callback"));
        launch_domain = Some(sandbox::LAUNCH_DOMAIN.to_owned());
    }
    let mut hosts = context.link_hosts().await?;
    #[cfg(feature = "sandbox")]
    if context.globals().sandbox {
        // A sandbox hosted here lives as long as the server: links lead to where it is now.
        hosts = LinkHosts::at(context.session().await?.url());
    }
    if !context.globals().sandbox && is_loopback(&settings.api_base.value) {
        context.console().warn(
            text!("the API base is on this machine, and the launch page's links lead to WeChat's own pages: a \
             code of an emulator is unknown there; `wxauth --sandbox serve` links to the sandbox", "API 地址在本机，而授权发起页的链接指向微信的正式页面：模拟环境的预授权码在那里无效；`wxauth --sandbox serve` 的链接指向沙箱"),
        );
    }
    let mints = settings.mint.value == Mint::Wxauth;
    let exchange = match args.exchange {
        Some(exchange) => exchange.into(),
        None if args.forward_to.is_some() => CodeExchange::Never,
        None => CodeExchange::Always,
    };
    if args.release_check && !mints {
        return Err(CliError::usage(text!("`--release-check` needs `mint = \"wxauth\"`", "`--release-check` 要求 `mint = \"wxauth\"`"))
            .cause(text!("the check has its code exchanged within seconds, and somebody else mints for this platform", "全网发布检测的授权码须在数秒内换取，而该平台的令牌由他方签发"))
            .hint(text!("let whoever mints answer the check", "让签发令牌的一方应答检测")));
    }
    if exchange == CodeExchange::Always && !mints {
        if args.exchange.is_some() {
            return Err(CliError::usage(text!(
                "`--exchange always` needs `mint = \"wxauth\"`",
                "`--exchange always` 要求 `mint = \"wxauth\"`"
            ))
            .cause(text!(
                "somebody else mints for this platform, and a code can be exchanged once only",
                "该平台的令牌由他方签发，而授权码只能换取一次"
            ))
            .hint(text!(
                "leave it out: grants are then read from WeChat's list",
                "去掉该参数：授权信息将从微信的授权方列表读取"
            )));
        }
        context.console().note(
            text!("codes are not exchanged here, because somebody else mints for this platform: grants are read from WeChat's list", "该平台的令牌由他方签发，因此不在此换取授权码：授权信息从微信的授权方列表读取"),
        );
    }
    let platform = context.platform().await?.clone();
    // Where secrets are encrypted with a key that is not set here, every push would fail.
    platform.store().tickets(platform.key()).await?;
    let component = TokenOwner::Component;
    platform.store().token(platform.key(), &component).await?;
    if exchange == CodeExchange::Always
        && mints
        && let Some(uri) = &redirect_uri
        && !leads_to_callback(uri, platform.component_appid())
    {
        context.console().warn(text!("merchants who confirm are sent to {uri}, which is no callback page of this server: `redirect_uri` ends in /callback, or in /{}/callback", "商家确认后跳转到 {uri}，它不是本服务器的回调页：`redirect_uri` 应以 /callback 或 /{}/callback 结尾", platform.component_appid()));
    }
    Ok(Hosted {
        signer: StateSigner::new(&keys),
        keys,
        link: LinkOptions {
            kind: LinkKind::Pc,
            auth_type: AuthType::Both,
            only: None,
            permission_ids: Vec::new(),
            redirect_uri,
            launch_domain,
            release: context.release().await?,
            hosts,
        },
        required: context.required_sets().await?,
        exchange: if mints { exchange } else { CodeExchange::Never },
        platform,
    })
}

/// Whether a redirect URI ends in a callback route of this platform; a proxy may put a folder before.
fn leads_to_callback(uri: &str, platform: &ComponentAppid) -> bool {
    let Ok(uri) = Url::parse(uri) else {
        return false;
    };
    let mut segments = uri.path().rsplit('/');
    let callback = segments.next() == Some("callback");
    let before: Option<ComponentAppid> = segments.next().and_then(|text| text.parse().ok());
    callback && before.is_none_or(|before| before == *platform)
}

fn routes(platforms: &[Hosted], url: &str) -> Vec<Routes> {
    let alone = platforms.len() == 1;
    platforms
        .iter()
        .map(|hosted| {
            let appid = hosted.platform.component_appid();
            let base = match alone {
                true => url.to_owned(),
                false => format!("{url}/{appid}"),
            };
            Routes {
                component_appid: appid.to_string(),
                events_url: format!("{base}/events"),
                messages_url: format!("{base}/messages/$APPID$"),
                authorize_url: format!("{base}/authorize"),
                callback_url: format!("{base}/callback"),
                exchanges: hosted.exchange == CodeExchange::Always,
            }
        })
        .collect()
}

fn announce(console: &Console, answer: &Listening, options: &ServeOptions) -> Result<(), CliError> {
    let lang = console.lang();
    console.document(answer, |out| {
        for routes in &answer.platforms {
            let platform = lang.choose("Platform", "平台");
            writeln!(out, "{platform} {}", routes.component_appid)?;
            let rows = [
                (
                    "  authorization events  授权事件接收URL    ",
                    "  授权事件接收URL    ",
                    &routes.events_url,
                ),
                (
                    "  messages and events   消息与事件接收URL  ",
                    "  消息与事件接收URL  ",
                    &routes.messages_url,
                ),
                (
                    "  launch page           授权发起页         ",
                    "  授权发起页         ",
                    &routes.authorize_url,
                ),
                (
                    "  callback page         redirect_uri       ",
                    "  授权后回调 URI     ",
                    &routes.callback_url,
                ),
            ];
            for (english, chinese, url) in rows {
                writeln!(out, "{}{url}", lang.choose(english, chinese))?;
            }
        }
        if let Some(admin) = &answer.admin_url {
            let metrics = lang.choose("Metrics   ", "监控指标  ");
            writeln!(out, "{metrics}{admin}/metrics")?;
        }
        writeln!(
            out,
            "{}",
            lang.choose(
                "Ctrl-C or SIGTERM ends it; what is under way is finished.",
                "按 Ctrl-C 或发送 SIGTERM 结束；进行中的工作会完成。"
            )
        )
    })?;
    if options.forward.is_some()
        && options
            .platforms
            .iter()
            .all(|hosted| hosted.exchange == CodeExchange::Never)
    {
        let secrets = options
            .forward
            .as_ref()
            .is_some_and(|forward| forward.with_secrets);
        console.note(match secrets {
            true => text!(
                "codes are left to the backend that events are passed on to",
                "授权码由接收转发事件的后端换取"
            ),
            false => text!(
                "codes are left to the backend, but not in what is passed on: add `--forward-secrets`, or let it take the redirect",
                "授权码由后端换取，但转发内容中不含授权码：加上 `--forward-secrets`，或由后端接收回调"
            ),
        });
    }
    Ok(())
}
