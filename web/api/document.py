"""The OpenAPI document of the API."""

from typing import cast

from flask import current_app, jsonify
from flask_openapi import OpenAPI
from werkzeug.wrappers import Response

from web.api.schema import API
from web.security import action


@API.get("/openapi.json", doc_ui=False)
@action("public.read")
def document() -> Response:
    return jsonify(cast(OpenAPI, current_app).api_doc)
