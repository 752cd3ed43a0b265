/**
 * Passwords that everybody tries first. Shorter ones are refused for their length, so that few are left: the first of the lists of
 * leaked passwords that have 12 characters or more, the words they are made of, and what this product suggests.
 *
 * @module
 */

const WORDS = [
  ...["password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "admin", "administrator", "root", "user", "welcome"],
  ...["qwerty", "qwertyuiop", "qwertz", "azerty", "asdfghjkl", "zxcvbnm", "letmein", "iloveyou", "changeme", "default"],
  ...["secret", "test", "guest", "login", "master", "monkey", "dragon", "football", "baseball", "superman", "sunshine"],
  ...[
    "princess",
    "trustno1",
    "abc",
    "abcd",
    "abcdefghijklmnopqrstuvwxyz",
    "qazwsx",
    "qazwsxedc",
    "1q2w3e4r",
    "1qaz2wsx",
  ],
  ...["zaq12wsx", "1q2w3e4r5t6y", "q1w2e3r4t5y6", "correcthorsebatterystaple", "correct horse battery staple"],
  ...[
    "correct-horse-battery-staple",
    "jobtrigger",
    "job trigger portal",
    "jobtriggerportal",
    "jobctl",
    "four random words",
  ],
];

/** Digits as people run along them. */
const RUNS = ["01234567890123456789", "98765432109876543210", "123123123123123123123"];

/** Whether a password, in Unicode's compatibility form, is one of few that everybody tries first, in any case. */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  if (/^(.{1,4})\1+.?$/su.test(text)) return true;
  // What people append, or put in front, to please a rule: years, counts, exclamation marks.
  const withoutEnd = text.replace(/[\d\W_]{0,12}$/, "");
  const forms = [text, withoutEnd, withoutEnd.replace(/^[\d\W_]{0,6}/, "")];
  return RUNS.some((run) => run.includes(text)) ||
    WORDS.some((word) => forms.includes(word) || forms.includes(word + word));
}
