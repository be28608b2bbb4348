// A clock that a hidden tab does not slow down: browsers hold the page's own timers back to one a
// minute, and the service takes ten silent seconds for a counselor who has gone.
let timer: ReturnType<typeof setInterval> | undefined;

self.onmessage = (event: MessageEvent<number>) => {
  clearInterval(timer);
  if (event.data > 0) timer = setInterval(() => self.postMessage(null), event.data);
};

export {};
