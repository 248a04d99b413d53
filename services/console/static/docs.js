// Starts Swagger UI on the page /docs. A file of its own, so that the page keeps a policy without inline scripts:
//   <div id="swagger-ui" data-openapi="/openapi.json"></div>
//   <script src="/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
//   <script src="/static/docs.js"></script>
"use strict";

const place = document.getElementById("swagger-ui");

window.SwaggerUIBundle({
  url: place.dataset.openapi,
  domNode: place,
  layout: "BaseLayout",
  presets: [window.SwaggerUIBundle.presets.apis],
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
