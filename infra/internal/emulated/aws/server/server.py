"""An AWS account in one process: moto's server with its gaps mended.

Started by the Go package aws with
  EMULATED_FRONT     URL of the proxy before this server (what AWS_ENDPOINT_URL says)
  EMULATED_REGISTRY  host:port of the registry that ECR's repositories lie in
It prints "listening <port>" and ends when its standard input is closed, so that
it cannot outlive the test that started it.
"""

import os
import sys
import threading

os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")

import moto  # noqa: E402
from moto.core.config import default_user_config  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

import mends  # noqa: E402

MOTO = "5.2.1"


class Quiet(WSGIRequestHandler):
    """The proxy logs the requests already."""

    protocol_version = "HTTP/1.1"  # keep connections: the provider makes thousands of requests

    def log_request(self, *args):
        pass


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


def main():
    if moto.__version__ != MOTO:
        sys.exit(f"moto {moto.__version__} is installed in {sys.executable}, the mends are made for {MOTO}: pip install 'moto[server]=={MOTO}'")
    mends.apply(os.environ["EMULATED_FRONT"], os.environ["EMULATED_REGISTRY"])
    default_user_config["batch"] = {"use_docker": False}
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, mends.middleware(app), threaded=True, request_handler=Quiet)
    os.environ["MOTO_PORT"] = str(server.server_port)
    threading.Thread(target=end_with_parent, daemon=True).start()
    print("listening", server.server_port, flush=True)
    server.serve_forever()


main()
