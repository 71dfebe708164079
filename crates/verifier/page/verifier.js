// SPDX-License-Identifier: Apache-2.0
// The script of the page: it hands the files to the program and draws the answer. It decides nothing about receipts,
// and every text goes in as text. `PROGRAM` and `WORDS` stand before it.

const at = (id) => document.getElementById(id);
const RIGHT_TO_LEFT = ["ar"];
const FIELDS = ["receipt", "policy", "document"];
let language = "en";
// The number of the newest check: an older one that ends later draws nothing.
let newest = 0;

function say(id) {
  return WORDS[id][language];
}

// --- The program. It is a filter of WASI preview 1, and what follows is all of an operating system that it needs.

class Exit extends Error {
  constructor(status) {
    super(`the program ended with status ${status}`);
    this.status = status;
  }
}

function system(input) {
  let memory = null;
  let taken = 0;
  const written = { 1: [], 2: [] };
  const BAD_FILE = 8;
  // The pieces of memory that a list of buffers names.
  const buffers = (list, count) => {
    const view = new DataView(memory.buffer);
    return Array.from({ length: count }, (_, place) => {
      const start = view.getUint32(list + 8 * place, true);
      return new Uint8Array(memory.buffer, start, view.getUint32(list + 8 * place + 4, true));
    });
  };
  const put = (place, number) => new DataView(memory.buffer).setUint32(place, number, true);
  const calls = {
    fd_read(file, list, count, total) {
      if (file !== 0) return BAD_FILE;
      const before = taken;
      for (const buffer of buffers(list, count)) {
        const part = input.subarray(taken, taken + buffer.length);
        buffer.set(part);
        taken += part.length;
      }
      put(total, taken - before);
      return 0;
    },
    fd_write(file, list, count, total) {
      if (!(file in written)) return BAD_FILE;
      let length = 0;
      for (const buffer of buffers(list, count)) {
        written[file].push(buffer.slice());
        length += buffer.length;
      }
      put(total, length);
      return 0;
    },
    // Chance is only used to spread keys in tables.
    random_get(place, length) {
      crypto.getRandomValues(new Uint8Array(memory.buffer, place, length));
      return 0;
    },
    environ_sizes_get(count, size) {
      put(count, 0);
      put(size, 0);
      return 0;
    },
    environ_get: () => 0,
    proc_exit(status) {
      throw new Exit(status);
    },
  };
  const text = async (file) => new Blob(written[file]).text();
  return { calls, text, use: (own) => (memory = own) };
}

let compiled = null;

async function run(input) {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(PROGRAM), (letter) => letter.charCodeAt(0)));
  const around = system(input);
  // Each question gets an instance of its own: nothing of one receipt is left when the next is looked at.
  const instance = await WebAssembly.instantiate(await compiled, { wasi_snapshot_preview1: around.calls });
  around.use(instance.exports.memory);
  try {
    instance.exports._start();
  } catch (end) {
    if (!(end instanceof Exit)) throw end;
    if (end.status !== 0) throw new Error(await around.text(2));
  }
  return JSON.parse(await around.text(1));
}

async function ask(files) {
  const bytes = await Promise.all(files.map((file) => file?.arrayBuffer() ?? null));
  const [receipt, policy, document] = bytes.map((part) => part?.byteLength ?? null);
  const head = `${JSON.stringify({ language, receipt, policy, document })}\n`;
  const question = new Blob([head, ...bytes.filter((part) => part !== null)]);
  return run(new Uint8Array(await question.arrayBuffer()));
}

// --- The page.

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What comes from a file may be in any script: set apart, it cannot turn the words around it.
function sentence(parts) {
  return parts.map(([text, given]) => (given ? element("bdi", {}, text) : text));
}

function clear() {
  newest += 1;
  at("status").replaceChildren();
  at("status").className = "";
  at("recorded").hidden = true;
  at("shown").replaceChildren();
  FIELDS.forEach((id) => at(id).removeAttribute("aria-invalid"));
}

function table({ heads, rows }) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map(([name, value]) =>
    element("tr", {}, element("th", { scope: "row" }, element("bdi", {}, name)), element("td", {}, element("bdi", {}, value))),
  );
  return element("table", { "aria-labelledby": "recorded-title" }, element("thead", {}, head), element("tbody", {}, ...body));
}

function draw(answer, file) {
  const status = at("status");
  status.className = answer.outcome === "holds" ? "holds" : "not";
  const mark = element("span", { "aria-hidden": "true" }, answer.outcome === "holds" ? "✓ " : "✗ ");
  const name = element("bdi", { class: "file" }, file);
  const drawn = [element("h2", { class: "verdict" }, mark, element("strong", {}, answer.head), say("colon"), name)];
  const said = answer.body.filter((piece) => piece.say).map((piece) => element("li", {}, ...sentence(piece.say)));
  if (said.length > 0) drawn.push(element("ul", {}, ...said));
  drawn.push(element("p", { class: "meaning" }, say(`meaning-${answer.outcome}`)));
  if (answer.detail !== null) {
    const exact = element("bdi", { lang: "en", dir: "ltr" }, answer.detail);
    drawn.push(element("p", { class: "exact" }, say("exact-reason"), " ", exact));
  }
  status.replaceChildren(...drawn);
  const shown = answer.body.flatMap((piece) => {
    if (piece.rows) return piece.rows.length > 0 ? [table(piece)] : [];
    return piece.aside ? [element("p", { class: "aside" }, ...sentence(piece.aside))] : [];
  });
  at("shown").replaceChildren(...shown);
  at("recorded").hidden = shown.length === 0;
}

async function check() {
  clear();
  const mine = newest;
  const files = FIELDS.map((id) => at(id).files[0] ?? null);
  const missing = FIELDS.find((id, place) => files[place] === null && at(id).getAttribute("aria-required"));
  if (missing) {
    at("status").replaceChildren(element("p", {}, say(`choose-${missing}`)));
    at(missing).setAttribute("aria-invalid", "true");
    at(missing).focus();
    return;
  }
  at("status").replaceChildren(element("p", {}, say("checking")));
  try {
    const answer = await ask(files);
    if (mine === newest) draw(answer, files[0].name);
  } catch (problem) {
    if (mine !== newest) return;
    at("status").className = "not";
    const exact = element("bdi", { lang: "en", dir: "ltr" }, String(problem));
    at("status").replaceChildren(
      element("p", {}, say("failed")),
      element("p", { class: "exact" }, say("exact-reason"), " ", exact),
    );
  }
}

function speak(code) {
  language = code;
  document.documentElement.lang = code;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(code) ? "rtl" : "ltr";
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
  // An answer in the language of before would be left standing.
  if (at("status").hasChildNodes()) check();
}

const LANGUAGES = Object.keys(WORDS["language-name"]);
const wanted = navigator.languages.map((tag) => tag.split("-")[0]).find((code) => LANGUAGES.includes(code)) ?? "en";
at("language").value = wanted;
at("language").addEventListener("change", (event) => speak(event.target.value));
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
// What is on the screen is always of the files that are chosen.
FIELDS.forEach((id) => at(id).addEventListener("change", clear));
speak(wanted);
at("top").hidden = false;
at("form").hidden = false;
