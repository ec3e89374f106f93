// Shows a GLB in <model-viewer> in a headless Chromium and writes a screenshot of each view:
// node look.mjs MODULES CHROMIUM FILE.glb FOLDER
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const [modules, chromium, file, folder] = process.argv.slice(2);
const puppeteer = createRequire(`${modules}/`)("puppeteer-core");
const page = `<!doctype html><link rel="icon" href="data:,"><body style="margin:0;background:#fff">
<script type="module" src="/model-viewer.js"></script>
<model-viewer style="width:400px;height:400px" shadow-intensity="0" interaction-prompt="none"></model-viewer>`;
const content = {
  "/": ["text/html", page],
  "/model-viewer.js": ["text/javascript", readFileSync(`${modules}/@google/model-viewer/dist/model-viewer.min.js`)],
  "/model.glb": ["model/gltf-binary", readFileSync(file)],
};
const server = createServer((request, response) => {
  const [type, body] = content[request.url] ?? ["text/plain", "not here"];
  response.writeHead(request.url in content ? 200 : 404, { "Content-Type": type });
  response.end(body);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 400, height: 400 });
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  const variants = await tab.evaluate(async () => {
    const viewer = document.querySelector("model-viewer");
    await customElements.whenDefined("model-viewer");
    await new Promise((loaded, failed) => {
      viewer.addEventListener("load", loaded, { once: true });
      viewer.addEventListener("error", (event) => failed(new Error(JSON.stringify(event.detail))), { once: true });
      viewer.src = "/model.glb";
    });
    return viewer.availableVariants;
  });
  const views = [["front", "0deg 90deg auto", variants[0]], ["back", "180deg 90deg auto", variants[0]]];
  views.push(...variants.map((variant) => [`variant ${variant}`, "0deg 90deg auto", variant]));
  for (const [name, orbit, variant] of views) {
    await tab.evaluate(async (orbit, variant) => {
      const viewer = document.querySelector("model-viewer");
      viewer.variantName = variant ?? null;
      viewer.cameraOrbit = orbit;
      viewer.jumpCameraToGoal();
      await viewer.updateComplete;
      // Two frames: one draws what was asked for, the next one shows it.
      for (let frame = 0; frame < 4; frame++) await new Promise((drawn) => requestAnimationFrame(drawn));
    }, orbit, variant);
    await tab.screenshot({ path: `${folder}/${name}.png` });
  }
  console.log(JSON.stringify({ variants, views: views.map(([name]) => name) }));
} finally {
  await browser.close();
  server.close();
}
