//! What is wrong with single values of settings, in Chinese.
//!
//! The settings say it in constants of their own; a test finds those that are not here.

use crate::lang::Text;
use crate::sys::redis;

/// What is wrong with an address, as the rest of a sentence, in both languages.
#[must_use]
pub fn address_reason(english: &'static str) -> Text {
    Text::new(english, reason(english))
}

/// What is wrong with a value; what the reader of the file said stays as it is.
pub(super) fn reason(english: &str) -> &str {
    match english {
        "is no platform appid" => "不是第三方平台的 appid",
        "is no original id" => "不是原始 ID",
        "is empty" => "为空",
        "is empty or has white space in it" => "为空或含有空白字符",
        "is no EncodingAESKey" => "不是 EncodingAESKey",
        "is not an encryption key" => "不是加密密钥",
        "contains something that is not an encryption key" => "含有不是加密密钥的内容",
        "has a query or a fragment" => "带有查询参数或片段",
        "has a fragment" => "带有片段",
        "is no URL" => "不是 URL",
        "has a user name or a password in it" => "含有用户名或密码",
        "has plain http and is not on this machine" => "使用明文 http 且不在本机",
        "is no web address" => "不是网址",
        "is no host name" => "不是主机名",
        "names nobody who mints" => "没有说明由谁签发",
        "names no store" => "不是存储",
        "names no file" => "没有指明文件",
        "starts with `~`" => "以 `~` 开头",
        "names no SDK whose keys are known" => "不是已知其键的 SDK",
        "has control characters in it" => "含有控制字符",
        "has no `://`" => "缺少 `://`",
        "is of an unknown scheme" => "协议未知",
        "names several hosts without `?sentinel=NAME` or `?cluster`" => {
            "有多台主机，却没有 `?sentinel=NAME` 或 `?cluster`"
        }
        "names a database of a cluster, which has none but 0" => {
            "为集群指定了数据库，而集群只有 0 号库"
        }
        "names no absolute path of a socket" => "没有给出套接字的绝对路径",
        "names a socket where several hosts are needed" => "需要多台主机，却给出了套接字",
        "has a parameter that is not known" => "含有未知的参数",
        "names a certificate or a key, but not both" => "证书与私钥只给出了其中之一",
        "names certificates without `rediss://`" => "指定了证书，却不是 `rediss://`",
        "names no host" => "没有主机",
        "has a port that is no number up to 65535" => "端口不是 65535 以内的数字",
        "has a database that is no number" => "数据库不是数字",
        "has a `%` that is not followed by two digits" => "`%` 后面不是两位十六进制数字",
        "is not UTF-8" => "不是 UTF-8",
        "holds a password, which this file is not for" => "含有密码，而此文件不应存放密码",
        "has too many entries" => "条目过多",
        "is no text" => "不是文本",
        "is neither true nor false" => "既不是 true 也不是 false",
        "is no list of texts" => "不是文本列表",
        "is no list of numbers" => "不是数字列表",
        "is no command" => "不是命令",
        "is no version" => "不是版本号",
        "is no table" => "不是表",
        "has an unknown kind of account" => "含有未知的账号类型",
        "has something else than a list of numbers" => "含有数字列表以外的内容",
        "holds something else than tables" => "含有表以外的内容",
        "the file is not in UTF-8" => "文件不是 UTF-8 编码",
        other => other,
    }
}

/// What a value should have been.
pub(super) fn expected(english: &'static str) -> &'static str {
    match english {
        "wx and 16 hexadecimal digits" => " wx 加 16 位十六进制数字",
        "gh_ and 12 characters" => " gh_ 加 12 个字符",
        "a password" => "密码",
        "the value as WeChat shows it" => "微信所示的原值",
        "the message verification Token (消息校验Token) of the console" => {
            "控制台中的消息校验Token"
        }
        "43 letters and digits" => " 43 个字母和数字",
        "32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` makes them" => {
            " 32 个随机字节的 base64 或十六进制文本，可用 `openssl rand -base64 32` 生成"
        }
        "https://HOST, or http:// for a loopback host" => " https://HOST，本机地址可用 http://",
        "https://HOST/…, or http:// for a loopback host" => {
            " https://HOST/…，本机地址可用 http://"
        }
        "https://HOST/authorize, or http:// for a loopback host" => {
            " https://HOST/authorize，本机地址可用 http://"
        }
        "the host alone, such as www.example.com: no scheme, port or path" => {
            "主机名本身，如 www.example.com：不含协议、端口与路径"
        }
        "`wxauth`, `never` or `shared`" => " `wxauth`、`never` 或 `shared`",
        "`wxjava`, `easywechat6`, `easywechat5`, `silenceper`, `powerwechat`, `wechatpy` or `senparc`" => {
            " `wxjava`、`easywechat6`、`easywechat5`、`silenceper`、`powerwechat`、`wechatpy` 或 `senparc`"
        }
        "the prefix that `wxauth store detect` prints" => "`wxauth store detect` 给出的前缀",
        "the address without it; the password by `wxauth profile set layout_redis_password`" => {
            "不含密码的地址；密码用 `wxauth profile set layout_redis_password` 设置"
        }
        "`sqlite:PATH`, `memory`, or `redis://HOST[:PORT][/DATABASE]`" => {
            " `sqlite:PATH`、`memory` 或 `redis://HOST[:PORT][/DATABASE]`"
        }
        "the address without it; the password by `wxauth profile set store_password`" => {
            "不含密码的地址；密码用 `wxauth profile set store_password` 设置"
        }
        redis::EXPECTED => {
            " `redis://[USER@]HOST[:PORT][/DATABASE]`、`rediss://…`、`redis+unix:///PATH`；多台主机用逗号隔开，后接 `?sentinel=NAME` 或 `?cluster`"
        }
        "a path" => "路径",
        "the path written out" => "完整写出的路径",
        "at most 10 accounts" => "最多 10 个账号",
        "a text in quotes" => "引号中的文本",
        "true or false" => " true 或 false",
        "a program with its arguments, quotes closed" => "程序及其参数，引号须成对",
        "lists of numbers under official_account, mini_program, channels, store or other" => {
            " official_account、mini_program、channels、store 或 other 下的数字列表"
        }
        "ids of permission sets, separated by commas" => "以逗号分隔的权限集 id",
        "a profile's name" => "配置名称",
        "tables such as [profiles.main]" => "形如 [profiles.main] 的表",
        "1 to 64 letters, digits, `.`, `-` or `_`, starting with a letter or digit; not `sandbox`" => {
            " 1 至 64 个字母、数字、`.`、`-` 或 `_`，以字母或数字开头；不能是 `sandbox`"
        }
        other => other,
    }
}

/// What a value asks for that this version does not have.
pub(super) fn not_available(english: &'static str) -> &'static str {
    match english {
        "a backend's Redis" => "使用后端的 Redis",
        "a store in Redis" => "使用 Redis 存储",
        other => other,
    }
}
