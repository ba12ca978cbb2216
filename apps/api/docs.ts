import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Router } from "express";
import helmet from "helmet";

const files = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
const served = ["swagger-ui.css", "index.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

/** `GET /openapi.json` and, at `/docs`, a page that shows it: everything comes from here, nothing from elsewhere. */
export function docsRoutes(document: Record<string, unknown>): Router {
  const router = Router();
  router.get("/openapi.json", (_request, response) => {
    response.json(document);
  });
  router.use("/docs", helmet.contentSecurityPolicy({ useDefaults: false, directives: page_csp }));
  router.get("/docs", (_request, response) => {
    response.type("html").send(page);
  });
  router.get("/docs/start.js", (_request, response) => {
    response.type("text/javascript").send(start);
  });
  for (const file of served)
    router.get(`/docs/${file}`, (_request, response) => response.sendFile(file, { root: files, maxAge: "1h" }));
  return router;
}

const page_csp = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Jukebase API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/index.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>The documentation as data: <a href="/openapi.json">openapi.json</a></noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });\n';
