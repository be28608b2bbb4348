/**
 * Saves what is being written, soon after a pause and never later than `withinMs`.
 *
 * One save runs at a time; what changed meanwhile goes with the next. A save that fails is tried again,
 * and the form says that it is not saved: nobody may believe that a record is kept when it is not.
 */

export type SaveState = "clean" | "unsaved" | "saving" | "failed";

export class Autosave {
  state: SaveState = "clean";
  private dirtySinceMs: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private isStopped = false;

  constructor(
    private readonly save: () => Promise<void>,
    private readonly tell: (state: SaveState) => void,
    private readonly pauseMs = 1_200,
    private readonly withinMs = 5_000,
  ) {}

  /** Something was written. */
  touch(): void {
    this.dirtySinceMs ??= Date.now();
    if (this.running === null) this.become("unsaved");
    const due = this.dirtySinceMs + this.withinMs - Date.now();
    this.plan(Math.max(0, Math.min(this.pauseMs, due)));
  }

  /** Save now whatever is unsaved; true when everything is kept. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.running !== null) await this.running;
    if (this.dirtySinceMs !== null) await this.run();
    return this.dirtySinceMs === null;
  }

  get isDirty(): boolean {
    return this.dirtySinceMs !== null || this.running !== null;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private plan(ms: number): void {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async run(): Promise<void> {
    const since = this.dirtySinceMs;
    this.dirtySinceMs = null;
    this.become("saving");
    this.running = this.save().then(
      () => this.become(this.dirtySinceMs === null ? "clean" : "unsaved"),
      () => {
        this.dirtySinceMs ??= since;
        this.become("failed");
        this.plan(this.withinMs);
      },
    );
    await this.running;
    this.running = null;
  }

  private become(state: SaveState): void {
    this.state = state;
    this.tell(state);
  }
}
