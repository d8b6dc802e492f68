//! What to do about a line: a command, or the way through WeChat's console, which is in Chinese.

use crate::api::ApiError;
use crate::cli::commands::store::risk;
use crate::cli::error::told;
use crate::cli::knowledge::{self, Cause};
use crate::config::{PlatformName, Settings};
use crate::flow::doctor::{Diagnosis, Finding, Line};
use crate::flow::{AnswerProblem, Outcome};
use crate::lang::{Text, text};
use crate::wechat::push::KeyUsed;

const CONFIGURATION: &str = "微信开放平台 – 第三方平台 – 详情 – 开发配置";
const MATERIAL: &str = "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料";

/// What to do, the likeliest first; nothing for what is well.
pub(super) fn cures(diagnosis: &Diagnosis, settings: &Settings) -> Vec<Text> {
    let line = diagnosis.line;
    match &diagnosis.finding {
        Finding::NeedsActive => vec![text!(
            "`wxauth doctor --active` does it",
            "可用 `wxauth doctor --active` 检查"
        )],
        Finding::OpenToOthers(_) => vec![text!(
            "`wxauth doctor --fix` makes files 0600 and folders 0700",
            "运行 `wxauth doctor --fix`，将文件改为 0600、文件夹改为 0700"
        )],
        Finding::FileTrouble(path, _) => {
            let path = path.display();
            vec![text!(
                "see whose it is: `ls -ld {path}`",
                "查看文件所有者：`ls -ld {path}`"
            )]
        }
        Finding::PartlyEncrypted(..) => vec![text!(
            "encrypt the stored secrets with the current key: `wxauth store encrypt`",
            "用当前密钥加密已存储的敏感信息：`wxauth store encrypt`"
        )],
        Finding::EncryptionRun => vec![text!(
            "if it does not run, run it again: `wxauth store encrypt`",
            "若未在运行，请再次运行：`wxauth store encrypt`"
        )],
        Finding::PlainTextInRedis => vec![text!(
            "set an encryption key and run `wxauth store encrypt`; `wxauth help security` has the steps for several machines",
            "设置加密密钥并运行 `wxauth store encrypt`；多台机器的步骤见 `wxauth help security`"
        )],
        Finding::KeyNotSet(_) => vec![text!(
            "set the key: `wxauth profile set encryption_key`, `encryption_key_file`, `encryption_key_command` or `WXAUTH_ENCRYPTION_KEY`; a previous key: `encryption_key_previous`",
            "设置该密钥：`wxauth profile set encryption_key`、`encryption_key_file`、`encryption_key_command` 或 `WXAUTH_ENCRYPTION_KEY`；旧密钥用 `encryption_key_previous`"
        )],
        Finding::AtRisk(risks) => risks.iter().map(risk::cure).collect(),
        Finding::ProxyFails(proxy, _) => {
            let variable = proxy.variable;
            vec![text!(
                "correct `{variable}`, or pass WeChat by: `NO_PROXY=api.weixin.qq.com`",
                "修正 `{variable}`，或让微信绕过代理：`NO_PROXY=api.weixin.qq.com`"
            )]
        }
        Finding::NotResolved(_) => vec![text!(
            "see that the name resolves here: `getent hosts api.weixin.qq.com`; `wxauth status` shows the API base",
            "确认本机可解析域名：`getent hosts api.weixin.qq.com`；`wxauth status` 可查看 API 地址"
        )],
        Finding::NoConnection(_) => vec![text!(
            "let this machine connect there (firewall, routes, port 443); `wxauth status` shows the API base",
            "放行本机到该地址的连接（防火墙、路由、443 端口）；`wxauth status` 可查看 API 地址"
        )],
        Finding::NotWechat(_) => vec![text!(
            "a portal, a proxy or a wrong base: `wxauth status` shows the API base",
            "可能是认证门户、代理或 API 地址有误：`wxauth status` 可查看 API 地址"
        )],
        Finding::NotTrusted(_) => vec![text!(
            "a proxy that reads along, or a private authority? give its certificate: `wxauth profile set ca_file FILE` or `SSL_CERT_FILE`",
            "若经过解密代理或使用私有 CA，请提供其证书：`wxauth profile set ca_file FILE` 或 `SSL_CERT_FILE`"
        )],
        Finding::Skew(_) if diagnosis.outcome != Outcome::Pass => vec![text!(
            "set the clock by the network: `timedatectl set-ntp true`",
            "开启网络校时：`timedatectl set-ntp true`"
        )],
        Finding::ClockFault(_) | Finding::TicketAhead(_) => vec![
            text!(
                "set the clock by the network: `timedatectl set-ntp true`",
                "开启网络校时：`timedatectl set-ntp true`"
            ),
            text!(
                "then it passes by itself: the next ticket comes within ten minutes, and tokens are requested again when they are used; all at once: `wxauth authorizers refresh`",
                "之后会自行恢复：十分钟内会收到下一个 ticket，令牌在使用时重新获取；立即全部更新：`wxauth authorizers refresh`"
            ),
        ],
        Finding::AddressNotListed(_) => whitelist(settings),
        Finding::BadKey(which, _) => key(settings, *which),
        Finding::StoreFails(error) => told(error).1,
        Finding::NotHad(error) => match told(error).1 {
            hints if hints.is_empty() => credential(line, settings),
            hints => hints,
        },
        Finding::Missing | Finding::Invalid | Finding::Misshapen(_) => credential(line, settings),
        Finding::TicketAge(_) | Finding::TicketDead(_) if diagnosis.outcome != Outcome::Pass => {
            ticket()
        }
        Finding::Refused(error) if line == Line::Ticket => {
            let mut all = ticket();
            all.extend(explained(error));
            all
        }
        Finding::Refused(error) if line == Line::Appsecret => {
            let mut all = credential(line, settings);
            all.extend(explained(error));
            all
        }
        Finding::Refused(error) | Finding::DeadEarly(error) => explained(error),
        Finding::PushesRestarted => vec![text!(
            "the next ticket comes within ten minutes: `wxauth ticket show`",
            "十分钟内会收到下一个 ticket：`wxauth ticket show`"
        )],
        Finding::NobodyLends => vec![text!(
            "name the program that prints them: `wxauth profile set token_command 'PROGRAM ARGS'`",
            "指定输出令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"
        )],
        Finding::NotNewest => vec![
            text!(
                "let one of the two mint: find the other program, or borrow its tokens: `wxauth profile set mint never`, then `token_command`",
                "只保留一方获取令牌：停用另一程序，或改为借用其令牌：`wxauth profile set mint never`，再设置 `token_command`"
            ),
            text!(
                "its causes, each with its sign: `wxauth explain 40001`",
                "各原因及识别方法：`wxauth explain 40001`"
            ),
        ],
        Finding::BorrowedRefused(error, Some(_)) => {
            let mut all = vec![text!(
                "the backend does not hold the newest token: look for another program that mints for this platform",
                "后端所持的不是最新令牌：请查找另一个为本平台签发令牌的程序"
            )];
            all.extend(explained(error));
            all
        }
        Finding::BorrowedRefused(error, None) => {
            let mut all = vec![text!(
                "the program must print the newest token: run it by hand, see `wxauth profile show`",
                "该程序必须输出最新令牌：手动运行检查，配置见 `wxauth profile show`"
            )];
            all.extend(explained(error));
            all
        }
        Finding::LeaseHeld(_) => vec![text!(
            "end that process, or wait longer: `wxauth doctor --active --lock-timeout 2m`",
            "结束该进程，或延长等待：`wxauth doctor --active --lock-timeout 2m`"
        )],
        Finding::NoRefreshToken(_) => vec![text!(
            "rebuild them from WeChat's list: `wxauth authorizers recover`",
            "从微信的授权方列表恢复：`wxauth authorizers recover`"
        )],
        Finding::PendingExchange(_) => vec![text!(
            "exchange the code: `wxauth authorizers redeem`; when it is past its hour the merchant has to authorize anew: `wxauth link`",
            "用授权码换取令牌：`wxauth authorizers redeem`；已过一小时则需商家重新授权：`wxauth link`"
        )],
        Finding::NeverSynced(_) => vec![text!(
            "pull them: `wxauth authorizers sync`",
            "拉取授权方：`wxauth authorizers sync`"
        )],
        Finding::Redirect(_) => credential(line, settings),
        Finding::NoReceiver(likely) => {
            let url = likely.as_ref().map_or("URL", url::Url::as_str);
            vec![text!(
                "name it: `wxauth doctor --receiver {url}`",
                "指定接收地址：`wxauth doctor --receiver {url}`"
            )]
        }
        Finding::ReceiverAnswers(problems) => receiver(problems, diagnosis.target.as_deref()),
        _ => Vec::new(),
    }
}

