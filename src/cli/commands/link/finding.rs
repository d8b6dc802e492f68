//! What each finding of a lint means, and what to do about it.

use crate::lang::Lang;
use crate::wechat::link::FindingCode;

/// One sentence for the operator.
pub(super) const fn meaning(code: FindingCode, lang: Lang) -> &'static str {
    let (english, chinese) = both(code);
    lang.choose(english, chinese)
}

const fn both(code: FindingCode) -> (&'static str, &'static str) {
    use FindingCode as F;
    match code {
        F::Empty => ("no link was given", "没有给出链接"),
        F::NotAUrl => (
            "this is no link; copy it whole, from https:// on",
            "这不是链接；请从 https:// 开始完整复制",
        ),
        F::BareCode => (
            "this is a pre-auth code; the link is built around it: `wxauth link`",
            "这是预授权码，链接以它生成：`wxauth link`",
        ),
        F::RedirectResult => (
            "the merchant has confirmed already: exchange its code with `wxauth authorizers redeem`",
            "商家已确认：用 `wxauth authorizers redeem` 换取其授权码",
        ),
        F::ServiceStoreLink => (
            "stores buy in the service market; nobody can build a link for them",
            "微信小店在服务市场订购，没有可以生成的链接",
        ),
        F::WhiteSpace => (
            "a space or line break cuts the link off; a chat program may have put it in",
            "空格或换行使链接中断，可能是聊天软件加入的",
        ),
        F::HtmlEscaped => (
            "`&amp;` belongs in HTML only; outside it write `&`",
            "`&amp;` 只用于 HTML，其他地方写 `&`",
        ),
        F::EncodedAsWhole => (
            "encode the redirect URI only, not the whole link",
            "只对回调 URI 编码，不要对整条链接编码",
        ),
        F::NotHttps => (
            "the pages are served over https only",
            "授权页只能通过 https 访问",
        ),
        F::OddAddress => (
            "a user name, password or port does not belong there",
            "此处不应有用户名、密码或端口",
        ),
        F::WrongHost => ("this host does not show that page", "该主机没有授权页"),
        F::WrongPath => (
            "there is no authorization page at this path",
            "该路径没有授权页",
        ),
        F::LegacyForm => (
            "the older form; present documents name open.weixin.qq.com/wxaopen/…",
            "旧形式；现行文档使用 open.weixin.qq.com/wxaopen/…",
        ),
        F::LoopbackHost => (
            "a link of a local sandbox: WeChat knows nothing of it",
            "本地沙箱的链接：微信并不知道它",
        ),
        F::MissingParameter => (
            "the page cannot do without this parameter",
            "授权页必须有该参数",
        ),
        F::EmptyParameter => ("the parameter has no value", "该参数没有值"),
        F::DuplicateParameter => (
            "given twice, and which one counts is not documented",
            "重复给出，文档没有说明以哪个为准",
        ),
        F::MisspeltParameter => ("parameters are told apart by case", "参数区分大小写"),
        F::UnknownParameter => (
            "the page does not know it; own parameters belong in the redirect URI",
            "授权页没有该参数；自定义参数应放在回调 URI 中",
        ),
        F::AuthTypeMissing => (
            "present documents want it; older ones took both official accounts and mini programs",
            "现行文档要求该参数；旧文档中缺省为公众号和小程序都可",
        ),
        F::AuthTypeUnknown => (
            "there is no such number; 0 comes from an undefined value",
            "没有这个取值；0 来自未定义的值",
        ),
        F::AuthTypeUndocumented => ("no document explains this number", "没有文档说明该取值"),
        F::WrongConstant => ("this parameter is a constant", "该参数是固定值"),
        F::ConstantMissing => (
            "the documents print it; WeChat's own console leaves it out",
            "文档中有该参数，微信自己的控制台则省略它",
        ),
        F::ComponentAppidMalformed => (
            "an appid is wx and 16 hexadecimal digits",
            "appid 为 wx 加 16 位十六进制数字",
        ),
        F::OtherPlatform => (
            "the link is of another platform than the profile",
            "该链接属于另一个平台，与配置不同",
        ),
        F::CodeWithoutPrefix => (
            "give the code whole, with its preauthcode@@@",
            "请给出完整的预授权码，含 preauthcode@@@",
        ),
        F::AuthorizationCodeGiven => (
            "an authorization code comes back from a link, it does not make one",
            "授权码由链接返回，不能用来生成链接",
        ),
        F::OtherValueGiven => ("this is another kind of value", "这是另一种值"),
        F::CodeTruncated => ("the code was cut off on its way", "预授权码在传递中被截断"),
        F::CodeMalformed => (
            "characters no code has: something was added or replaced on its way",
            "含有预授权码不会有的字符：传递中被添加或替换",
        ),
        F::DoubleEncoded => (
            "encoded twice: WeChat decodes once and sees percent signs",
            "编码了两次：微信只解码一次，会看到百分号",
        ),
        F::RedirectUnencoded => (
            "encode it as a whole (https%3A%2F%2F…)",
            "请整体编码（https%3A%2F%2F…）",
        ),
        F::RedirectCutOff => (
            "its own `&` ended it: encode it as a whole (https%3A%2F%2F…)",
            "被自身的 `&` 截断：请整体编码（https%3A%2F%2F…）",
        ),
        F::RedirectMalformed => (
            "without https:// WeChat takes it as a path of its own",
            "没有 https:// 时，微信会当作自己的路径",
        ),
        F::RedirectNotHttps => ("plain http is not taken any more", "不再接受明文 http"),
        F::RedirectUserInfo => (
            "a user name or password does not belong there",
            "此处不应有用户名或密码",
        ),
        F::RedirectHost => (
            "it must be on the launch domain (授权发起页域名), the very same host",
            "必须与授权发起页域名使用同一主机",
        ),
        F::BizAppidMalformed => (
            "an appid is wx and 16 hexadecimal digits",
            "appid 为 wx 加 16 位十六进制数字",
        ),
        F::BizAppidIsUserName => (
            "give the appid (wx…), not the original id (gh_…)",
            "请给出 appid（wx…），而不是原始 ID（gh_…）",
        ),
        F::BizAppidWins => (
            "only this account can authorize, whatever auth_type says",
            "无论 auth_type 为何，只有该账号可以授权",
        ),
        F::CategoryComma => (
            "ids are joined by `|` (%7C), not by commas",
            "id 之间用 `|`（%7C）连接，不用逗号",
        ),
        F::CategoryMalformed => ("permission sets are numbers", "权限集应为数字"),
        F::CategoryUnencoded => (
            "write `|` as %7C: some programs cut a link off there",
            "`|` 应写成 %7C：有些程序会在此处截断链接",
        ),
        F::CategoryUnknown => ("the catalogue does not know this set", "目录中没有该权限集"),
        F::CategoryFitsNothing => (
            "no kind of account offered can hold any of these sets",
            "可授权的账号类型都不适用这些权限集",
        ),
        F::FragmentMissing => (
            "an H5 link ends in #wechat_redirect; without it WeChat may show a blank page",
            "H5 链接以 #wechat_redirect 结尾；缺少时微信可能显示空白页",
        ),
        F::FragmentWrong => (
            "an H5 link ends in #wechat_redirect",
            "H5 链接以 #wechat_redirect 结尾",
        ),
        F::FragmentNotLast => (
            "what stands behind the fragment never reaches WeChat",
            "片段之后的内容不会传给微信",
        ),
        F::TrailingCharacters => (
            "something was copied along with the link",
            "复制链接时带上了多余的内容",
        ),
        F::FragmentNotNeeded => ("a PC link has no fragment", "PC 版链接没有片段"),
    }
}
