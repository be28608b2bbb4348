/**
 * The page: which part of it is shown, in which language, and the way out.
 */

import * as keep from "./keep.js";
import { Entrance } from "./entrance.js";
import { Talk } from "./talk.js";
import { WORDS } from "./words.js";

const RETRY_MS = 4_000;

const slug = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const part = (id) => document.getElementById(id);

/** What the parts share: words in the present language, and what the service has told of its entrance. */
const page = {
  slug,
  words: WORDS.zh,
  language: "zh",
  told: null,
  show(view) {
    document.body.dataset.view = view;
  },
  begin(answer) {
    keep.begin(slug, answer.token);
    this.enter();
  },
  enter() {
    this.show("talk");
    talk.start(keep.chat(slug));
  },
  /** Back to the form; `sentence` says why, where it was not asked for. */
  again(sentence = "") {
    talk.stop();
    keep.forget();
    entrance.reset();
    entrance.fault(sentence);
    this.show(this.told ? "form" : "loading");
    load();
  },
};

const entrance = new Entrance(page);
const talk = new Talk(page);
let trouble = null;

async function load() {
  try {
    const answer = await fetch(`/api/chat/${encodeURIComponent(slug)}`, { cache: "no-store" });
    if (answer.status === 404) return fail("absent");
    if (!answer.ok) return fail("broken");
    page.told = await answer.json();
  } catch {
    return fail("broken");
  }
  trouble = null;
  dress();
  if (document.body.dataset.view !== "talk") page.show("form");
}

/** A page that cannot ask the service keeps trying, beside a chat that goes on. */
function fail(kind) {
  if (kind === "broken") setTimeout(load, RETRY_MS);
  trouble = kind;
  dress();
  if (document.body.dataset.view !== "talk") page.show("trouble");
}

/** Put every word of the page into the present language. */
function dress() {
  const { words } = page;
  document.documentElement.lang = words.tag;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = words[each.dataset.word];
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", words[each.dataset.label]);
  for (const each of document.querySelectorAll("[data-hint]")) each.placeholder = words[each.dataset.hint];
  for (const each of document.querySelectorAll("[data-zh]")) each.textContent = each.dataset[page.language];
  const switcher = part("language");
  switcher.textContent = words.other;
  switcher.lang = page.language === "zh" ? "en" : "zh-CN";
  part("name").textContent = page.told?.name ?? words.title;
  if (trouble) {
    part("trouble-title").textContent = words[`${trouble}Title`];
    part("trouble-text").textContent = words[`${trouble}Text`];
    part("trouble-again").hidden = trouble === "absent";
  }
  document.title = words.title;
  entrance.dress();
  talk.dress();
}

function speak(language) {
  page.language = language in WORDS ? language : "en";
  page.words = WORDS[page.language];
  dress();
}

function preferred() {
  const wanted = navigator.languages?.[0] ?? navigator.language ?? "zh";
  return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Leave at once: say goodbye, forget everything, and be somewhere else; "back" does not lead here. */
function leave() {
  const token = keep.chat(slug)?.token;
  talk.goodbye();
  keep.clear();
  document.body.hidden = true;
  document.title = " ";
  if (token) {
    const body = new Blob([JSON.stringify({ token })], { type: "application/json" });
    navigator.sendBeacon?.("/api/chat/departures", body);
  }
  location.replace(page.words.exitTo);
}

part("exit").addEventListener("click", leave);
part("language").addEventListener("click", () => {
  const other = page.language === "zh" ? "en" : "zh";
  keep.change({ language: other });
  speak(other);
});
part("trouble-again").addEventListener("click", () => load());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

speak(keep.language() ?? preferred());
const kept = keep.chat(slug);
if (kept && !kept.isAsked) page.enter();
load();
