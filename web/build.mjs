// Bundles the page: `npm ci && npm run build` in this folder. The result is committed, so users need no node.
import { build } from "esbuild";

await build({
  entryPoints: ["src/page.js"],
  outfile: "../streams/api/static/page.js",
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: ["es2020"],
  legalComments: "inline",
});
