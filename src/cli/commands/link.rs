//! `link`: pre-auth code, authorization link, QR code in the terminal.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use crate::cli::args::parse_duration;
use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::PlatformName;
use crate::console::Console;
use crate::console::qr::{Picture, Qr, Sheet};
use crate::flow::{
    AuthorizationLink, FlowError, LinkOptions, LinkWarning, StateSigner, check_external_id,
};
use crate::lang::{Text, text};
use crate::store::roster::Authorizer;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::link::{AuthType, LinkKind};
use crate::wechat::permission;

/// How many sets are named that a part of a name may mean.
const CANDIDATES: usize = 8;

mod finding;
mod lint;
mod message;
mod screen;
mod wait;

/// Make an authorization link and show it as a QR code
///
/// The default is the H5 link, which works when an administrator of the merchant's account scans it
/// with WeChat. Every link has a pre-auth code of its own; it works once and for half an hour.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox link\n  wxauth --sandbox link --type mini-program --permissions 17,18\n  wxauth --sandbox link --no-qr -o json\n  wxauth --sandbox link --save link.png\n  wxauth link --for wx0123456789abcdef --wait --timeout 10m\n  wxauth link --lint 'https://open.weixin.qq.com/wxaopen/safe/bindcomponent?…'"
)]
pub struct LinkArgs {
    /// Make the PC link, to be clicked on a page of the launch domain
    #[arg(long)]
    pc: bool,
    /// Only this account may authorize
    #[arg(long = "for", value_name = "WHO")]
    who: Option<String>,
    /// Kinds of account offered: official-account, mini-program, both, promoter, channels, all, sales-assistant
    #[arg(long = "type", value_name = "KIND", default_value = "both", value_parser = parse_auth_type)]
    auth_type: AuthType,
    /// Offer these permission sets only, by id or name
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    permissions: Vec<String>,
    /// Where WeChat sends the merchant afterwards
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Your own id for whoever authorizes: signed, and kept as its external id
    #[arg(long, value_name = "ID")]
    state: Option<String>,
    /// Save the H5 link's QR code: .png, .svg or .html
    #[arg(long, value_name = "FILE", conflicts_with = "pc")]
    save: Option<PathBuf>,
    /// Print the text to send to the merchant as well
    #[arg(long)]
    message: bool,
    /// Do not draw the QR code
    #[arg(long)]
    no_qr: bool,
    /// Wait until a merchant has authorized; exit code 8 when none does. `-o json` answers at the
    /// end, `-o ndjson` with the link at once and with the merchant at the end
    #[arg(long)]
    wait: bool,
    /// How long to wait
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30m", requires = "wait")]
    timeout: Duration,
    /// Judge a link instead of making one
    #[arg(long, value_name = "URL", conflicts_with_all = ["pc", "who", "permissions", "state", "save", "message", "no_qr", "wait"])]
    lint: Option<String>,
}

