// SPDX-License-Identifier: Apache-2.0
// The page in a real browser: `node check.mjs BROWSER PAGE CASES COMITY PICTURES`. Every receipt of the cases goes through
// the page and through the command, and both must say the same; then languages, accessibility, and that nothing gets out.

import axe from "axe-core";
import { chromium } from "playwright-core";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [browserPath, pagePath, cases, comity, pictures] = process.argv.slice(2).map((path) => resolve(path));
const address = pathToFileURL(pagePath).href;
const list = JSON.parse(readFileSync(join(cases, "cases.json"), "utf8"));
const LANGUAGES = { en: "ltr", fr: "ltr", es: "ltr", ar: "rtl" };
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let passed = 0;
const faults = [];

function hold(what, found, expected) {
  if (JSON.stringify(found) === JSON.stringify(expected)) {
    passed += 1;
  } else {
    faults.push(`${what}\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`);
  }
}

const joined = (text) => text.split(/\s+/u).filter(Boolean).join(" ");

// A browser with nobody's history, and what it was heard to ask for and to complain of.
async function opened(options, work) {
  const profile = mkdtempSync(join(tmpdir(), "comity-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath,
    headless: true,
    args: FLAGS,
    viewport: { width: 900, height: 1100 },
    locale: "en-GB",
    ...options,
  });
  context.setDefaultTimeout(60_000);
  const heard = [];
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("request", (request) => request.url() === address || heard.push(`asks for ${request.url()}`));
    page.on("console", (message) => heard.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => heard.push(`error: ${error}`));
    await page.goto(address);
    await work(page, heard);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

async function choose(page, { name, document }) {
  await page.setInputFiles("#receipt", join(cases, `${name}.json`));
  await page.setInputFiles("#policy", join(cases, `${name}.policy`));
  await page.setInputFiles("#document", document ? join(cases, `${name}.document`) : []);
}

async function check(page, one) {
  await choose(page, one);
  await page.click("button");
  // The verdict before is taken away when the button is pressed.
  await page.waitForSelector(".verdict, #status.not");
  return page.evaluate(() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? null;
    const all = (selector) => [...document.querySelectorAll(selector)].map((found) => found.textContent);
    return {
      head: text(".verdict strong"),
      file: text(".verdict .file"),
      detail: text(".exact bdi"),
      said: all("#status li"),
      cells: all("#shown th, #shown td"),
      aside: all("#shown .aside"),
      title: document.title,
    };
  });
}

// What the command says, with its exit status.
function commanded({ name, document }) {
  const more = document ? ["--document", `${name}.document`] : [];
  const run = spawnSync(comity, ["receipt", "verify", `${name}.json`, "--policy", `${name}.policy`, ...more], { cwd: cases });
  return { status: run.status, said: joined(`${run.stdout}${run.stderr}`) };
}

function asCommand(name, found) {
  if (found.head === "This is no receipt") return { status: 3, said: joined(`error: \`${name}.json\`: ${found.detail}`) };
  if (found.head === "The policy cannot be read") return { status: 3, said: joined(`error: \`${name}.policy\`: ${found.detail}`) };
  const head = `${found.head}: ${found.file}${found.detail === null ? "" : `: ${found.detail}`}`;
  const said = joined([head, ...found.said, ...found.cells, ...found.aside].join(" "));
  return { status: found.head === "It holds" ? 0 : 10, said };
}

