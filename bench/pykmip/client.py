"""Calls PyKMIP's server with PyKMIP's own client, each caller one call after the other: a line of JSON in is an order, a line out its result."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

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

def work(kind, kept, calls):
    if kept:
        with connect() as client:
            for _ in range(calls):
                call(client, kind, known_key)
    else:
        for _ in range(calls):
            with connect() as client:
                call(client, kind, known_key)


for line in sys.stdin:
    order = json.loads(line)
    callers = order["callers"]
    each = order["calls"] // callers
    began = time.monotonic()
    with ThreadPoolExecutor(callers) as pool:
        done = [pool.submit(work, order["kind"], order["kept"], each) for _ in range(callers)]
    for future in done:
        future.result()
    print(json.dumps({"seconds": time.monotonic() - began}), flush=True)
