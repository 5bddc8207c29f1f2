import { completionBash } from "../../core/completion-bash.ts";
import { defineCommand } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

export const completion = defineCommand({
  arguments: [{ name: "SHELL", about: "bash, zsh or fish", choices: SHELLS }],
  flags: {},
  hides: ["url", "grpc"],
  examples: [
    { line: "source <(berth completion bash)", about: "this session; into ~/.bashrc for all" },
    { line: "berth completion fish > ~/.config/fish/completions/berth.fish", about: "fish" },
  ],
  async run({ args: [shell = ""] }, cli) {
    if (shell === "bash") {
      await cli.out.line(completionBash.trimEnd());
      return exitCodes.ok.code;
    }
    const { script } = await import("@bomb.sh/tab");
    script(shell, "berth", "berth");
    return exitCodes.ok.code;
  },
});
