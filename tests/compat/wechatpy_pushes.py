"""wechatpy as a receiver and as a sender of pushes.

Reads keys, pushes, a reply and messages on stdin; prints what it read out of the pushes and the
reply, and the messages as it seals them.
"""

import json
import sys

from wechatpy.component import WeChatComponent
from wechatpy.crypto import WeChatCrypto


def main():
    given = json.load(sys.stdin)
    platform = WeChatComponent(
        given["component_appid"], "no appsecret", given["token"], given["encoding_aes_key"]
    )
    # It exchanges a code as soon as it reads one; here that call is only noted.
    exchanged = []
    platform.query_auth = exchanged.append
    read = []
    for push in given["pushes"]:
        message = platform.parse_message(
            push["body"], push["msg_signature"], push["timestamp"], push["nonce"]
        )
        fields = {"type": message.type, "appid": message.appid}
        for name in (
            "verify_ticket",
            "authorizer_appid",
            "authorization_code",
            "authorization_code_expired_time",
            "pre_auth_code",
        ):
            if hasattr(message, name):
                fields[name] = getattr(message, name)
        read.append(fields)

    crypto = WeChatCrypto(
        given["token"], given["encoding_aes_key"], given["component_appid"]
    )
    reply = given["reply"]
    reply_text = crypto.decrypt_message(
        reply["body"], reply["msg_signature"], reply["timestamp"], reply["nonce"]
    )
    sealed = [
        crypto.encrypt_message(message, "415670741", "1713424427")
        for message in given["messages"]
    ]
    answer = {
        "read": read,
        "exchanged": exchanged,
        "reply": reply_text,
        "sealed": sealed,
    }
    json.dump(answer, sys.stdout)


main()
