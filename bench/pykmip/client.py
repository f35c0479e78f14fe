"""Calls PyKMIP's server one call after the other with PyKMIP's own client: a line of JSON in is an order, a line out its result."""

import json
import sys
import time

from kmip import enums
from kmip.pie.client import ProxyKmipClient

port, key, cert, ca = sys.argv[1:5]


def connect():
    return ProxyKmipClient(
        hostname="127.0.0.1",
        port=int(port),
        key=key,
        cert=cert,
        ca=ca,
        ssl_version="PROTOCOL_TLSv1_2",
        config_file="/dev/null",
    )


def call(client, kind, known):
    if kind == "create":
        return client.create(enums.CryptographicAlgorithm.AES, 256)
    return client.get(known)


with connect() as first:
    known_key = first.create(enums.CryptographicAlgorithm.AES, 256)
    protocol, cipher = first.proxy.socket.version(), first.proxy.socket.cipher()[0]
print(json.dumps({"protocol": protocol, "cipher": cipher}), flush=True)

for line in sys.stdin:
    order = json.loads(line)
    began = time.monotonic()
    if order["kept"]:
        with connect() as client:
            for _ in range(order["calls"]):
                call(client, order["kind"], known_key)
    else:
        for _ in range(order["calls"]):
            with connect() as client:
                call(client, order["kind"], known_key)
    print(json.dumps({"seconds": time.monotonic() - began}), flush=True)
