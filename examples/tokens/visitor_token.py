"""A visitor token, in Python, with the standard library. Runs as: python3 visitor_token.py

With PyJWT it is one call: jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid}).
"""

import base64
import hashlib
import hmac
import json
import os
import time


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def visitor_token(user: dict) -> str:
    """A token for a visitor who is logged in; user["id"] never changes."""
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT", "kid": os.environ["ORIEL_SIGNING_KID"]}
    claims = {
        "aud": os.environ["ORIEL_SITE_KEY"],
        "sub": user["id"],
        "name": user["name"],
        "email": user["email"],
        "iat": now,
        "exp": now + 300,
    }
    signed = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    secret = os.environ["ORIEL_SIGNING_SECRET"].encode()
    return signed + "." + encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest())


if __name__ == "__main__":
    print(visitor_token({"id": "user-42", "name": "Ann Miller", "email": "ann@example.com"}))
