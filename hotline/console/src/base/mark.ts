/**
 * Whether somebody has signed in at this browser and not signed out: a mark, no secret.
 *
 * The session itself is a cookie that no script can see. Without the mark the page would have to ask, and
 * be refused, each time that somebody only opens it to sign in.
 */

const MARK = "hotline.signedIn";

export function leaveMark(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // A browser that keeps nothing is asked about each time.
  }
}

/** Whether there may be a session; yes where nothing can be kept. */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return true;
  }
}
