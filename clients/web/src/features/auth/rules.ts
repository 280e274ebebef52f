import type { Catalog } from "../../i18n/en";

// The contract's own bounds, checked here first so that mistakes are told
// while the form is still in sight; the server checks them again.
export const PASSWORD_MIN = 10;
const PASSWORD_MAX = 256;
const EMAIL_MAX = 254;
const NAME_MAX = 80;

/** What stands in the form. */
export interface Account {
  email: string;
  password: string;
  displayName: string;
}

export type Errors = Partial<Record<keyof Account, string>>;

/** Characters as the server counts them: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  return [...text].length;
}

/** Whether the password merely repeats the address. */
export function isOwnEmail({ email, password }: Account): boolean {
  return password !== "" && password.trim().toLowerCase() === email.trim().toLowerCase();
}

/** What is wrong with a form that opens an account. */
export function signUpErrors(account: Account, t: Catalog["auth"]): Errors {
  const errors: Errors = {};
  const { email, displayName } = account;
  if (displayName.trim() === "") errors.displayName = t.nameMissing;
  else if (codePoints(displayName) > NAME_MAX) errors.displayName = t.nameLong;
  const wrongEmail = emailError(email, t);
  if (wrongEmail) errors.email = wrongEmail;
  const wrong = passwordError(account, t);
  if (wrong) errors.password = wrong;
  return errors;
}

/** What is wrong with an address. */
export function emailError(email: string, t: Catalog["auth"]): string | undefined {
  if (email.trim() === "") return t.emailMissing;
  return !/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > EMAIL_MAX ? t.emailInvalid : undefined;
}

/** What is wrong with a password that is being chosen. */
export function passwordError(account: Account, t: Catalog["auth"]): string | undefined {
  const { password } = account;
  if (password === "") return t.passwordMissing;
  if (codePoints(password) < PASSWORD_MIN) return t.passwordShort;
  if (codePoints(password) > PASSWORD_MAX) return t.passwordLong;
  return isOwnEmail(account) ? t.passwordIsEmail : undefined;
}

/** What is wrong with a form that opens a session: only what is missing,
    since rules may have changed after the account was opened. */
export function signInErrors({ email, password }: Account, t: Catalog["auth"]): Errors {
  const errors: Errors = {};
  if (email.trim() === "") errors.email = t.emailMissing;
  if (password === "") errors.password = t.passwordMissing;
  return errors;
}
