"""The pages."""

from services.chassis.web import routes

pages = routes(include_in_schema=False)
