/**
 * The chat itself: where the contact stands, what was said, and what is still on its way.
 *
 * What the person writes is kept in this tab until the service says that it is stored; then it is the
 * service's. Every change comes as a frame, so this file only lays frames over what is shown.
 */

import * as keep from "./keep.js";
import { Messages } from "./messages.js";
import { newId, Wire } from "./wire.js";
import { say } from "./words.js";

const RETRY_MS = 2_500;
const TYPING_MS = 3_000;
const TYPED_MS = 5_000;
const COUNT_FROM = 0.8;
const OVER = new Set(["ended", "diverted"]);
const QUEUED = new Set(["waiting", "offered", "connecting"]);
const LOST = new Set(["chat.ended", "message.empty"]);

const part = (id) => document.getElementById(id);
const length = (text) => [...text].length;

export class Talk {
  constructor(page) {
    this.page = page;
    this.messages = new Messages(page);
    this.clear();
    part("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    const input = part("input");
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    part("again").addEventListener("click", () => this.page.again());
    document.addEventListener("visibilitychange", () => this.read());
  }

  clear() {
    this.state = null;
    this.place = null;
    this.readSeq = 0;
    this.fault = "";
    this.isLinked = true;
    this.typedMs = 0;
    this.wire = null;
    this.messages.clear();
  }

  start(kept) {
    this.clear();
    this.token = kept.token;
    this.place = kept.place;
    for (const each of kept.unsent) this.messages.own(each.id, each.words);
    this.wire = new Wire({
      resume: () => ({ token: this.token, after: this.messages.lastSeq, place: this.place }),
      take: (frame) => this.take(frame),
      linked: (isOpen) => this.linked(isOpen),
      unknown: () => this.page.again("gone"),
    });
    this.wire.start();
    this.dress();
    if (matchMedia("(pointer: fine)").matches) part("input").focus();
  }

  stop() {
    this.wire?.stop();
    clearTimeout(this.timer);
    part("input").value = "";
    this.clear();
  }

  /** Say that the person leaves; whoever calls this does not wait for an answer. */
  goodbye() {
    if (!OVER.has(this.state?.state)) this.wire?.send({ kind: "leave" });
    this.messages.clear();
  }

  // --- what comes

  take(frame) {
    if (frame.kind === "state") this.stands(frame);
    else if (frame.kind === "messages") this.heard(frame.messages);
    else if (frame.kind === "stored") this.stored(frame);
    else if (frame.kind === "read") this.messages.readUpTo(frame.seq);
    else if (frame.kind === "typing") this.counselorTypes();
    else if (frame.kind === "error" && frame.client_id) this.refused(frame);
  }

  stands(frame) {
    this.state = frame;
    if (frame.place) keep.change({ place: (this.place = frame.place) });
    if (OVER.has(frame.state)) {
      for (const each of this.messages.unsent()) this.messages.mark(each.id, "failed");
      keep.change({ unsent: [] });
    }
    this.dress();
    if (OVER.has(frame.state)) this.messages.follow({ always: true });
  }

  heard(messages) {
    this.messages.add(messages);
    if (messages.some((message) => message.sender !== "caller")) part("typing").hidden = true;
    this.keepUnsent();
    this.read();
  }

  stored(frame) {
    this.messages.stored(frame);
    this.keepUnsent();
  }

  /** A message was not taken: too long goes back into the input box, what may pass later is tried again. */
  refused(frame) {
    if (frame.code === "message.too_long") {
      const words = this.messages.remove(frame.client_id);
      part("input").value = [words, part("input").value].filter(Boolean).join("\n");
      this.typed();
      this.checkLength();
    } else if (LOST.has(frame.code)) {
      this.messages.mark(frame.client_id, "failed");
    } else {
      this.messages.mark(frame.client_id, "again");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush("again"), RETRY_MS);
    }
    this.keepUnsent();
  }

  linked(isOpen) {
    this.isLinked = isOpen;
    if (isOpen) this.flush();
    else for (const each of this.messages.unsent()) this.messages.mark(each.id, "again");
    this.dress();
  }

