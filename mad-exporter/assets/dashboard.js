// Keeps the page fresh and lets people act.
//
// Whatever is said about checks is rendered and escaped by the server; here it is fetched again and what differs is
// put in place. Texts that come in another way are set as text, never as markup.
"use strict";

const REFRESH_EVERY = 5000;
const prefix = document.body.dataset.prefix;
const element = (id) => document.getElementById(id);

/** The token: in this page's memory, and nowhere else. */
let token = "";

/** How far this machine's clock is ahead of the server's, in milliseconds. */
let ahead = 0;

// ---- Asking the server -------------------------------------------------------------------------------------

function ask(address, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(address, { cache: "no-store", credentials: "omit", ...options, headers });
}

/** Asks for something that acts; says what is wrong if it is refused. */
async function act(method, address, body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  try {
    const response = await ask(address, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    // A run of self-tests that has failed is an answer, and not a refusal.
    if (response.ok || answer.results) return answer;
    say(answer.detail ?? `The server answers ${response.status}.`);
  } catch {
    say("The server does not answer.");
  }
  return null;
}

function say(text) {
  const message = element("message");
  message.textContent = text;
  message.hidden = !text;
  if (text) message.scrollIntoView({ block: "nearest" });
}

// ---- Keeping the page fresh ---------------------------------------------------------------------------------

async function refresh() {
  const response = await ask(location.pathname, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = fresh.title;
  for (const part of ["head", "main"]) morph(element(part), fresh.getElementById(part));
  dress();
}

/** Makes an element what a fresh one is, and keeps what people have done to it: opened, focused, scrolled. */
function morph(old, fresh) {
  if (old.dataset.local !== undefined) return;
  copyAttributes(old, fresh);
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const match = child.id ? known.get(child.id) : isAlike(next, child) ? next : undefined;
    if (match === undefined) {
      old.insertBefore(child, next);
      continue;
    }
    if (match === next) next = next.nextSibling;
    else old.insertBefore(match, next);
    if (match instanceof Element) morph(match, child);
    else if (match.data !== child.data) match.data = child.data;
  }
  while (next) {
    const last = next;
    next = next.nextSibling;
    last.remove();
  }
}

function isAlike(node, fresh) {
  return node !== null && !node.id && node.nodeType === fresh.nodeType && node.nodeName === fresh.nodeName;
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** Does to fresh markup what only a script can: ages, and what is there for whom. */
function dress() {
  const takenAt = document.querySelector("#head time");
  ahead = Date.now() - Date.parse(takenAt.dateTime);
  showAges();
  element("sign-in").textContent = token ? "Sign out" : "Sign in";
  element("sign-in").hidden = !token && maySee();
  followRun();
}

const maySee = () => element("self-tests") !== null;

function showAges() {
  for (const time of document.querySelectorAll("main time")) {
    time.title ||= time.textContent;
    time.textContent = age(Date.now() - ahead - Date.parse(time.dateTime));
  }
}

function age(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, "s"];
  const text = `${Math.floor(seconds / size)} ${unit}`;
  return milliseconds < -999 ? `in ${text}` : `${text} ago`;
}

/** Refreshes soon, and once for all that happens until then. */
let due = 0;
function refreshSoon(wait = 150) {
  due ||= setTimeout(async () => {
    try {
      await refresh();
      showLive(true);
    } catch {
      showLive(false);
    }
    due = 0;
  }, wait);
}

function showLive(isLive) {
  const text = isLive ? "Live" : "The server does not answer: what is shown is old. Trying again.";
  if (element("live-state").textContent !== text) element("live-state").textContent = text;
}

// ---- Server-sent events ---------------------------------------------------------------------------------------

/** Yields what the server tells at an address until it ends. `EventSource` cannot send a token. */
async function* events(address, signal) {
  const response = await ask(address, { headers: { Accept: "text/event-stream" }, signal });
  if (!response.ok) return;
  let buffer = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += text;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block) {
  const field = (name) => {
    const lines = block.split("\n").filter((line) => line.startsWith(`${name}:`));
    return lines.map((line) => line.slice(name.length + 1).trimStart()).join("\n");
  };
  const data = field("data");
  return data ? { kind: field("event"), data: JSON.parse(data) } : null;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Refreshes whenever something has changed; who may not see what, finds it out a little later. */
async function followChanges() {
  for (;;) {
    try {
      if (maySee()) for await (const _ of events(`${prefix}events`)) refreshSoon();
    } catch {
      // The page is fetched again anyway, and this is asked again below.
    }
    await pause(REFRESH_EVERY);
  }
}

/** Shows the steps of the self-test that is running, as they come. */
let followed = "";
async function followRun() {
  const id = element("live")?.dataset.run;
  if (!id || id === followed) return;
  followed = id;
  try {
    for await (const event of events(`${prefix}selftest/runs/${id}/events`)) showProgress(event);
  } catch {
    // The page is fetched again anyway.
  }
  refreshSoon(0);
}

/** Shows a thing that happened in the run. */
function showProgress({ kind, data }) {
  const list = element("live");
  if (kind === "test_started") list?.replaceChildren();
  if (kind === "step_began") addLine(list, data.inside, data.name, "open").dataset.step = data.step;
  if (kind === "observed") addLine(list, null, `${data.observation.name}: ${data.observation.value}`, "");
  if (kind === "noted") addLine(list, null, data.note.text, "");
  if (kind === "step_finished") {
    const line = list?.querySelector(`[data-step="${data.step}"]`);
    line?.classList.replace("open", "done");
  }
  if (kind === "test_finished" || kind === "left_out") refreshSoon();
}

/** Adds a line to the list, or to the step that it is inside of. */
function addLine(list, inside, text, state) {
  const line = document.createElement("li");
  line.className = state;
  line.textContent = text;
  const outer = inside === null ? null : list?.querySelector(`[data-step="${inside}"]`);
  if (outer && !outer.querySelector("ol")) outer.append(document.createElement("ol"));
  (outer?.querySelector("ol") ?? list)?.append(line);
  return line;
}

// ---- What people do ------------------------------------------------------------------------------------------

/** Opens a dialog and says whether it was agreed to. */
function agreed(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
  });
}

