//! What WeChat's authorization page says in place of a confirmation; no errcode tells it.

use super::permission::SETS_OF_THE_PLATFORM;
use super::{Cause, Trouble, Words};

const PAGE: &str = "https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/troubleshooting/authorization_troubleshooting.html";

const LAUNCH_DOMAIN: &str =
    "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 授权发起页域名（修改后需全网发布）";

pub const DOMAIN: Trouble = Trouble {
    name: "launch_domain",
    says: &[
        "请确认授权入口页所在域名",
        "授权入口页所在域名",
        "授权发起页域名相同",
        "the link cannot work",
    ],
    title: Words(
        "Launch page, redirect URI and launch domain are not on one host",
        "授权入口页、回调页与授权发起页域名不一致",
    ),
    meaning: Some(Words(
        "WeChat compares three hosts as a whole: that of the page with the link (the Referer), that of \
         redirect_uri, and the configured launch domain (授权发起页域名). A parent domain is not enough.",
        "微信会比对三个域名且要求完全一致：链接所在页面（取自 Referer）、redirect_uri 以及配置的授权发起页域名。\
         上级域名不算一致。",
    )),
    causes: &[
        Cause {
            id: "link_pasted",
            cause: Words(
                "the PC link was pasted, typed or made into a QR code: there is no page it was clicked on",
                "PC 授权链接被直接粘贴、输入或转成二维码打开，没有来源页面",
            ),
            sign: Words(
                "the page's text ends in 授权入口页所在域名：空",
                "提示末尾为「授权入口页所在域名：空」",
            ),
            commands: &["wxauth link", "wxauth serve"],
            ..Cause::NONE
        },
        Cause {
            id: "redirect_elsewhere",
            cause: Words(
                "redirect_uri is on another host, or is not percent-encoded as a whole",
                "redirect_uri 域名不同，或未整体做 URL 编码",
            ),
            sign: Words(
                "`wxauth link --lint` finds redirect_host, redirect_cut_off or redirect_malformed",
                "`wxauth link --lint` 报告 redirect_host、redirect_cut_off 或 redirect_malformed",
            ),
            commands: &[
                "wxauth link --lint LINK",
                "wxauth profile set redirect_uri REDIRECT",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "launch_domain_differs",
            cause: Words(
                "the launch domain in WeChat's console is another one, or its change was not released yet",
                "后台配置的授权发起页域名不同，或修改后尚未全网发布",
            ),
            sign: Words(
                "the page names the right host for the launch page, and refuses all the same",
                "提示中的授权入口页域名正确，但仍被拒绝",
            ),
            commands: &[
                "wxauth profile show",
                "wxauth profile set launch_domain HOST",
            ],
            console: Some(LAUNCH_DOMAIN),
            in_sandbox: Some("wxauth sandbox platform --launch-domain HOST --released true"),
        },
        Cause {
            id: "referrer_hidden",
            cause: Words(
                "the page hides its host: a Referrer-Policy such as no-referrer, or an app's web view",
                "页面设置了 no-referrer 等 Referrer-Policy，或 App 内嵌页未携带来源",
            ),
            sign: Words(
                "it works after `referrerpolicy=\"origin\"` on the link; the page of `wxauth serve` sends it",
                "为链接加上 `referrerpolicy=\"origin\"` 后正常；`wxauth serve` 的发起页已带来源",
            ),
            commands: &["wxauth serve"],
            ..Cause::NONE
        },
    ],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const SETS_DO_NOT_FIT: Trouble = Trouble {
    name: "sets_do_not_fit",
    says: &[
        "指定了无效的权限",
        "权限类型与当前微信号绑定的账号类型不一致",
    ],
    title: Words(
        "No permission set of the link fits an account of this user",
        "链接中的权限集与该微信号名下的账号类型不符",
    ),
    meaning: Some(Words(
        "What is offered is what the platform configured, narrowed by category_id_list, for the kinds that \
         auth_type allows.",
        "页面展示的是平台已配置、且在 category_id_list 与 auth_type 范围内的权限集。",
    )),
    causes: &[
        Cause {
            id: "sets_of_another_kind",
            cause: Words(
                "the link asks for official-account sets of a mini program, or the other way round",
                "链接向小程序索取公众号权限集，或相反",
            ),
            sign: Words(
                "`wxauth link --lint` finds category_fits_nothing",
                "`wxauth link --lint` 报告 category_fits_nothing",
            ),
            commands: &["wxauth link --lint LINK", "wxauth permissions list"],
            ..Cause::NONE
        },
        Cause {
            id: "kind_without_sets",
            cause: Words(
                "the platform has configured no set for this kind of account",
                "平台没有为该类型账号配置任何权限集",
            ),
            sign: Words(
                "other merchants of the same kind cannot authorize either",
                "同类型的其他商家同样无法授权",
            ),
            commands: &["wxauth permissions plan SETS"],
            console: Some(SETS_OF_THE_PLATFORM),
            in_sandbox: Some("wxauth sandbox platform --permissions +SETS"),
        },
    ],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const OTHER_ACCOUNT: Trouble = Trouble {
    name: "account_not_allowed",
    says: &["仅支持指定账号"],
    title: Words(
        "The link is for one account only, and this user does not administer it",
        "链接限定了指定账号，当前微信号不是其管理员",
    ),
    meaning: Some(Words(
        "biz_appid in the link names the only account that may authorize with it.",
        "链接中的 biz_appid 限定了唯一可授权的账号。",
    )),
    causes: &[Cause {
        id: "scanned_by_another",
        cause: Words(
            "somebody else than an administrator of that account scanned it, or the link is for another account",
            "扫码人不是该账号的管理员，或链接发错了账号",
        ),
        sign: Words(
            "the page shows the appid the link is for; administrators are looked up in 公众平台安全助手",
            "页面会显示限定的 appid；管理员可通过公众平台安全助手查询",
        ),
        commands: &["wxauth authorizers guide WHO", "wxauth link"],
        console: Some("公众平台安全助手 – 绑定查询 – 微信号绑定账号"),
        ..Cause::NONE
    }],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const NO_ADMINISTRATOR: Trouble = Trouble {
    name: "no_administrator",
    says: &[
        "尚未绑定为任何",
        "该授权仅支持小程序账号",
        "该授权仅支持公众号账号",
    ],
    title: Words(
        "The user who scanned administers no account of the kinds offered",
        "扫码的微信号不是任何适用账号的管理员",
    ),
    meaning: Some(Words(
        "Only an administrator can authorize; operators and developers of the account cannot.",
        "只有管理员可以授权，运营者和开发者不可以。",
    )),
    causes: &[
        Cause {
            id: "not_an_administrator",
            cause: Words(
                "the person is no administrator of the account",
                "扫码人不是该账号的管理员",
            ),
            sign: Words(
                "公众平台安全助手 does not list the account under the person's WeChat",
                "公众平台安全助手中，该微信号下没有此账号",
            ),
            commands: &["wxauth authorizers guide WHO"],
            console: Some("公众平台安全助手 – 绑定查询 – 微信号绑定账号"),
            ..Cause::NONE
        },
        Cause {
            id: "kind_not_offered",
            cause: Words(
                "auth_type leaves the kind of account out",
                "auth_type 未包含该类型的账号",
            ),
            sign: Words(
                "the text names one kind, and the merchant has another",
                "提示仅支持某一类账号，而商家账号是另一类",
            ),
            commands: &["wxauth link --type all", "wxauth link --lint LINK"],
            ..Cause::NONE
        },
    ],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const PRE_AUTH_CODE: Trouble = Trouble {
    name: "pre_auth_code",
    says: &[
        "预授权码",
        "pre_auth_code invalid",
        "invalid pre_auth_code",
        "pre_auth_code is",
    ],
    title: Words(
        "The pre-auth code (预授权码) of the link is used, too old, or damaged",
        "链接中的预授权码已使用、已过期或已损坏",
    ),
    meaning: Some(Words(
        "A pre-auth code lives 1800 seconds and serves one confirmation; codes made side by side do not \
         disturb each other.",
        "预授权码有效期 1800 秒，只能完成一次授权；同时生成多个互不影响。",
    )),
    causes: &[
        Cause {
            id: "link_too_old",
            cause: Words(
                "the link is older than half an hour, or somebody confirmed with it already",
                "链接已超过半小时，或已被用于一次授权",
            ),
            sign: Words(
                "a fresh link works: make one for each visit, never cache the code",
                "重新生成的链接可用；应每次访问生成新链接，不要缓存预授权码",
            ),
            commands: &["wxauth link"],
            ..Cause::NONE
        },
        Cause {
            id: "link_damaged",
            cause: Words(
                "the code lost its `preauthcode@@@`, a character, or gained one on the way",
                "预授权码丢失了 `preauthcode@@@` 前缀，或传递中多了、少了字符",
            ),
            sign: Words(
                "`wxauth link --lint` finds code_without_prefix, code_truncated or code_malformed",
                "`wxauth link --lint` 报告 code_without_prefix、code_truncated 或 code_malformed",
            ),
            commands: &["wxauth link --lint LINK", "wxauth link"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const NOT_RELEASED: Trouble = Trouble {
    name: "not_released",
    codes: &[61028],
    says: &["component is unpublished", "未全网发布"],
    title: Words(
        "The platform has not passed its full release (全网发布)",
        "第三方平台尚未全网发布",
    ),
    causes: &[
        Cause {
            id: "not_in_the_test_list",
            cause: Words(
                "before the full release only accounts of the test list can authorize, at most 10 of them",
                "全网发布前仅授权测试列表中的账号可以授权，最多 10 个",
            ),
            sign: Words(
                "the account's original id (gh_…, not its appid) is not in 授权测试公众号/小程序列表",
                "账号原始 ID（gh_…，不是 appid）不在授权测试公众号/小程序列表中",
            ),
            commands: &[
                "wxauth authorizers show WHO",
                "wxauth profile set test_list IDS",
            ],
            console: Some(
                "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 授权测试公众号/小程序列表",
            ),
            in_sandbox: Some("wxauth sandbox platform --test-list IDS"),
        },
        Cause {
            id: "release_pending",
            cause: Words(
                "the platform is meant for everybody, and was never released",
                "平台需面向所有商家，但尚未全网发布",
            ),
            sign: Words(
                "WeChat's console still offers 全网发布 as the next step",
                "后台仍提示进行全网发布",
            ),
            commands: &["wxauth profile set released true"],
            console: Some("微信开放平台 – 第三方平台 – 详情 – 开发信息 – 开发资料 – 全网发布"),
            in_sandbox: Some("wxauth sandbox platform --released true"),
        },
    ],
    ..Trouble::NONE
};