  counselorTypes() {
    part("typing").hidden = false;
    this.messages.follow();
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => (part("typing").hidden = true), TYPED_MS);
  }

  // --- what goes

  say() {
    const input = part("input");
    const words = input.value.trim();
    if (!words || !this.checkLength()) return;
    const id = newId();
    this.messages.own(id, words);
    this.messages.follow({ always: true });
    input.value = "";
    this.grow();
    this.keepUnsent();
    if (!this.wire.send({ kind: "say", client_id: id, words })) this.messages.mark(id, "again");
    input.focus();
  }

  /** Send again what has not been called stored, all of it or what was refused; the ids make it count once. */
  flush(mark = "") {
    for (const each of this.messages.unsent()) {
      if (mark && each.mark !== mark) continue;
      if (this.wire.send({ kind: "say", client_id: each.id, words: each.words })) this.messages.mark(each.id, "sending");
    }
  }

  keepUnsent() {
    keep.change({ unsent: this.messages.unsent().map(({ id, words }) => ({ id, words })) });
  }

  read() {
    const seq = this.messages.counselorSeq;
    if (document.hidden || seq <= this.readSeq) return;
    if (this.wire?.send({ kind: "read", seq })) this.readSeq = seq;
    this.messages.seen();
  }

  typed() {
    this.grow();
    const most = this.page.told?.message_characters_max ?? Infinity;
    const count = length(part("input").value.trim());
    if (count <= most) this.fault = count > most * COUNT_FROM ? say(this.page.words.count, { count, most }) : "";
    this.dressFault();
    const now = Date.now();
    if (this.state?.state === "talking" && count && now - this.typedMs > TYPING_MS) {
      this.typedMs = now;
      this.wire.send({ kind: "typing" });
    }
  }

  pressed(event) {
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.say();
  }

  checkLength() {
    const most = this.page.told?.message_characters_max ?? Infinity;
    const count = length(part("input").value.trim());
    if (count <= most) return true;
    this.fault = say(this.page.words.tooLong, { most, count });
    this.dressFault();
    return false;
  }

  // --- how it looks

  grow() {
    const input = part("input");
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, 140)}px`;
  }

  dressFault() {
    part("input-fault").textContent = this.fault;
  }

  dress() {
    const { words } = this.page;
    const name = this.state?.state ?? "unknown";
    const isOver = OVER.has(name);
    const shown = this.shown(name, isOver);
    part("standing").dataset.state = shown;
    part("state").dataset.state = name;
    part("state").textContent = words.state[shown] ?? words.loading;
    part("hint").textContent = this.hint(name, shown);
    this.dressPlace(shown);
    part("offline").hidden = shown !== "unlinked";
    part("offline").textContent = say(words.offline, { numbers: this.numbersInWords() });
    part("composer").hidden = isOver;
    part("over").hidden = !isOver;
    if (isOver) {
      part("typing").hidden = true;
      part("big-numbers").replaceChildren(...this.numbers());
    }
    this.messages.dress();
    this.dressFault();
  }

  /** What is true at this moment: with the line down nothing is known of the counselor, nor of the place. */
  shown(name, isOver) {
    if (!this.isLinked && !isOver) return "unlinked";
    return name === "talking" && !this.state.counselor_present ? "away" : name;
  }

  hint(name, shown) {
    const { hint } = this.page.words;
    if (shown === "away") return hint.away;
    if (shown === "unlinked") {
      if (name === "talking") return hint.unlinkedTalking;
      return QUEUED.has(name) ? hint.unlinkedQueued : hint.unlinked;
    }
    if (OVER.has(name)) return hint[this.state.reason] ?? "";
    return name === "waiting" || name === "offered" ? hint.waiting : "";
  }

  /** The place while it is an honest number; after a larger one, a word instead of a number. */
  dressPlace(name) {
    const { words } = this.page;
    const isQueued = name === "waiting" || name === "offered";
    const place = this.state?.place ?? null;
    part("place").hidden = !isQueued;
    part("place").textContent = place ? say(words.place, { place }) : words.placeHidden;
    if (place) part("place").dataset.place = place;
    else delete part("place").dataset.place;
  }

  /** The numbers that stand in the page from the start, so that no line is needed to know them. */
  numbersInWords() {
    const [police, , ambulance, support] = [...document.querySelectorAll(".numbers b")].map((each) => each.textContent);
    const { comma, or } = this.page.words;
    const known = [support, ambulance, police].filter(Boolean);
    return [known.slice(0, -1).join(comma), known.at(-1)].filter(Boolean).join(or);
  }

  numbers() {
    const { told, language } = this.page;
    return (told?.emergency ?? []).map(({ number, label }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const strong = document.createElement("b");
      strong.textContent = number;
      link.href = `tel:${number}`;
      link.append(strong, ` ${label[language] ?? label.en}`);
      item.append(link);
      return item;
    });
  }
}
