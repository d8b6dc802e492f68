"""A platform on wechatpy hears the sandbox: a ticket, and a merchant that comes and goes.

Reads the sandbox's own description on stdin, prints what it heard as one JSON document.
"""

import json
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from wechatpy.component import WeChatComponent

PATIENCE = 20


def main():
    card = json.load(sys.stdin)
    WeChatComponent.API_BASE_URL = card["url"] + "/cgi-bin"
    platform = WeChatComponent(
        card["component_appid"],
        card["component_appsecret"],
        card["token"],
        card["encoding_aes_key"],
    )
    heard = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            query = parse_qs(urlsplit(self.path).query)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = platform.parse_message(
                body, query["msg_signature"][0], query["timestamp"][0], query["nonce"][0]
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")
            # Only now: the script may end as soon as it has heard, and an answer that is not out by
            # then never comes.
            heard.put((message, query["encrypt_type"][0]))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = []

    def control(verb, body):
        answer = requests.post(card["control_url"] + "/" + verb, json=body)
        answer.raise_for_status()
        return answer.json()

    def hear():
        message, encrypt_type = heard.get(timeout=PATIENCE)
        told.append({"type": message.type, "appid": message.appid, "encrypt_type": encrypt_type})
        return message

    port = server.server_address[1]
    control("platform", {"events_url": "http://127.0.0.1:%d/events" % port})
    hear()
    # wechatpy keeps a ticket that it reads; with this one it mints.
    ticket = platform.component_verify_ticket
    ticket = ticket.decode() if isinstance(ticket, bytes) else ticket
    pre_auth_code = platform.create_preauthcode()["pre_auth_code"]
    strangers = requests.get(
        card["control_url"] + "/accounts?authorized=false&kind=mini_program&count=1"
    ).json()
    appid = strangers[0]["appid"]
    control("authorize", {"appid": appid, "pre_auth_code": pre_auth_code})
    # wechatpy exchanges the code of the event as it reads it.
    authorized = hear()
    told[-1]["query_auth"] = authorized.query_auth_result["authorization_info"]["authorizer_appid"]
    told[-1]["pre_auth_code"] = authorized.pre_auth_code == pre_auth_code
    control("revoke", {"appid": appid})
    told_of = hear()
    told[-1]["authorizer_appid"] = told_of.authorizer_appid
    json.dump({"appid": appid, "ticket": ticket, "told": told}, sys.stdout)


main()
