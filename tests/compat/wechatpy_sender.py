"""A sender of pushes built on wechatpy's crypto, in WeChat's envelopes.

Reads keys and pushes on stdin: where to, the envelope's element before `Encrypt` with its text, and
the text to seal. Sends one after the other; prints what each was answered.
"""

import json
import sys

import requests
import xmltodict
from wechatpy.crypto import WeChatCrypto

ENVELOPE = """<xml>
<{0}><![CDATA[{1}]]></{0}>
<Encrypt><![CDATA[{2}]]></Encrypt>
</xml>"""


def main():
    given = json.load(sys.stdin)
    crypto = WeChatCrypto(
        given["token"], given["encoding_aes_key"], given["component_appid"]
    )
    answers = []
    for push in given["pushes"]:
        sealed = crypto.encrypt_message(push["text"], "415670741", "1713424427")
        sealed = xmltodict.parse(sealed)["xml"]
        query = {
            "timestamp": sealed["TimeStamp"],
            "nonce": sealed["Nonce"],
            "encrypt_type": "aes",
            "msg_signature": sealed["MsgSignature"],
        }
        body = ENVELOPE.format(*push["envelope"], sealed["Encrypt"])
        answer = requests.post(
            push["to"], params=query, data=body, headers={"Content-Type": "text/xml"}
        )
        answers.append([answer.status_code, answer.text])
    json.dump(answers, sys.stdout)


main()
