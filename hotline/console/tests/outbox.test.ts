import { describe, expect, test } from "vitest";
import { Refusal } from "@/api/refusal";
import { Outbox, TRIES_MAX } from "@/screens/desk/outbox";

const lost = () => new Refusal(0, "network.lost", "", {}, null);
const refused = () => new Refusal(422, "message.malformed", "", {}, null);

function outboxOf(post: (id: string, words: string) => Promise<{ seq: number }>) {
  let next = 0;
  const pauses: number[] = [];
  const outbox = new Outbox(post, () => undefined, () => `id${(next += 1)}`, async (ms) => void pauses.push(ms));
  return { outbox, pauses };
}
const settled = async () => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
};

describe("words on their way", () => {
  test("arrive in the order in which they were written", async () => {
    const arrived: string[] = [];
    const { outbox } = outboxOf(async (_, words) => ({ seq: arrived.push(words) }));
    ["一", "二", "三"].forEach((words) => outbox.send(words));
    await settled();
    expect(arrived).toEqual(["一", "二", "三"]);
    expect(outbox.pending.map((each) => [each.state, each.seq])).toEqual([["sent", 1], ["sent", 2], ["sent", 3]]);
  });

  test("get an id of their own", async () => {
    const ids: string[] = [];
    const outbox = new Outbox(async (id) => ({ seq: ids.push(id) }), () => undefined);
    ["一", "二"].forEach((words) => outbox.send(words));
    await settled();
    expect(new Set(ids).size).toBe(2);
  });

  test("keep their id through every further try", async () => {
    const ids: string[] = [];
    const { outbox, pauses } = outboxOf(async (id) => {
      ids.push(id);
      if (ids.length < 3) throw lost();
      return { seq: 7 };
    });
    outbox.send("我在");
    await settled();
    expect(ids).toEqual(["id1", "id1", "id1"]);
    expect(pauses).toEqual([800, 1600]);
    expect(outbox.pending[0]?.state).toBe("sent");
  });

  test("are tried again when a broken line has let the request come too slowly", async () => {
    let tries = 0;
    const { outbox } = outboxOf(async () => {
      tries += 1;
      if (tries === 1) throw new Refusal(408, "http.408", "Request Timeout", {}, null);
      return { seq: 1 };
    });
    outbox.send("我在");
    await settled();
    expect([tries, outbox.pending[0]?.state]).toEqual([2, "sent"]);
  });

  test("wait for the person after the last try, and so do those behind them", async () => {
    let isDown = true;
    const ids: string[] = [];
    const { outbox } = outboxOf(async (id) => {
      ids.push(id);
      if (isDown) throw lost();
      return { seq: ids.length };
    });
    outbox.send("一");
    outbox.send("二");
    await settled();
    expect(ids).toHaveLength(TRIES_MAX);
    expect(outbox.pending.map((each) => each.state)).toEqual(["failed", "failed"]);
    isDown = false;
    outbox.retry();
    await settled();
    expect(ids.slice(TRIES_MAX)).toEqual(["id1", "id2"]);
    expect(outbox.pending.map((each) => each.state)).toEqual(["sent", "sent"]);
  });

  test("go by themselves when the line is back, in order, under their own ids, however long it was away", async () => {
    let isDown = true;
    const arrived: string[] = [];
    const { outbox } = outboxOf(async (id, words) => {
      if (isDown) throw lost();
      return { seq: arrived.push(`${id} ${words}`) };
    });
    ["一", "二", "三"].forEach((words) => outbox.send(words));
    await settled();
    expect(outbox.pending.map((each) => each.state)).toEqual(["failed", "failed", "failed"]);
    isDown = false;
    outbox.resume();
    outbox.resume();
    await settled();
    expect(arrived).toEqual(["id1 一", "id2 二", "id3 三"]);
    outbox.resume();
    await settled();
    expect(arrived).toHaveLength(3);
  });

  test("do not overtake those that wait for the line", async () => {
    let isDown = true;
    const arrived: string[] = [];
    const { outbox } = outboxOf(async (_, words) => {
      if (isDown) throw lost();
      return { seq: arrived.push(words) };
    });
    outbox.send("一");
    await settled();
    isDown = false;
    outbox.send("二");
    await settled();
    expect(arrived).toEqual(["一", "二"]);
  });

  test("go anew when the line is back and the request from before hangs; its late answer changes nothing", async () => {
    const answers: ((stored: { seq: number }) => void)[] = [];
    const asked: string[] = [];
    const { outbox } = outboxOf((id) => {
      asked.push(id);
      return new Promise((answer) => answers.push(answer));
    });
    outbox.send("一");
    outbox.send("二");
    await settled();
    expect(asked).toEqual(["id1"]);
    outbox.resume();
    await settled();
    answers[1]?.({ seq: 5 });
    await settled();
    expect(asked).toEqual(["id1", "id1", "id2"]);
    answers[0]?.({ seq: 5 });
    answers[2]?.({ seq: 6 });
    await settled();
    expect(asked).toEqual(["id1", "id1", "id2"]);
    expect(outbox.pending.map((each) => [each.state, each.seq])).toEqual([["sent", 5], ["sent", 6]]);
  });

  test("do not wait out a pause when the line is back", async () => {
    let tries = 0;
    const outbox = new Outbox(async () => {
      tries += 1;
      if (tries === 1) throw lost();
      return { seq: 1 };
    }, () => undefined, () => "id", () => new Promise(() => undefined));
    outbox.send("一");
    await settled();
    expect(tries).toBe(1);
    outbox.resume();
    await settled();
    expect([tries, outbox.pending[0]?.state]).toEqual([2, "sent"]);
  });

  test("that were refused for good stay refused when the line is back", async () => {
    let tries = 0;
    const { outbox } = outboxOf(async () => {
      tries += 1;
      throw refused();
    });
    outbox.send("一");
    await settled();
    outbox.resume();
    await settled();
    expect([tries, outbox.pending[0]?.state]).toEqual([1, "failed"]);
  });

  test("are not tried further once nobody looks at them", async () => {
    let tries = 0;
    const { outbox } = outboxOf(async () => {
      tries += 1;
      outbox.stop();
      throw lost();
    });
    outbox.send("一");
    await settled();
    expect(tries).toBe(1);
  });

  test("are not tried again when refused for good, and do not hold back the next", async () => {
    const { outbox, pauses } = outboxOf(async (id) => {
      if (id === "id1") throw refused();
      return { seq: 1 };
    });
    outbox.send("一");
    outbox.send("二");
    await settled();
    expect(pauses).toEqual([]);
    expect(outbox.pending.map((each) => each.state)).toEqual(["failed", "sent"]);
  });

  test("are forgotten once they come back as stored messages", async () => {
    const { outbox } = outboxOf(async () => ({ seq: 1 }));
    outbox.send("一");
    await settled();
    outbox.settle([{ seq: 1, sender: "counselor", words: "一", at: "", client_id: "id1", read_at: null }]);
    expect(outbox.pending).toEqual([]);
  });
});
