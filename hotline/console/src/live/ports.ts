/** The browser's side of the feed: the real socket, and a beat from a worker where there are workers. */

import type { FeedPorts, Socket } from "./feed";

export const browserPorts: FeedPorts = {
  open(): Socket {
    const address = new URL("/api/live", globalThis.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(address) as Socket;
  },
  every(seconds, call) {
    if (typeof Worker === "undefined") {
      const timer = setInterval(call, seconds * 1000);
      return () => clearInterval(timer);
    }
    const worker = new Worker(new URL("./beat.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = call;
    worker.postMessage(seconds * 1000);
    return () => worker.terminate();
  },
};
