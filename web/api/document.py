"""The OpenAPI document of the API."""

from flask import current_app, jsonify
from werkzeug.wrappers import Response

from web.api.schema import API
from web.security import action


@API.get("/openapi.json", doc_ui=False)
@action("public.read")
def document() -> Response:
    return jsonify(current_app.api_doc)  # the application is an OpenAPI one
