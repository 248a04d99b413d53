"""`/docs`: the OpenAPI document in Swagger UI, from assets of our own, under the same strict policy as every page."""

from fastapi.responses import HTMLResponse

from services.chassis.permissions import Permission, allow
from services.chassis.web import routes

docs = routes(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>gridcase API</title>
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-openapi="/openapi.json"></div>
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</body>
</html>
"""


@docs.get("/docs", dependencies=[allow(Permission.PUBLIC)])
async def read_docs() -> HTMLResponse:
    """The contract, to read and to try."""
    return HTMLResponse(PAGE)