fn parse_auth_type(text: &str) -> Result<AuthType, String> {
    text.replace('_', "-").parse().map_err(|_| {
        let names: Vec<_> = AuthType::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// A link: the contract's shape.
#[derive(Serialize)]
struct LinkRow<'a> {
    kind: &'static str,
    url: &'a str,
    pre_auth_code: &'a str,
    expires_at: Timestamp,
    expires_in: i64,
    auth_type: u8,
    biz_appid: Option<&'a str>,
    permission_ids: &'a [PermissionSetId],
    redirect_uri: &'a str,
    /// With `--state`: the launch page's address that brings the same id.
    launch_page: Option<&'a str>,
    message: Option<String>,
    /// With `--wait`, once a merchant came.
    #[serde(flatten)]
    arrived: Option<Arrived<'a>>,
}

/// The merchant that a link led to.
#[derive(Clone, Copy, Serialize)]
struct Arrived<'a> {
    authorizer: &'a Authorizer,
    r#match: &'static str,
}

impl<'a> LinkRow<'a> {
    fn new(
        link: &'a AuthorizationLink,
        launch_page: Option<&'a Url>,
        message: Option<String>,
    ) -> Self {
        Self {
            kind: link.kind.as_str(),
            url: link.url.expose(),
            pre_auth_code: link.pre_auth_code.expose(),
            expires_at: link.expires_at,
            expires_in: link.expires_in,
            auth_type: link.auth_type.number(),
            biz_appid: link.only.as_ref().map(|appid| appid.as_str()),
            permission_ids: &link.permission_ids,
            redirect_uri: &link.redirect_uri,
            launch_page: launch_page.map(Url::as_str),
            message,
            arrived: None,
        }
    }
}

pub(super) async fn run(context: &Context, args: LinkArgs) -> Result<Exit, CliError> {
    if let Some(link) = &args.lint {
        return lint::run(context, link).await;
    }
    let console = context.document()?;
    if let Some(path) = &args.save {
        // A wrong ending is told before a code is spent.
        Picture::of(path)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            && !folder.is_dir()
        {
            return Err(
                CliError::usage(text!("cannot write {}", "无法写入 {}", path.display())).cause(
                    text!(
                        "there is no folder {}",
                        "文件夹 {} 不存在",
                        folder.display()
                    ),
                ),
            );
        }
    }
    let platform = context.platform().await?;
    let account = match &args.who {
        Some(who) => Some(account(context, who).await?),
        None => None,
    };
    let options = options(context, &args, account.as_ref()).await?;
    let signed = match &args.state {
        Some(id) => Some(Signed::new(context, id).await?),
        None => None,
    };
    let name = &context.settings().await?.name;
    for warning in platform.judge_link(&options).await? {
        console.warn(screen::sentence(&warning, name));
        if warning.needs_consent()
            && !input::confirm(
                context,
                text!("make the link all the same?", "仍要生成链接？"),
            )
            .await?
        {
            return Err(CliError::new(
                Kind::Usage,
                text!("no link was made", "未生成链接"),
            ));
        }
    }
    // How things stand is noted before the merchant can have done anything.
    let wait = match args.wait {
        true => Some(platform.begin_wait(options.only.as_ref()).await?),
        false => None,
    };
    let maker = Maker {
        context,
        console,
        args,
        options,
        account,
        signed,
    };
    let link = maker.make().await?;
    let Some(wait) = wait else {
        maker.show(&link)?;
        screen::after(context, &maker.console, &link, maker.account.as_ref()).await;
        return Ok(Exit::Done);
    };
    wait::until_somebody_came(&maker, wait, link).await
}

/// Makes links of one kind, and shows them.
struct Maker<'a> {
    context: &'a Context,
    console: Console,
    args: LinkArgs,
    options: LinkOptions,
    account: Option<Account>,
    signed: Option<Signed>,
}

/// An id that the link brings, and what signs it.
struct Signed {
    external_id: String,
    signer: Option<StateSigner>,
    /// The launch page's address with the same id, where the page is known.
    page: Option<Url>,
}

impl Signed {
    async fn new(context: &Context, id: &str) -> Result<Self, CliError> {
        let external_id = id.trim().to_owned();
        check_external_id(&external_id).map_err(FlowError::from)?;
        let signer = context.state_signer().await?;
        let page = match (&context.settings().await?.launch_page, &signer) {
            (Some(page), Some(signer)) => {
                let platform = context.platform().await?;
                Some(platform.launch_address(page, signer, &external_id)?)
            }
            (Some(_), None) => {
                context.console().note(text!(
                    "the launch page's address is left out: it is signed with the Token and the EncodingAESKey, which are not known here",
                    "未给出授权发起页地址：它需要用消息校验 Token 和消息加解密 Key 签名，而此处未知"
                ));
                None
            }
            (None, _) => None,
        };
        Ok(Self {
            external_id,
            signer,
            page,
        })
    }
}

