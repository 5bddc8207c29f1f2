import { expect, it } from "vitest";
import { helpOf } from "./support/help-of.ts";

it("shows the help of rm", async () => {
  expect(await helpOf("rm")).toMatchInlineSnapshot(`
    "Usage: berth rm [flags] ID...

    Delete finished jobs with their output and artifacts

    Arguments:
      ID           Finished jobs: ids, beginnings of ids, or names

    Flags:
      --json       Print JSON for scripts
      --url <URL>  Server to talk to (else BERTH_URL, else the configuration file)
      --verbose    Tell all that is known of an error
      -h, --help   Show this help

    Prints each id that is gone. One that cannot be deleted keeps no other.

    Examples:
      berth rm ID                                                          # one
      berth rm $(berth list --state failed --all --json | jq -r '.[].id')  # many
    "
  `);
});

it("shows the help of doctor", async () => {
  expect(await helpOf("doctor")).toMatchInlineSnapshot(`
    "Usage: berth doctor [flags]

    Show what the server's host can enforce, and what is missing

    Flags:
      --json       Print JSON for scripts
      --url <URL>  Server to talk to (else BERTH_URL, else the configuration file)
      --verbose    Tell all that is known of an error
      -h, --help   Show this help

    Asks the server to look now at its engines, its database, and the trust in
    certificates. A warning is a limit that cannot be enforced there, or what will
    be missing soon; what is missing keeps jobs from running: then it ends with 1.

    Examples:
      berth doctor                                         # for people
      berth doctor --json | jq '.engines[0].capabilities'  # for scripts
    "
  `);
});

it("shows the help of completion", async () => {
  expect(await helpOf("completion")).toMatchInlineSnapshot(`
    "Usage: berth completion [flags] SHELL

    Print the completion script of a shell

    Arguments:
      SHELL       bash, zsh or fish (choices: "bash", "zsh", "fish")

    Flags:
      --verbose   Tell all that is known of an error
      -h, --help  Show this help

    Examples:
      # this session; into ~/.bashrc for all
      source <(berth completion bash)
      berth completion fish > ~/.config/fish/completions/berth.fish  # fish
    "
  `);
});
