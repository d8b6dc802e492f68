"""A backend on wechatpy that keeps its tokens in a Redis.

Reads the sandbox's own description, the socket and the database of the Redis on stdin. wechatpy
itself writes ticket and tokens there and, in a second life, reads what it finds; what it holds is
printed as JSON. With "read" nothing is minted: what another program wrote is read. With "go_on" it
works as it does every day, for the merchant of that appid, on whatever lies there.
"""

import json
import sys

import redis
import xmltodict
from wechatpy.client import WeChatComponentClient
from wechatpy.component import WeChatComponent
from wechatpy.crypto import WeChatCrypto
from wechatpy.session.redisstorage import RedisStorage

PUSH = """<xml><AppId>{}</AppId><CreateTime>1713424427</CreateTime>
<InfoType>component_verify_ticket</InfoType>
<ComponentVerifyTicket>{}</ComponentVerifyTicket></xml>"""
ENVELOPE = "<xml><AppId>{}</AppId><Encrypt>{}</Encrypt></xml>"


def main():
    given = json.load(sys.stdin)
    WeChatComponent.API_BASE_URL = given["url"] + "/cgi-bin"
    WeChatComponentClient.API_BASE_URL = given["url"] + "/cgi-bin/"
    client = redis.Redis(unix_socket_path=given["socket"], db=given["database"])
    platform = WeChatComponent(
        given["component_appid"],
        given["component_appsecret"],
        given["token"],
        given["encoding_aes_key"],
        session=RedisStorage(client),
    )
    if given.get("read"):
        json.dump({"component_token": platform.access_token}, sys.stdout)
        return
    if given.get("go_on"):
        merchant_client = platform.get_client_by_appid(given["go_on"])
        found = {
            "ticket": platform.component_verify_ticket,
            "component_token": platform.access_token,
            "authorizer_token": merchant_client.access_token,
            "refresh_token": merchant_client.refresh_token,
            "addresses": merchant_client.misc.get_wechat_ips(),
        }
        json.dump(found, sys.stdout)
        return
    # It keeps the ticket of a push that it reads.
    push = PUSH.format(given["component_appid"], given["component_verify_ticket"])
    crypto = WeChatCrypto(given["token"], given["encoding_aes_key"], given["component_appid"])
    sealed = xmltodict.parse(crypto.encrypt_message(push, "415670741", "1713424427"))["xml"]
    platform.parse_message(
        ENVELOPE.format(given["component_appid"], sealed["Encrypt"]),
        sealed["MsgSignature"],
        sealed["TimeStamp"],
        sealed["Nonce"],
    )
    if given.get("ticket_only"):
        json.dump({}, sys.stdout)
        return
    token = platform.access_token
    merchant = platform.post(
        "/component/api_get_authorizer_list",
        data={"component_appid": given["component_appid"], "offset": 0, "count": 1},
    )["list"][0]
    appid = merchant["authorizer_appid"]
    platform.session.set(appid + "_refresh_token", merchant["refresh_token"])
    merchant_client = platform.get_client_by_appid(appid)
    found = {
        "component_token": token,
        "appid": appid,
        "authorizer_token": merchant_client.access_token,
    }
    json.dump(found, sys.stdout)


main()