impl Maker<'_> {
    /// A fresh link, saved where that is asked for.
    async fn make(&self) -> Result<AuthorizationLink, CliError> {
        let platform = self.context.platform().await?;
        let signed = self.signed.as_ref();
        let external_id = signed.map(|own| own.external_id.as_str());
        let signer = signed.and_then(|own| own.signer.as_ref());
        let link = platform.link(&self.options, external_id, signer).await?;
        if let Some(path) = &self.args.save {
            let url = link.url.expose();
            let sheet = Sheet {
                title: "微信授权 · WeChat authorization",
                link: url,
                dies_at: Some(link.expires_at),
                zone: self.console.zone(),
            };
            Qr::encode(url)?.save(path, &sheet)?;
            self.console
                .note(text!("saved to {}", "已保存到 {}", path.display()));
        }
        Ok(link)
    }

    fn page(&self) -> Option<&Url> {
        self.signed.as_ref()?.page.as_ref()
    }

    fn row<'a>(&'a self, link: &'a AuthorizationLink) -> LinkRow<'a> {
        let account = self.account.as_ref();
        let message = self.args.message;
        LinkRow::new(
            link,
            self.page(),
            message.then(|| message::text(&self.console, link, account)),
        )
    }

    /// Answers with the link.
    fn show(&self, link: &AuthorizationLink) -> Result<(), CliError> {
        let row = self.row(link);
        let args = &self.args;
        let with_qr = !args.no_qr && args.save.is_none() && link.kind == LinkKind::H5;
        self.console.document(&row, |out| {
            screen::screen(out, &self.console, link, self.account.as_ref(), with_qr)?;
            if let Some(page) = self.page() {
                let label = self.console.lang().choose("Page     ", "授权页    ");
                writeln!(out, "{label}{page}")?;
            }
            match &row.message {
                Some(message) => {
                    writeln!(out)?;
                    out.lines(message);
                    Ok(())
                }
                None => Ok(()),
            }
        })?;
        Ok(())
    }
}

/// The one account a link is for; the store need not know it.
struct Account {
    appid: Appid,
    nick_name: Option<String>,
}

async fn account(context: &Context, who: &str) -> Result<Account, CliError> {
    let platform = context.platform().await?;
    let appid = platform.appid_of(who).await?;
    let known = platform.store().authorizer(platform.key(), &appid).await?;
    Ok(Account {
        nick_name: known.and_then(|row| row.nick_name),
        appid,
    })
}

async fn options(
    context: &Context,
    args: &LinkArgs,
    account: Option<&Account>,
) -> Result<LinkOptions, CliError> {
    let settings = context.settings().await?;
    let known = |value: &Option<crate::config::Sourced<String>>| {
        value.as_ref().map(|sourced| sourced.value.clone())
    };
    Ok(LinkOptions {
        kind: if args.pc { LinkKind::Pc } else { LinkKind::H5 },
        auth_type: args.auth_type,
        only: account.map(|row| row.appid.clone()),
        permission_ids: sets(&args.permissions)?,
        redirect_uri: args
            .redirect_uri
            .clone()
            .or_else(|| known(&settings.redirect_uri)),
        launch_domain: known(&settings.launch_domain),
        release: context.release().await?,
        hosts: context.link_hosts().await?,
    })
}

/// What a link may fail on, as a sentence.
pub(super) fn warning(warning: &LinkWarning, name: &PlatformName) -> Text {
    screen::sentence(warning, name)
}

/// Permission sets by id, Chinese or English name, or a unique part of one.
pub(super) fn sets(words: &[String]) -> Result<Vec<PermissionSetId>, CliError> {
    words
        .iter()
        .flat_map(|words| words.split([',', '，', '、']))
        .filter(|word| !word.is_empty())
        .map(|word| {
            permission::resolve(word).map_err(|unknown| {
                let error = match unknown.candidates.is_empty() {
                    true => CliError::usage(text!(
                        "no permission set is called `{word}`",
                        "没有名为 `{word}` 的权限集"
                    )),
                    false => CliError::usage(text!(
                        "`{word}` names several permission sets",
                        "`{word}` 对应多个权限集"
                    )),
                };
                let name = |id: &PermissionSetId| match permission::get(*id) {
                    Some(set) => format!("{id} {} ({})", set.name_zh, set.name_en),
                    None => id.to_string(),
                };
                let cut = (unknown.candidates.len() > CANDIDATES).then(|| "…".to_owned());
                let candidates = unknown.candidates.iter().take(CANDIDATES).map(name);
                let candidates = candidates.chain(cut);
                candidates
                    .map(Text::same)
                    .fold(error, CliError::cause)
                    .hint(text!("give the id", "请给出权限集 id"))
            })
        })
        .collect()
}
