import { expect, it } from "vitest";
import { commandTable } from "../src/commands/command-table.ts";
import { helpOf } from "./support/help-of.ts";
import { runBerth } from "./support/run-berth.ts";

it("shows the commands, the environment and the exit codes", async () => {
  expect(await helpOf()).toMatchInlineSnapshot(`
    "Usage: berth COMMAND [flags]

    Run other people's code, remotely and in isolation.

    Flags:
      -V, --version  Show the version
      -h, --help     Show this help

    Commands:
      run            Run a command as a job, follow it, end with its exit code
      start          Submit a job, print its id, do not wait
      wait           Wait for the end of jobs, end as \`run\` would
      list           List jobs, newest first
      ps             List what waits or runs
      status         Show a job: state, cause, usage, isolation
      output         Show what a job printed, or follow it
      logs           The same as output
      events         Show what has become of a job, state by state
      contacts       List what a job reached, and what its network refused it
      deliveries     List who was told of a job's end; tell them again
      stop           Stop a job and keep its output
      extend         Give a running job more time
      artifacts      List or fetch the files that a job left
      rm             Delete finished jobs with their output and artifacts
      task           Run tasks; define them: what others may run, with an input
      runner         Define where tasks run, and what all of them have
      schedule       Have tasks run by the clock
      webhook        Have tasks run where something else calls
      apply          Have tasks, runners, roles and so on be as files say
      export         Print tasks, runners, roles and so on as such a file
      doctor         Show what the server's host can enforce, and what is missing
      network        List, show and define network profiles: what jobs may reach
      upload         List or delete what \`--dir\` left on the server
      login          Log in; keep a server's URL and token; get a certificate
      logout         End the login, and forget its token
      cert           Issue, list, renew and revoke certificates for gRPC
      whoami         Show who the server takes you for, and your roles
      user           Make accounts, list, lock and delete them; set passwords
      group          Make groups, put users into them and take them out
      session        List logins, and end them
      access         Explain why something is allowed or denied
      role           List roles with what they allow; make some of your own
      binding        Give roles to users and groups, list and take them away
      token          Make tokens for principals, list and revoke them
      quota          Bound what principals run, submit and keep
      audit          Show what happened, verify, export or cut the records of it
      secret         Keep what jobs are given to know; list, change and delete it
      completion     Print the completion script of a shell
      server         Start the server (settings: \`berth server --help\`)
      ca             Make or rotate the authority, on the server's host
      store          Copy the database to another, on the server's host

    Environment:
      BERTH_URL                   server to talk to; default http://127.0.0.1:7400
      BERTH_TOKEN                 token to show it
      BERTH_GRPC                  HOST:PORT to talk gRPC to instead
      BERTH_CLIENT_CRED_LOCATION  folder of ca.crt, client.crt and client.key
      BERTH_DATA_DIR              where the server on this host keeps its admin-token
      NO_COLOR                    set it for output without colours

    Without these: \`url\`, \`token\` and \`grpc\` of ~/.config/berth/config.json (not for
    others to read), else gRPC to localhost:7401 with the certificate in ~/.berth/creds
    (or ~/.cu-thor/creds) where there is one, else http://127.0.0.1:7400 with the token
    in /var/lib/berth/admin-token, where this user may read it. A token is only sent to
    the server it was kept for.

    Exit codes:
      0            Done; for run and wait: the job succeeded, nothing else is 0
      1            doctor: something is missing; apply --exit-code: something changes
      118          The command line or the job's spec is wrong
      119          The token is missing, unknown or not allowed to do this
      120          There is no such job, artifact or result
      121          Refused as things stand: job's state, full queue, used key, no authority
      122          Nobody answers at the server's URL
      123          The job was stopped or passed a limit, and its program ended with 0 or never began
      124          A timeout of the job was reached, however its program ended then
      125          Anything else went wrong in Berth or on its host; the job is lost
      126          The job's program cannot be executed
      127          The job's program is not there
      128+n        Ended by signal n; run: so was the job

    Examples:
      berth run -- python3 -c 'print(6 * 7)'
      berth list --state running
    "
  `);
});

it("says the same for no words and for help", async () => {
  const text = await helpOf();
  expect((await runBerth([])).stdout).toBe(text);
  expect((await runBerth(["help"])).stdout).toBe(text);
});

it.each(commandTable.map(({ name }) => name))(
  "fits the help of %s into 80 columns, with an example, and names no action twice",
  async (name) => {
    const text = await helpOf(name);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(new RegExp(`Examples:\\n[^]*berth ${name}`));
    expect(text.endsWith("\n")).toBe(true);
    const [, actions = ""] = /^Arguments:\n +ACTION +([^]*?)\n(?: {2}\S|\n)/m.exec(text) ?? [];
    const [told = "", choices = ""] = actions.split("(choices:");
    const twice = (choices.match(/\w+/g) ?? []).filter((word) => told.split(/[^\w-]+/).includes(word));
    expect(twice).toEqual([]);
  },
);
