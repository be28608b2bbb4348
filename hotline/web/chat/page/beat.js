/** A clock beside the page: timers of a page in the background are slowed down, a worker's are not. */
setInterval(() => postMessage("beat"), 15_000);
