"""PyKMIP's own server with a configuration file and a log file; a yardstick, no part of OpenKMA."""

import sys

from kmip.services.server import KmipServer

server = KmipServer(config_path=sys.argv[1], log_path=sys.argv[2])
with server:
    server.serve()
