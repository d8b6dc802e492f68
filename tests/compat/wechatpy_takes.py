"""A receiver of events on wechatpy that calls nobody.

Reads its keys as one line of JSON on stdin and prints its port; when stdin ends it prints what it
took.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from wechatpy.component import WeChatComponent
from wechatpy.exceptions import InvalidSignatureException

FIELDS = (
    "type",
    "appid",
    "verify_ticket",
    "authorizer_appid",
    "authorization_code",
    "pre_auth_code",
)


def main():
    keys = json.loads(sys.stdin.readline())
    platform = WeChatComponent(
        keys["component_appid"], "no appsecret", keys["token"], keys["encoding_aes_key"]
    )
    # It exchanges a code as soon as it reads one; here nobody could.
    platform.query_auth = lambda code: None
    took = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            query = parse_qs(urlsplit(self.path).query)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                message = platform.parse_message(
                    body, query["msg_signature"][0], query["timestamp"][0], query["nonce"][0]
                )
            except InvalidSignatureException:
                self.send_response(403)
                self.end_headers()
                return
            took.append(
                {name: getattr(message, name) for name in FIELDS if hasattr(message, name)}
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    json.dump(took, sys.stdout)


main()
