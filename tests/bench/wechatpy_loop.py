"""The same loop as `main.rs loop info`, on wechatpy: BASE COUNT; one call after another."""

import json
import sys
import urllib.request

from wechatpy.component import WeChatComponent

base, count = sys.argv[1], int(sys.argv[2])
card = json.load(urllib.request.urlopen(f"{base}/__sandbox/status"))
WeChatComponent.API_BASE_URL = f"{base}/cgi-bin"
component = WeChatComponent(
    card["component_appid"],
    card["component_appsecret"],
    card["token"],
    card["encoding_aes_key"],
)
component.session.set("component_verify_ticket", card["component_verify_ticket"])
rows = []
while len(rows) < count:
    page = component.get_authorizer_list(len(rows), min(500, count - len(rows)))["list"]
    if not page:
        break
    rows.extend(page)
for row in rows:
    component.get_authorizer_info(row["authorizer_appid"])
print(len(rows))
