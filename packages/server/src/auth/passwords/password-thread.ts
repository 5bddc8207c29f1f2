import { answerRequests } from "../../lib/turns/answer-requests.ts";
import { hashPassword, isPassword } from "./hash-password.ts";
import type { PasswordAnswer, PasswordQuestion } from "./passwords.ts";

/**
 * The thread that hashes passwords. Neither the event loop nor the thread pool, in which files are read: eight hashes
 * there hold up everybody's files for half a second.
 */
answerRequests<PasswordQuestion, PasswordAnswer>((asked) => {
  const answer: PasswordAnswer =
    asked.kind === "hash"
      ? { kind: "hash", stored: hashPassword(asked.password) }
      : { kind: "check", isRight: isPassword(asked.password, asked.stored) };
  return Promise.resolve({ answer, moved: [] });
});
