"""What the account holds, over the APIs."""

import json


def middleware(app):
    def wrapped(environ, start_response):
        if environ.get("PATH_INFO") != "/_emulated/residue":
            return app(environ, start_response)
        import residue

        body = json.dumps(residue.everything(environ["QUERY_STRING"])).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return wrapped
