/**
 * The list of messages: in the order of their numbers, the person's own unsent ones last.
 *
 * Words are only ever put in as text. New ones are scrolled to if the person is at the end; else a button
 * says that there are some.
 */

const NEAR_PX = 90;
const part = (id) => document.getElementById(id);

export class Messages {
  constructor(page) {
    this.page = page;
    this.clear();
    part("newer").addEventListener("click", () => this.follow({ always: true }));
    part("scroll").addEventListener("scroll", () => {
      if (this.isNearEnd()) part("newer").hidden = true;
    });
  }

  clear() {
    this.items = [];
    this.lastSeq = 0;
    this.counselorSeq = 0;
    this.readSeq = 0;
    this.unseen = 0;
    part("messages").replaceChildren();
    part("newer").hidden = true;
  }

  unsent() {
    return this.items.filter((item) => item.seq === null && item.mark !== "failed");
  }

  /** The person's own words, not stored yet. */
  own(id, words) {
    this.put({ id, words, sender: "caller", seq: null, at: new Date(), mark: "sending" });
    this.dress();
  }

  /** Messages from the service; the own ones among them take the place of what was on its way. */
  add(messages) {
    const wasNear = this.isNearEnd();
    for (const message of messages) this.addOne(message);
    this.dress();
    if (messages.length) this.follow({ always: wasNear });
  }

  addOne(message) {
    const { seq, sender, words, at, read_at: readAt, client_id: id } = message;
    this.lastSeq = Math.max(this.lastSeq, seq);
    if (sender === "caller" && readAt) this.readSeq = Math.max(this.readSeq, seq);
    const known = this.items.find((item) => (id && item.id === id) || item.seq === seq);
    if (known) {
      this.settle(known, seq, at);
      return;
    }
    this.put({ id, words, sender, seq, at: new Date(at), mark: "stored" });
    if (sender !== "caller") {
      this.counselorSeq = Math.max(this.counselorSeq, seq);
      if (document.hidden) this.announce(this.unseen + 1);
    }
  }

  stored({ client_id: id, seq, at }) {
    const known = this.items.find((item) => item.id === id);
    if (known) this.settle(known, seq, at);
    this.dress();
  }

  readUpTo(seq) {
    this.readSeq = Math.max(this.readSeq, seq);
    this.dress();
  }

  mark(id, mark) {
    const known = this.items.find((item) => item.id === id && item.seq === null);
    if (known) known.mark = mark;
    this.dress();
  }

  /** Take a message off the list again; its words. */
  remove(id) {
    const known = this.items.find((item) => item.id === id);
    this.items = this.items.filter((item) => item !== known);
    known?.element.remove();
    return known?.words ?? "";
  }

  /** Everything has been looked at. */
  seen() {
    this.announce(0);
  }

  announce(count) {
    const { words } = this.page;
    this.unseen = count;
    document.title = (count ? words.unread.replace("{count}", count) : "") + words.title;
  }

  settle(item, seq, at) {
    item.seq = seq;
    item.at = new Date(at);
    item.mark = "stored";
    this.items = this.items.filter((each) => each !== item);
    this.put(item);
  }

  put(item) {
    item.element ??= bubble(item);
    const before = this.items.findIndex((each) => (each.seq ?? Infinity) > (item.seq ?? Infinity));
    const next = before === -1 ? null : this.items[before];
    this.items.splice(before === -1 ? this.items.length : before, 0, item);
    const list = part("messages");
    const isInPlace = item.element.parentNode === list && item.element.nextSibling === (next?.element ?? null);
    if (!isInPlace) list.insertBefore(item.element, next?.element ?? null);
  }

  isNearEnd() {
    const box = part("scroll");
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  }

  follow({ always = this.isNearEnd() } = {}) {
    const box = part("scroll");
    part("newer").hidden = always || !this.items.length;
    if (always) box.scrollTop = box.scrollHeight;
  }

  dress() {
    const { words } = this.page;
    const [last] = this.items.filter((item) => item.sender === "caller" && item.seq !== null).slice(-1);
    for (const item of this.items) {
      const who = { caller: words.you, counselor: words.counselor }[item.sender] ?? words.service;
      item.element.querySelector(".who").textContent = who;
      item.element.querySelector("time").textContent = clockTime(item.at, words.tag);
      const mark = item.mark === "stored" && item.seq <= this.readSeq ? "read" : item.mark;
      item.element.dataset.mark = item.sender === "caller" ? mark : "";
      const isSaid = item.sender === "caller" && (item.seq === null || item === last);
      item.element.querySelector(".mark").textContent = isSaid ? words.mark[mark] : "";
    }
  }
}

function bubble({ sender, words }) {
  const made = document.createElement("li");
  made.className = sender;
  const who = element("span", "who unseen");
  const text = element("p", "words");
  text.textContent = words;
  const foot = element("p", "foot");
  foot.append(element("time", ""), element("span", "mark"));
  made.append(who, text, foot);
  return made;
}

function element(name, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}

function clockTime(at, tag) {
  return at.toLocaleTimeString(tag, { hour: "2-digit", minute: "2-digit", hour12: false });
}
