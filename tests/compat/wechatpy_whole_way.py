"""A platform run with wechatpy goes the whole way at the sandbox.

Reads the sandbox's own description on stdin, prints what it met as one JSON document.
"""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from wechatpy.client import WeChatComponentClient
from wechatpy.component import WeChatComponent
from wechatpy.exceptions import WeChatClientException


def main():
    card = json.load(sys.stdin)
    WeChatComponent.API_BASE_URL = card["url"] + "/cgi-bin"
    WeChatComponentClient.API_BASE_URL = card["url"] + "/cgi-bin/"

    def control(verb, body):
        answer = requests.post(card["control_url"] + "/" + verb, json=body)
        answer.raise_for_status()
        return answer.json()

    platform = WeChatComponent(
        card["component_appid"],
        card["component_appsecret"],
        card["token"],
        card["encoding_aes_key"],
    )
    platform.session.set("component_verify_ticket", card["component_verify_ticket"])
    met = {"steps": []}

    def step(name):
        met["steps"].append(name)

    minted = platform.fetch_access_token()
    assert minted["component_access_token"], minted
    assert minted["expires_in"] == 7200, minted
    step("component token")

    code = platform.create_preauthcode()
    assert code["pre_auth_code"].startswith("preauthcode@@@"), code
    step("pre-auth code")

    link = platform.get_pre_auth_url_m(card["redirect_uri"])
    assert parse_qs(urlsplit(link).query)["pre_auth_code"][0] != code["pre_auth_code"]
    accounts = requests.get(
        card["control_url"] + "/accounts?kind=official_account&authorized=false"
    ).json()
    appid = accounts[0]["appid"]
    confirmed = control("authorize", {"appid": appid, "link": link})
    met["appid"] = appid
    step("authorize")

    listed_before = platform.get_authorizer_list()
    mine = [row for row in listed_before["list"] if row["authorizer_appid"] == appid]
    assert len(mine) == 1 and not mine[0].get("refresh_token"), mine

    granted = platform.query_auth(confirmed["auth_code"])["authorization_info"]
    assert granted["authorizer_appid"] == appid, granted
    assert granted["authorizer_access_token"], granted
    refresh_token = granted["authorizer_refresh_token"]
    sets = sorted(item["funcscope_category"]["id"] for item in granted["func_info"])
    assert sets == sorted(confirmed["granted"]), (sets, confirmed)
    step("query_auth")

    try:
        platform.query_auth(confirmed["auth_code"])
        raise AssertionError("a code works once")
    except WeChatClientException as refused:
        assert refused.errcode == 61009, refused

    renewed = platform.refresh_authorizer_token(appid, refresh_token)
    assert renewed["authorizer_access_token"] != granted["authorizer_access_token"]
    assert renewed["authorizer_refresh_token"] == refresh_token
    step("refresh")

    info = platform.get_authorizer_info(appid)
    assert info["authorizer_info"]["user_name"] == accounts[0]["user_name"], info
    assert info["authorizer_info"]["nick_name"] == accounts[0]["nick_name"], info
    assert info["authorization_info"]["authorizer_appid"] == appid, info
    step("info")

    listed = platform.get_authorizer_list(0, 500)
    assert listed["total_count"] == len(listed["list"]), listed
    mine = [row for row in listed["list"] if row["authorizer_appid"] == appid]
    assert mine[0]["refresh_token"] == refresh_token, mine
    step("list")

    option = platform.get_authorizer_option(appid, "voice_recognize")
    assert option["option_name"] == "voice_recognize", option
    other = "0" if option["option_value"] == "1" else "1"
    platform.set_authorizer_option(appid, "voice_recognize", other)
    option = platform.get_authorizer_option(appid, "voice_recognize")
    assert option["option_value"] == other, option
    step("options")

    # The merchant's own client: its token goes under the other name in the query.
    client = platform.get_client_by_appid(appid)
    addresses = client.misc.get_wechat_ips()
    assert addresses, addresses
    client.user.get_followers()
    step("business")

    # Two hours later wechatpy is told so by WeChat, and renews both tokens by itself.
    control("clock", {"offset": "2h"})
    client.user.get_followers()
    assert platform.get_authorizer_info(appid)["authorizer_info"]["nick_name"]
    step("renewal")

    json.dump(met, sys.stdout)


main()