fn explained(error: &ApiError) -> Vec<Text> {
    let Some(code) = error.errcode() else {
        return vec![text!("run it again; it is safe to", "可直接重试")];
    };
    vec![text!(
        "its causes and cures: `wxauth explain {code}`",
        "原因与处理方法：`wxauth explain {code}`"
    )]
}

/// The causes of 61004 in their order, as `explain` has them.
fn whitelist(settings: &Settings) -> Vec<Text> {
    let causes = knowledge::of(61004).map_or(&[][..], |trouble| trouble.causes);
    let mut cures: Vec<Text> = causes.iter().map(sign).collect();
    if let Some(list) = causes.iter().find_map(|cause| cause.console) {
        cures.push(text!(
            "add it in the console: 「{list}」, addresses joined by `;`",
            "在后台添加：「{list}」，多个 IP 以 `;` 分隔"
        ));
    }
    if settings.name == PlatformName::Sandbox {
        cures.push(text!(
            "in the sandbox: `wxauth sandbox platform --ip-whitelist ''`",
            "在沙箱中：`wxauth sandbox platform --ip-whitelist ''`"
        ));
    }
    cures.push(text!(
        "more: `wxauth explain 61004`",
        "详细说明：`wxauth explain 61004`"
    ));
    cures
}

fn sign(cause: &Cause) -> Text {
    Text::each(|lang| {
        let (cause, sign) = (cause.cause.of(lang), cause.sign.of(lang));
        format!("{cause}{}{sign}", lang.choose(": ", "："))
    })
}

