// The page: a telephone for every live call, drawn afresh from the exchange's state whenever something happens.
// State is read, never guessed: an event only says that it is time to look again.

import { WORDS } from "./words.js";

const LOOK_AGAIN_MS = 120;
const REOPEN_MS = 1000;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SECONDS = new Set(["delay_seconds_max", "rest_delay_seconds"]);
const get = (id) => document.getElementById(id);
const phones = new Map(); // sid -> { card, find, call, said, spoken }
let language = localStorage.getItem("practice-language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
let words = WORDS[language];
let state = { calls: [], rooms: [], queues: [], numbers: [], callers: [], faults: {} };
let messages = [];
let lookAgain = 0;
let events = null;
const own = new Set(JSON.parse(sessionStorage.getItem("practice-own") ?? "[]")); // calls made or answered in this tab

async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(`/practice${path}`, options);
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok && answer.status !== 408) throw new Error(said?.detail ?? answer.statusText);
  return said;
}

async function act(work) {
  const trouble = get("trouble");
  trouble.hidden = true;
  try {
    await work();
  } catch (error) {
    trouble.textContent = typeof error.message === "string" ? error.message : String(error);
    trouble.hidden = false;
  }
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function keepOwn(sid) {
  own.add(sid);
  sessionStorage.setItem("practice-own", JSON.stringify([...own].slice(-50)));
}

function party(address) {
  return address.startsWith("client:") ? words.who.client : address;
}

function named(name) {
  const muted = name.endsWith(" (muted)");
  const bare = muted ? name.slice(0, -8) : name;
  return (words.names[bare] ?? bare) + (muted ? words.muted : "");
}

function heard({ kind, text }) {
  if (kind === "say") return `“${text}”`;
  if (kind === "play") return `♪ ${text}`;
  if (kind === "tones") return text;
  if (kind === "room") return words.hears.room(text.split(" with: ")[1].split(", ").map(named).join(words.join));
  if (kind === "talk") return text.startsWith("talking with ") ? words.hears.talk(party(text.slice(13))) : words.hears.joined;
  return words.hears[kind] ?? text;
}

function roleOf(call) {
  if (call.from.startsWith("client:") || call.to.startsWith("client:")) return "client";
  return call.direction === "inbound" ? "inbound" : "out";
}

function makePhone(sid) {
  const card = get("phone").content.cloneNode(true).firstElementChild;
  const find = (name) => card.querySelector(`.${name}`);
  const press = (key) => act(() => ask("POST", `/calls/${sid}/digits`, { digits: key, seconds: 1 }));
  for (const key of KEYS) {
    const button = element("button", key);
    button.type = "button";
    button.addEventListener("click", () => press(key));
    find("keys").append(button);
  }
  card.addEventListener("keydown", (event) => {
    if (event.target === card && KEYS.includes(event.key)) press(event.key);
  });
  const does = { hangup: "hangup", lose: "lose", answer: "answer" };
  for (const [name, path] of Object.entries(does)) {
    find(name).addEventListener("click", () => {
      if (name === "answer") keepOwn(sid);
      act(() => ask("POST", `/calls/${sid}/${path}`));
    });
  }
  const decline = (status) => act(() => ask("POST", `/calls/${sid}/decline`, { status }));
  find("busy").addEventListener("click", () => decline("busy"));
  find("noanswer").addEventListener("click", () => decline("no-answer"));
  find("dismiss").addEventListener("click", () => {
    phones.delete(sid);
    draw();
  });
  const phone = { card, find, said: "", spoken: "", isOpened: false };
  find("unfold").addEventListener("click", () => {
    phone.isOpened = !phone.isOpened;
    draw();
  });
  return phone;
}

function drawPhone(phone, call) {
  const { card, find } = phone;
  const isOver = call.hears.kind === "ended";
  const isOthers = isOver && !own.has(call.sid);
  const label = call.label ? named(call.label) : words.who[roleOf(call)];
  const route = words.route({ from: party(call.from), to: call.to && party(call.to) });
  card.setAttribute("aria-label", `${label} ${route}`);
  card.classList.toggle("folded", isOthers && !phone.isOpened);
  card.classList.toggle("over", isOver);
  card.classList.toggle("rings", call.rings);
  card.classList.toggle("listens", call.listens);
  find("who").textContent = label;
  find("state").textContent = call.lost && !isOver ? words.lost : (words.status[call.status] ?? call.status);
  find("route").textContent = route;
  find("route").title = words.route(call);
  find("unfold").hidden = !isOthers;
  find("unfold").textContent = phone.isOpened ? "▴" : "▾";
  find("unfold").setAttribute("aria-label", words.unfold);
  find("unfold").setAttribute("aria-expanded", String(phone.isOpened));
  find("now").textContent = heard(call.hears);
  find("ringing").hidden = !call.rings;
  find("keys").hidden = call.rings || isOver || roleOf(call) === "client";
  find("keys").setAttribute("aria-label", words.keypad);
  find("dismiss").hidden = !isOver;
  find("dismiss").setAttribute("aria-label", words.dismiss);
  for (const name of ["hangup", "lose", "answer", "busy", "noanswer"]) find(name).textContent = words[name];
  find("hangup").disabled = isOver || call.lost;
  find("hangup").hidden = call.rings;
  find("lose").hidden = isOver || call.lost || call.rings;
  drawTranscript(phone, call);
}

function drawTranscript(phone, call) {
  const list = phone.find("transcript");
  const mark = `${language}:${call.transcript.length}:${call.transcript.at(-1)?.at}`;
  if (mark === phone.said) return;
  phone.said = mark;
  list.replaceChildren(
    ...call.transcript.map((one) => {
      const line = document.createElement("li");
      line.append(element("time", new Date(one.at).toLocaleTimeString(language, { hour12: false })), element("span", heard(one)));
      return line;
    }),
  );
  list.scrollTop = list.scrollHeight;
  speak(phone, call);
}

function speak(phone, call) {
  const latest = call.transcript.at(-1);
  const isNew = latest && latest.kind === "say" && latest.at !== phone.spoken;
  phone.spoken = latest?.at;
  if (!isNew || !get("aloud").checked || !window.speechSynthesis) return;
  const utterance = new SpeechSynthesisUtterance(latest.text);
  utterance.lang = /[\u4e00-\u9fff]/.test(latest.text) ? "zh-CN" : "en";
  speechSynthesis.speak(utterance);
}

function drawRooms() {
  const lines = [
    ...state.queues.filter((one) => one.calls.length).map((one) => `${words.queue} ${one.name}: ${words.waiting(one.calls.length)}`),
    ...state.rooms.map((room) => `${room.name}: ${room.participants.map((one) => named(one.name)).join(words.join)}`),
  ];
  get("rooms").replaceChildren(...(lines.length ? lines : [words.noRooms]).map((line) => element("li", line)));
}

function drawMessages() {
  const lines = messages.slice(0, 20).map((one) => {
    const line = element("li", "");
    line.append(element("div", `${one.from} → ${one.to}`, "quiet"), element("div", one.body));
    return line;
  });
  get("messages").replaceChildren(...(lines.length ? lines : [element("li", words.noMessages, "quiet")]));
}

function drawFaults() {
  const form = get("faults");
  if (form.contains(document.activeElement)) return;
  form.replaceChildren(
    ...Object.entries(words.faultNames).map(([name, text]) => {
      const label = element("label", text);
      const input = document.createElement("input");
      const most = SECONDS.has(name) ? 5 : 1;
      Object.assign(input, { type: "range", min: 0, max: most, step: most / 20, name });
      input.value = state.faults[name] ?? 0;
      const shown = element("output", share(name, input.value));
      input.addEventListener("input", () => (shown.textContent = share(name, input.value)));
      input.addEventListener("change", () => setFaults({ ...state.faults, [name]: Number(input.value) }));
      label.append(shown, input);
      return label;
    }),
  );
}

const share = (name, value) => (SECONDS.has(name) ? `${Number(value)} s` : `${Math.round(value * 100)} %`);
const setFaults = (faults) => act(async () => (state.faults = await ask("PUT", "/faults", faults)));

function drawChoices() {
  const fill = (list, options) => {
    if (list.childElementCount !== options.length) list.replaceChildren(...options);
  };
  const option = (value, text) => Object.assign(element("option", text), { value });
  fill(get("to"), state.numbers.map((one) => option(one.number, one.name ? `${one.name} ${one.number}` : one.number)));
  fill(get("callers"), state.callers.map((number) => option(number, number)));
  if (!get("from").value) get("from").value = state.callers[0] ?? "";
}

// What this tab began comes first, then what rings, then what goes on, then what is over.
function placeOf(call) {
  const isOver = call.hears.kind === "ended";
  return (isOver ? 4 : 0) + (own.has(call.sid) ? 0 : 2) + (call.rings ? 0 : 1);
}

function draw() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  get("language").textContent = words.other;
  get("language").lang = language === "zh" ? "en" : "zh-CN";
  for (const spot of document.querySelectorAll("[data-word]")) spot.textContent = words[spot.dataset.word];
  drawChoices();
  for (const phone of phones.values()) drawPhone(phone, phone.call);
  const shown = [...phones.values()].sort((one, other) => placeOf(one.call) - placeOf(other.call)).map((phone) => phone.card);
  const stage = get("phones");
  if (shown.length !== stage.childElementCount || shown.some((card, place) => stage.children[place] !== card)) {
    const focused = document.activeElement;
    stage.replaceChildren(...shown);
    if (stage.contains(focused)) focused.focus({ preventScroll: true });
  }
  get("nothing").hidden = phones.size > 0;
  drawRooms();
  drawMessages();
  drawFaults();
}

