import { navigate } from "../../app/router";

/** Whoever had to sign in again goes on where they were. */
export function leaveSignIn(): void {
  if (["/sign-in", "/sign-up", "/forgot"].includes(location.pathname)) navigate("/", { replace: true });
}