/** Asks whether to go on; with a name, that has to be typed. */
async function confirmed(title, text, name = "") {
  element("confirm-title").textContent = title;
  element("confirm-text").textContent = text;
  element("confirm-label").hidden = !name;
  const input = element("confirm-name");
  input.value = "";
  const check = () => { element("confirm-ok").disabled = input.value !== name; };
  input.oninput = check;
  check();
  return agreed(element("confirm-dialog"));
}

const selfTest = (name) => `${prefix}selftest/${name.split("/").map(encodeURIComponent).join("/")}`;
const maintenance = (name) => `${prefix}maintenance${name ? `/${name.split("/").map(encodeURIComponent).join("/")}` : ""}`;

const acts = {
  async run({ name, effects, destructive }) {
    const what = `It is marked as destructive: it may harm data of this service. Type ${name} to run it.`;
    if (destructive !== undefined && !(await confirmed(`Run ${name}?`, what, name))) return;
    await showRun(await act("POST", selfTest(name), { effects, wait: "0s" }));
  },
  "run-all": async () => showRun(await act("POST", `${prefix}selftest`, { wait: "0s" })),
  cancel: ({ name }) => act("DELETE", `${prefix}selftest/runs/${name}`),
  async drain() {
    const what = "Readiness fails until it is resumed, so that load balancers send nothing more. Liveness stays.";
    if (await confirmed("Drain this instance?", what)) await act("POST", `${prefix}drain`);
  },
  resume: () => act("POST", `${prefix}resume`),
  async maintenance({ name }) {
    const whose = name ? `${name} goes` : "All checks go";
    element("maintenance-text").textContent = `${whose} on and gate no probe until the time is over.`;
    if (!(await agreed(element("maintenance-dialog")))) return;
    const body = { reason: element("maintenance-reason").value, for: element("maintenance-for").value };
    await act("PUT", maintenance(name), body);
  },
  "end-maintenance": ({ name }) => act("DELETE", maintenance(name)),
  async download({ address, format }) {
    const response = await ask(`${address}?format=${format}`);
    if (!response.ok) return say(`The server answers ${response.status}.`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    const ending = { json: "json", junit: "xml", tap: "tap" }[format];
    link.download = `selftest-${address.split("/").pop()}.${ending}`;
    link.click();
    URL.revokeObjectURL(link.href);
  },
};

/** Opens a run of self-tests that was started here. */
async function showRun(run) {
  if (!run) return;
  await refresh();
  const details = element(`run-details-${run.id}`);
  details?.setAttribute("open", "");
  details?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", async (click) => {
  const button = click.target.closest("button[data-act]");
  if (!button) return;
  say("");
  button.disabled = true;
  await acts[button.dataset.act](button.dataset);
  button.disabled = false;
  refreshSoon(0);
});

/** A link to a check opens it. */
function openTarget() {
  const target = element(decodeURIComponent(location.hash.slice(1)));
  target?.querySelector("details")?.setAttribute("open", "");
}

element("sign-in").addEventListener("click", async () => {
  if (token) {
    token = "";
  } else {
    const agrees = await agreed(element("sign-in-dialog"));
    token = agrees ? element("token").value.trim() : "";
    element("token").value = "";
  }
  say("");
  await refresh();
  if (token && !maySee()) {
    token = "";
    dress();
    say("This token is not the right one.");
  }
});

window.addEventListener("hashchange", openTarget);
document.addEventListener("visibilitychange", () => document.hidden || refreshSoon(0));
setInterval(showAges, 1000);
setInterval(() => document.hidden || refreshSoon(), REFRESH_EVERY);

document.documentElement.classList.add("scripted");
element("bar").hidden = false;
dress();
openTarget();
showLive(true);
followChanges();
