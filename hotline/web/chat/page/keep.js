/**
 * What this tab keeps until it is closed: the key to the chat, the last place it showed, and words that the
 * service has not yet called stored. Nothing that has been said otherwise; that is read again when needed.
 */

const KEY = "chat";
let inMemory = {};

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return inMemory;
  }
}

function write(kept) {
  inMemory = kept;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing still works until it is reloaded.
  }
}

/** The chat of this entrance, if one is kept: `{token, isAsked, place, unsent: [{id, words}]}`. */
export function chat(slug) {
  const kept = read();
  return kept.slug === slug && kept.token ? kept : null;
}

/** A chat that has been asked for: whether it began is not known before the answer. */
export function ask(slug, token) {
  write({ ...read(), slug, token, isAsked: true, place: null, unsent: [] });
}

export function begin(slug, token) {
  write({ ...read(), slug, token, isAsked: false, place: null, unsent: [] });
}

export function change(more) {
  write({ ...read(), ...more });
}

/** The language that was chosen in this tab. */
export function language() {
  return read().language;
}

/** Forget the chat; the chosen language may stay. */
export function forget() {
  const { language: chosen } = read();
  write(chosen ? { language: chosen } : {});
}

/** Forget everything. */
export function clear() {
  inMemory = {};
  try {
    sessionStorage.clear();
  } catch {
    // Then nothing was kept either.
  }
}
