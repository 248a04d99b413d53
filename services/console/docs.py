"""`/docs`: the OpenAPI document in Swagger UI, from assets of our own, under the same strict policy as every page."""

from fastapi.responses import HTMLResponse

from services.chassis.permissions import Permission, allow
from services.chassis.web import routes

docs = routes(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<title>gridcase API</title>
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
<link rel="stylesheet" href="/static/docs.css">
</head>
<body>
<header class="docs">
<p><strong>gridcase</strong> <span lang="zh-CN">接口文档</span> / API</p>
<p><a href="/">← <span lang="zh-CN">诉求</span> / Petitions</a></p>
</header>
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
