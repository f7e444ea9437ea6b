"""An OpenID Connect provider for tests: discovery, authorization, token, keys and userinfo, on this machine alone."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "portal", "only-for-tests"


class IdentityProvider:
    """Signs in whoever `person` says: {"sub": …, "email": …, "email_verified": …}."""

    def __init__(self):
        self.person, self.nonces, self.requests = {}, {}, []
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def discovery(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]}

    def token(self, form):
        if form.get("client_id") != [CLIENT_ID] or form.get("client_secret") != [CLIENT_SECRET] or form.get("code") != ["a-code"]:
            return None
        now = int(time.time())
        claims = self.person | {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "one"})
        return {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def _handler(provider):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                address = urlsplit(self.path)
                provider.requests.append(address.path)
                if address.path == "/authorize":
                    asked = parse_qs(address.query)
                    answer = urlencode({"code": "a-code", "state": asked["state"][0]})
                    self.send_response(302)
                    self.send_header("Location", f"{asked['redirect_uri'][0]}?{answer}")
                    self.end_headers()
                    return
                pages = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
                if address.path == "/userinfo" and self.headers["Authorization"] == "Bearer an-access-token":
                    return self.answer(provider.person)
                self.answer(pages[address.path]() if address.path in pages else None)

            def do_POST(self):
                provider.requests.append(self.path)
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                basic = self.headers.get("Authorization", "").removeprefix("Basic ")
                if basic:
                    name, secret = base64.b64decode(basic).decode().split(":")
                    form |= {"client_id": [name], "client_secret": [secret]}
                self.answer(provider.token(form))

            def answer(self, body):
                content = json.dumps(body or {"error": "invalid_request"}).encode()
                self.send_response(200 if body else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        return Handler
