"""PyPI's Flask-JWT-Extended as it comes, with its tokens in cookies and its protection against CSRF."""

import json
import sys
import time
from datetime import timedelta
from typing import Any

import flask_jwt_extended as jwt
from counting import USERS, Counting, serve
from flask import Flask, Response, jsonify, request

options = {"life": 600, **json.loads(sys.argv[1])}
app = Flask(__name__)
app.config.update(
    JWT_ACCESS_TOKEN_EXPIRES=timedelta(seconds=options["life"]),
    JWT_COOKIE_CSRF_PROTECT=True,
    JWT_REFRESH_TOKEN_EXPIRES=timedelta(hours=1),
    JWT_SECRET_KEY="of no secret, but of a length that is long enough",
    JWT_TOKEN_LOCATION=["cookies"],
)
manager = jwt.JWTManager(app)
ages = {"access": 0, "refresh": 0}  # tokens of an earlier age are refused
used: set[str] = set()


@manager.additional_claims_loader
def stamp(_: str) -> dict[str, Any]:
    return {"ages": dict(ages)}


@manager.token_in_blocklist_loader
def is_refused(_: dict[str, Any], claims: dict[str, Any]) -> bool:
    kind = claims["type"]
    return claims["jti"] in used or claims["ages"][kind] < ages[kind]


def with_cookies(name: str) -> Response:
    answer = jsonify(user=name)
    jwt.set_access_cookies(answer, jwt.create_access_token(name))
    jwt.set_refresh_cookies(answer, jwt.create_refresh_token(name))
    return answer


@app.post("/login")
def login() -> Response | tuple[Response, int]:
    content = request.get_json()
    if USERS.get(content["username"]) != content["password"]:
        return jsonify(msg="Bad username or password"), 401
    return with_cookies(content["username"])


@app.post("/token/refresh")
@jwt.jwt_required(refresh=True)
def refresh() -> Response:
    used.add(jwt.get_jwt()["jti"])
    return with_cookies(jwt.get_jwt_identity())


@app.post("/token/remove")
@jwt.jwt_required(refresh=True)
def remove() -> Response:
    used.add(jwt.get_jwt()["jti"])
    answer = jsonify(logout=True)
    jwt.unset_jwt_cookies(answer)
    return answer


@app.route("/people", methods=["GET", "POST"])
def people() -> Response:
    try:
        jwt.verify_jwt_in_request()
    finally:
        time.sleep(float(request.args.get("delay", 0)))
    return jsonify({"for": jwt.get_jwt_identity(), "people": ["Ada", "Grace"]})


def older(kind: str) -> None:
    ages[kind] += 1


def set_life(seconds: str) -> None:
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(seconds=float(seconds))


serve(
    Counting(
        app,
        {"/login": "login", "/token/refresh": "refresh", "/token/remove": "revoke", "/people": "api"},
        {"life": set_life, "expire": lambda: older("access"), "end": lambda: older("refresh")},
    )
)