async function look() {
  const known = [...phones].filter(([, phone]) => phone.call.hears.kind !== "ended").map(([sid]) => sid);
  [state, messages] = await Promise.all([ask("GET", "/state"), ask("GET", "/messages")]);
  const live = new Set(state.calls.map((call) => call.sid));
  const ended = known.filter((sid) => !live.has(sid));
  const calls = [...state.calls, ...(await Promise.all(ended.map((sid) => ask("GET", `/calls/${sid}`).catch(() => null))))];
  for (const sid of ended) if (!calls.some((call) => call?.sid === sid)) phones.delete(sid);
  for (const call of calls.filter(Boolean)) {
    const phone = phones.get(call.sid) ?? makePhone(call.sid);
    phone.call = call;
    phones.set(call.sid, phone);
  }
  draw();
}

function soon() {
  if (lookAgain) return;
  lookAgain = setTimeout(() => {
    lookAgain = 0;
    look().catch(() => setTimeout(soon, 1000));
  }, LOOK_AGAIN_MS);
}

get("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  act(async () => {
    const call = await ask("POST", "/calls", { from: get("from").value, to: get("to").value });
    keepOwn(call.sid);
    soon();
  });
});
get("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  words = WORDS[language];
  localStorage.setItem("practice-language", language);
  draw();
});
get("calm").addEventListener("click", () => setFaults({}).then(draw));
get("clear").addEventListener("click", () =>
  act(async () => {
    await ask("DELETE", "/state");
    phones.clear();
    await look();
  }),
);
// The exchange numbers what happens from 1 each time it starts. A browser that comes back by itself would ask for
// what follows the old number and hear nothing, so every connection begins with the number of now.
async function follow() {
  const newest = (await ask("GET", "/happenings")).at(-1)?.number ?? 0;
  events = new EventSource(`/practice/events?after=${newest}`);
  events.addEventListener("message", soon);
  events.addEventListener("open", soon);
  events.addEventListener("error", () => {
    events.close();
    setTimeout(followAgain, REOPEN_MS);
  });
}

function followAgain() {
  follow().catch(() => setTimeout(followAgain, REOPEN_MS));
}

draw();
await look().catch(soon);
followAgain();