async function accessible(page, where) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  const violations = found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" ")}`);
  hold(`${where}: accessibility`, violations, []);
  hold(`${where}: rules of accessibility that were looked at`, found.passes.length > 10, true);
}

const narrow = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
const known = (name) => list.find((one) => one.name === name);

await opened({}, async (page, heard) => {
  const title = await page.title();
  for (const one of list) {
    const found = await check(page, one);
    hold(`${one.name}: the page against the command`, asCommand(one.name, found), commanded(one));
    hold(`${one.name}: the title`, found.title, title);
  }
  // What stands there is always of the files that are chosen.
  await check(page, known("whole"));
  await page.setInputFiles("#receipt", join(cases, "value-changed.json"));
  hold("after another file was chosen", await page.textContent("#status"), "");
  // Without a file it says what is missing, and goes there.
  await page.setInputFiles("#receipt", []);
  await page.click("button");
  hold("without a receipt", await page.textContent("#status"), "Choose the receipt first.");
  hold("without a receipt: focus", await page.evaluate(() => document.activeElement.id), "receipt");
  hold("without a receipt: state", await page.getAttribute("#receipt", "aria-invalid"), "true");
  await accessible(page, "without a receipt");
  hold("quiet so far", heard, []);
});

// With nothing but the keys.
await opened({}, async (page) => {
  await choose(page, known("document-by-digest"));
  await page.focus("#language");
  const order = [];
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press("Tab");
    order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
  }
  hold("order of the keys", order, ["receipt", "policy", "document", "BUTTON"]);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".verdict");
  hold("the status, as it is read out", (await page.getByRole("status").textContent()).includes("It holds: document-by-digest.json"), true);
});

for (const [code, direction] of Object.entries(LANGUAGES)) {
  const dark = code === "ar" || code === "fr";
  await opened({ locale: code, colorScheme: dark ? "dark" : "light" }, async (page, heard) => {
    const root = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
    hold(`${code}: begun in the reader's language`, await root(), [code, direction]);
    await accessible(page, `${code}, empty`);
    const heads = [];
    for (const name of ["whole", "part", "value-changed", "unknown-log", "empty", "broken-policy", "hostile-texts"]) {
      heads.push((await check(page, known(name))).head);
      await accessible(page, `${code}, ${name}`);
      await page.screenshot({ path: join(pictures, `${code}-${name}.png`), fullPage: true });
    }
    hold(`${code}: heads of their own`, new Set(heads).size, 4);
    // The answer is said again when the language changes.
    await page.selectOption("#language", "en");
    await page.waitForSelector("text=It holds");
    hold(`${code}: changed to English`, await root(), ["en", "ltr"]);
    await page.selectOption("#language", code);
    await page.waitForSelector(`text=${heads[0]}`);
    // The smallest width that WCAG 2.2 asks for (1.4.10), with the longest words there are.
    await page.setViewportSize({ width: 320, height: 800 });
    await check(page, known("document-by-digest"));
    hold(`${code}: nothing is cut off at 320 pixels`, await narrow(page), true);
    await page.screenshot({ path: join(pictures, `${code}-narrow.png`), fullPage: true });
    hold(`${code}: quiet`, heard, []);
  });
}

await opened({ javaScriptEnabled: false }, async (page) => {
  hold("without scripts: the form", await page.isVisible("#form"), false);
  const text = await page.innerText("main");
  hold("without scripts: the command", text.includes("comity receipt verify RECEIPT --policy POLICY"), true);
  hold("without scripts: in Arabic too", await page.isVisible("p[lang=ar][dir=rtl]"), true);
  await page.screenshot({ path: join(pictures, "without-scripts.png"), fullPage: true });
});

// Whatever got into the page could not send anything, nor bring a script of its own.
await opened({}, async (page) => {
  const refused = await page.evaluate(async () => {
    const refused = [];
    document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
    const told = () => new Promise((done) => document.addEventListener("securitypolicyviolation", done, { once: true }));
    const tries = [
      () => fetch("https://example.org/").catch(() => {}),
      () => (document.body.appendChild(new Image()).src = "https://example.org/a.png"),
      () => document.body.appendChild(document.createElement("iframe")).setAttribute("src", "https://example.org/"),
      () => document.head.appendChild(document.createElement("style")).append("body { color: red }"),
    ];
    for (const attempt of tries) {
      const heard = told();
      attempt();
      await heard;
    }
    let typed = "taken";
    try {
      document.body.innerHTML = "<p>another page</p>";
    } catch {
      typed = "refused";
    }
    return [...refused.filter((directive) => !directive.startsWith("trusted") && !directive.startsWith("require")), typed];
  });
  hold("what gets in can do nothing", refused, ["connect-src", "img-src", "frame-src", "style-src-elem", "refused"]);
});

for (const fault of faults) console.error(`- ${fault}`);
console.log(`${passed} passed, ${faults.length} failed`);
process.exitCode = faults.length === 0 ? 0 : 1;
