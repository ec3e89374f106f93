// Opens a report in a headless Chromium, turns its garment, and writes a screenshot of each view:
// node look_at_report.mjs MODULES CHROMIUM REPORT.html FOLDER
import { createRequire } from "node:module";

const [modules, chromium, report, folder] = process.argv.slice(2);
const puppeteer = createRequire(`${modules}/`)("puppeteer-core");
const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
const said = [], asked = [];

async function opened(scripts) {
  const tab = await browser.newPage();
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));
  tab.on("request", (request) => { if (!/^(data|file):/.test(request.url())) asked.push(request.url()); });
  await tab.setJavaScriptEnabled(scripts);
  await tab.setViewport({ width: 375, height: 800 });
  await tab.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await tab.goto(`file://${report}`);
  return tab;
}

try {
  const plain = await opened(false);
  await (await plain.$(".stage")).screenshot({ path: `${folder}/still.png` });
  await plain.close();

  const tab = await opened(true);
  await tab.waitForSelector(".alive canvas");
  const stage = await tab.$(".stage");
  const shot = async (name) => {
    // Two frames: one draws what was asked for, the next one shows it.
    await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await stage.screenshot({ path: `${folder}/${name}.png` });
  };
  await stage.scrollIntoView();
  await shot("front");
  const box = await stage.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // 285 pixels are half a turn.
  await tab.mouse.move(x - 142, y);
  await tab.mouse.down();
  await tab.mouse.move(x + 143, y, { steps: 20 });
  await tab.mouse.up();
  await shot("turned");
  const buttons = await tab.$$(".choices button");
  const names = await Promise.all(buttons.map((button) => button.evaluate((each) => each.textContent)));
  await buttons.at(-1).click();
  await shot("other");
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
  console.log(JSON.stringify({ said, asked, names, wide }));
} finally {
  await browser.close();
}
