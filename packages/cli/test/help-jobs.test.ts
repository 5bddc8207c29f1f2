import { expect, it } from "vitest";
import { helpOf } from "./support/help-of.ts";

it("shows the help of list", async () => {
  expect(await helpOf("list")).toMatchInlineSnapshot(`
    "Usage: berth list [flags]

    List jobs, newest first

    Flags:
      --state <STATE>      In one of these states (repeat it, or separate by commas)
      -a, --all            All of them
      -l, --label <K=V>    With this label (repeat it)
      --name <NAME>        With this name
      --task <NAME>        Runs of this task
      -n, --limit <N>      At most this many (default 50)
      --columns <COLUMNS>  What to show: names separated by commas (below)
      -q, --quiet          Print whole ids alone
      --json               Print JSON for scripts
      --url <URL>          Server to talk to (else BERTH_URL, else the configuration
                           file)
      --grpc <HOST:PORT>   Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose            Tell all that is known of an error
      -h, --help           Show this help

    Columns: id, name, state, age, time, cause, command, owner, engine,
    labels, created, started, ended, exit, memory, output.
    On a terminal ids are shortened as far as the list allows, and what does not fit
    is left out; elsewhere all is whole. Every command takes the shortened ids.

    Examples:
      berth list --state queued,running       # what goes on now
      berth list --columns id,name,command    # what runs, as it was asked for
      berth list --label team=a --all --json  # for scripts
    "
  `);
});

it("shows the help of status", async () => {
  expect(await helpOf("status")).toMatchInlineSnapshot(`
    "Usage: berth status [flags] ID

    Show a job: state, cause, usage, isolation

    Arguments:
      ID                  Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>           The job, in place of the word ID
      --json              Print JSON for scripts
      --url <URL>         Server to talk to (else BERTH_URL, else the configuration
                          file)
      --grpc <HOST:PORT>  Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose           Tell all that is known of an error
      -h, --help          Show this help

    Examples:
      berth status 0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7  # for people
      berth status --json ID | jq .cause.code            # for scripts
    "
  `);
});

it("shows the help of output", async () => {
  expect(await helpOf("output")).toMatchInlineSnapshot(`
    "Usage: berth output [flags] ID

    Show what a job printed, or follow it

    Arguments:
      ID                  Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>           The job, in place of the word ID
      -f, --follow        Go on until the job has ended (a terminal does)
      --no-follow         Show what there is now, on a terminal too
      -n, --tail <N>      Begin at the last N lines
      --since <TIME>      Begin at this time: 10m (ago), or a date
      -t, --timestamps    Begin each line with the time it came
      --offset <N>        Begin at this byte of the stream (default 0)
      --stream <STREAM>   Which stream (default all); one alone goes to stdout
                          (choices: "all", "stdout", "stderr")
      --stage <STAGE>     Which stage, by kind or id (default: the command)
      --json              Print one JSON object a line: stream, offset, at, data
                          (base64)
      --url <URL>         Server to talk to (else BERTH_URL, else the configuration
                          file)
      --grpc <HOST:PORT>  Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose           Tell all that is known of an error
      -h, --help          Show this help

    Without --stream, the job's stdout goes to stdout and its stderr to stderr.
    \`berth logs\` is the same command.

    Examples:
      berth output --follow ID                   # as it comes
      berth logs --tail 20 --timestamps nightly  # its last lines, with their times
      berth output --stream stdout ID > out.txt  # one stream, into a file
    "
  `);
});

it("shows the help of stop", async () => {
  expect(await helpOf("stop")).toMatchInlineSnapshot(`
    "Usage: berth stop [flags] ID

    Stop a job and keep its output

    Arguments:
      ID                  Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>           The job, in place of the word ID
      --grace <TIME>      Time between TERM and KILL, as in 5s
      --wait              Wait until it has ended
      --json              Print JSON for scripts
      --url <URL>         Server to talk to (else BERTH_URL, else the configuration
                          file)
      --grpc <HOST:PORT>  Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose           Tell all that is known of an error
      -h, --help          Show this help

    Examples:
      berth stop --grace 30s ID  # time to save its work
      berth stop --wait ID       # gone when this returns
    "
  `);
});