fn ticket() -> Vec<Text> {
    vec![
        text!(
            "see whether WeChat pushes: `wxauth doctor --active`, or `wxauth ticket request`",
            "确认微信是否在推送：`wxauth doctor --active` 或 `wxauth ticket request`"
        ),
        text!(
            "see that pushes reach the receiver: 「{MATERIAL} – 授权事件接收URL」, `wxauth doctor --receiver URL`",
            "确认推送能到达接收地址：「{MATERIAL} – 授权事件接收URL」，`wxauth doctor --receiver URL`"
        ),
        text!(
            "store the newest that another program received: `wxauth ticket set`",
            "录入其他程序收到的最新 ticket：`wxauth ticket set`"
        ),
    ]
}

fn key(settings: &Settings, which: KeyUsed) -> Vec<Text> {
    let (name, variable) = match which {
        KeyUsed::Present => ("encoding_aes_key", "WXAUTH_ENCODING_AES_KEY"),
        KeyUsed::Previous => (
            "encoding_aes_key_previous",
            "WXAUTH_ENCODING_AES_KEY_PREVIOUS",
        ),
    };
    from_console("消息加解密Key", &give(settings, name, variable))
}

/// What gives a value that is not known or not right.
fn credential(line: Line, settings: &Settings) -> Vec<Text> {
    match line {
        Line::Ticket => ticket(),
        Line::Appsecret => {
            let how = give(settings, "appsecret", "WXAUTH_COMPONENT_APPSECRET");
            from_console("AppSecret", &how)
        }
        Line::PushToken => from_console("消息校验Token", &give(settings, "token", "WXAUTH_TOKEN")),
        Line::EncodingAesKey => key(settings, KeyUsed::Present),
        Line::RedirectUri => vec![give(settings, "redirect_uri", "WXAUTH_REDIRECT_URI")],
        Line::LaunchDomain => {
            let how = give(settings, "launch_domain", "WXAUTH_LAUNCH_DOMAIN");
            from_console("授权发起页域名", &how)
        }
        _ => vec![text!(
            "run the program by hand: `wxauth profile show` names it",
            "手动运行该程序：配置见 `wxauth profile show`"
        )],
    }
}

/// A value is copied from its place in the console and given so.
fn from_console(what: &str, how: &Text) -> Vec<Text> {
    let place = match what {
        "AppSecret" => CONFIGURATION,
        _ => MATERIAL,
    };
    let copy = text!(
        "copy it from the console: 「{place} – {what}」",
        "从后台复制：「{place} – {what}」"
    );
    vec![copy, how.clone()]
}

/// How this platform's value is set.
fn give(settings: &Settings, key: &str, variable: &str) -> Text {
    match &settings.name {
        PlatformName::Profile(name) => text!(
            "store it: `wxauth --profile {name} profile set {key}`",
            "保存：`wxauth --profile {name} profile set {key}`"
        ),
        PlatformName::Environment => text!("set `{variable}`", "设置环境变量 `{variable}`"),
        PlatformName::Sandbox => text!(
            "see what the sandbox has: `wxauth sandbox platform`",
            "查看沙箱中的配置：`wxauth sandbox platform`"
        ),
    }
}

fn receiver(problems: &[AnswerProblem], target: Option<&str>) -> Vec<Text> {
    let url = target.unwrap_or("URL");
    let console = || {
        text!(
            "the address in the console: 「{MATERIAL} – 授权事件接收URL」",
            "后台中的接收地址：「{MATERIAL} – 授权事件接收URL」"
        )
    };
    let mut cures = vec![text!(
        "see the answer byte by byte: `wxauth events send --to {url}`",
        "逐字节查看应答：`wxauth events send --to {url}`"
    )];
    if problems.iter().any(|problem| {
        matches!(
            problem,
            AnswerProblem::Redirect { .. } | AnswerProblem::Port(_) | AnswerProblem::Status(404)
        )
    }) {
        cures.push(console());
    }
    if problems.contains(&AnswerProblem::TooSlow) {
        cures.push(text!(
            "store the event, answer `success`, and do the work afterwards, as `wxauth serve` does",
            "先保存事件并应答 `success`，再异步处理；`wxauth serve` 即如此"
        ));
    }
    cures
}
