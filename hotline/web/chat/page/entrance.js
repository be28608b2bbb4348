/**
 * The form before the chat. Only safety and the notice must be answered; a fault is said beside its field,
 * and nothing that was filled in is ever lost.
 *
 * The token of the chat is made here, before it is asked for, and kept until the service has answered. So
 * whoever hears no answer and presses again, or loads the page again, waits once.
 */

import * as keep from "./keep.js";
import { say } from "./words.js";

const YOUNG = new Set(["<10", "10-13"]);
const REQUEST_MS_MAX = 15_000;
const TOKEN_BYTES = 32;

const part = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;

export class Entrance {
  constructor(page) {
    this.page = page;
    this.faults = { safe: "", notice: "", form: "" };
    this.isStarting = false;
    this.hasChosenLanguage = false;
    part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    part("now").addEventListener("click", () => {
      part("agree").checked = true;
      this.start();
    });
    part("form").addEventListener("change", (event) => this.changed(event.target));
  }

  reset() {
    part("form").reset();
    this.hasChosenLanguage = false;
    this.faults = { safe: "", notice: "", form: "" };
    this.isStarting = false;
  }

  /** Something is wrong with the form as a whole. */
  fault(word) {
    this.faults.form = word;
    this.dress();
  }

  changed(field) {
    if (field.id === "talk-language") this.hasChosenLanguage = true;
    if (field.name === "safe_now") this.faults.safe = "";
    if (field.id === "agree") this.faults.notice = "";
    this.dress();
  }

  dress() {
    const { words, told } = this.page;
    part("start").textContent = this.isStarting ? words.starting : words.start;
    for (const [name, word] of Object.entries(this.faults)) part(`${name}-fault`).textContent = words[word] ?? "";
    part("safe").setAttribute("aria-invalid", String(Boolean(this.faults.safe)));
    part("agree").setAttribute("aria-invalid", String(Boolean(this.faults.notice)));
    if (!told) return;
    this.dressLanguages();
    this.dressAges();
    this.dressNotice();
    this.dressDanger();
    const { hours } = told;
    part("closed").hidden = told.open || !hours;
    if (!told.open && hours) {
      part("closed").textContent = say(words.closed, { opens: hours.opens_at, closes: hours.closes_at, zone: this.zone(hours) });
    }
  }

  dressLanguages() {
    const { words, told, language } = this.page;
    const field = part("talk-language");
    const value = this.hasChosenLanguage ? field.value : told.languages.includes(language) ? language : told.languages[0];
    field.replaceChildren(...told.languages.map((each) => new Option(nameOf(each, words.tag), each, false, each === value)));
  }

  dressAges() {
    const { words, told } = this.page;
    const field = part("age");
    const value = field.value;
    const bands = told.age_bands.filter((band) => band in words.ages);
    field.replaceChildren(new Option("–", "", true, true), ...bands.map((band) => new Option(words.ages[band], band, false, band === value)));
    part("young").hidden = !YOUNG.has(value);
  }

  dressNotice() {
    const { words, told, language } = this.page;
    part("notice-version").textContent = say(words.version, { version: told.notice.version });
    part("notice").replaceChildren(...(told.notice.text[language] ?? []).map(paragraph));
  }

  dressDanger() {
    const { words, told } = this.page;
    const [police, , ambulance] = told.emergency.map((each) => each.number);
    part("danger-text").textContent = say(words.danger, { police, ambulance });
    part("danger").hidden = chosen("safe_now") !== "no";
  }

  zone(hours) {
    try {
      const format = new Intl.DateTimeFormat(this.page.words.tag, { timeZone: hours.timezone, timeZoneName: "long" });
      return format.formatToParts().find((each) => each.type === "timeZoneName").value;
    } catch {
      return hours.timezone;
    }
  }

  isComplete() {
    this.faults = {
      safe: chosen("safe_now") ? "" : "safeMissing",
      notice: part("agree").checked ? "" : "noticeMissing",
      form: "",
    };
    this.dress();
    const first = this.faults.safe ? document.querySelector("input[name=safe_now]") : this.faults.notice ? part("agree") : null;
    first?.focus();
    return first === null;
  }

  async start() {
    if (this.isStarting || !this.isComplete()) return;
    this.isStarting = true;
    this.dress();
    const answer = await this.ask().catch(() => null);
    this.isStarting = false;
    if (answer?.token) this.page.begin(answer);
    else if (answer?.code === "chat.notice_changed") this.renew();
    else this.fault("startFailed");
    this.dress();
  }

  /**
   * Ask for the chat, under the token of an earlier try if there was one. Other answers than then ask for
   * another chat: the earlier one, should it have been opened, is left.
   */
  async ask() {
    const answers = this.answers();
    const token = keep.chat(this.page.slug)?.token ?? newToken();
    const answer = await this.askUnder(token, answers);
    if (answer.code !== "chat.token_used") return answer;
    this.post("/api/chat/departures", { token }).catch(() => {});
    return this.askUnder(newToken(), answers);
  }

  askUnder(token, answers) {
    const { slug } = this.page;
    keep.ask(slug, token);
    return this.post(`/api/chat/${encodeURIComponent(slug)}/contacts`, { ...answers, token });
  }

  answers() {
    return {
      language: part("talk-language").value,
      age_band: part("age").value || "unknown",
      safe_now: chosen("safe_now"),
      attempted_before: { yes: true, no: false }[chosen("attempted")] ?? null,
      notice_version: this.page.told.notice.version,
    };
  }

  async post(address, body) {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), REQUEST_MS_MAX);
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      signal: stop.signal,
      body: JSON.stringify(body),
    });
    return answer.json();
  }

  /** The notice changed while the page was open: show the new one, keep the answers. */
  async renew() {
    const answer = await fetch(`/api/chat/${encodeURIComponent(this.page.slug)}`, { cache: "no-store" });
    if (answer.ok) this.page.told = await answer.json();
    part("agree").checked = false;
    this.faults.notice = "noticeChanged";
    this.dress();
    part("agree").focus();
  }
}

/** 32 bytes of chance in base64url. */
function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function nameOf(language, tag) {
  try {
    return { zh: "中文", en: "English" }[language] ?? new Intl.DisplayNames([tag], { type: "language" }).of(language);
  } catch {
    return language;
  }
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}
