/**
 * The page's title, and its flashing while something waits for a person.
 *
 * A counselor works in other windows too; the title is what the task bar shows.
 */

let resting = "Hotline";
let flashing: { words: string; timer: number } | null = null;

export function setTitle(words: string): void {
  resting = words;
  if (flashing === null) document.title = words;
}

export function flash(words: string): void {
  if (flashing?.words === words) return;
  calm();
  document.title = words;
  const turn = () => (document.title = document.title === words ? resting : words);
  flashing = { words, timer: window.setInterval(turn, 900) };
}

export function calm(): void {
  if (flashing !== null) window.clearInterval(flashing.timer);
  flashing = null;
  document.title = resting;
}
