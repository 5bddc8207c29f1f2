import { expect, it } from "vitest";
import { helpOf } from "./support/help-of.ts";

it("shows the help of wait", async () => {
  expect(await helpOf("wait")).toMatchInlineSnapshot(`
    "Usage: berth wait [flags] ID...

    Wait for the end of jobs, end as \`run\` would

    Arguments:
      ID                    Jobs: ids, beginnings of ids, or names

    Flags:
      -t, --timeout <TIME>  Longest wait; the jobs go on
      -q, --quiet           Say nothing: the exit code tells
      --json                Print JSON for scripts
      --url <URL>           Server to talk to (else BERTH_URL, else the
                            configuration file)
      --grpc <HOST:PORT>    Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose             Tell all that is known of an error
      -h, --help            Show this help

    Ends as \`berth run\` would: with 0 when all of them succeeded, else with the
    code of the first that did not, in the order in which they are named; 124 when
    the wait is over before them.

    Examples:
      berth wait ID && echo it worked       # in a script
      berth wait --timeout 10m build tests  # two jobs by their names
    "
  `);
});

it("shows the help of ps", async () => {
  expect(await helpOf("ps")).toMatchInlineSnapshot(`
    "Usage: berth ps [flags]

    List what waits or runs

    Flags:
      -a, --all            Those that have ended too
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
      berth ps                                  # what goes on now
      berth ps -a -n 10                         # the newest ten, ended or not
      berth stop $(berth ps -q --name nightly)  # by their whole ids
    "
  `);
});

it("shows the help of logs", async () => {
  expect(await helpOf("logs")).toMatchInlineSnapshot(`
    "Usage: berth logs [flags] ID

    The same as output

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

it("shows the help of events", async () => {
  expect(await helpOf("events")).toMatchInlineSnapshot(`
    "Usage: berth events [flags] ID

    Show what has become of a job, state by state

    Arguments:
      ID                  Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>           The job, in place of the word ID
      --json              Print one JSON object a line
      --url <URL>         Server to talk to (else BERTH_URL, else the configuration
                          file)
      --grpc <HOST:PORT>  Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose           Tell all that is known of an error
      -h, --help          Show this help

    Every state that the job enters, from the first on; ends when the job has ended.

    Examples:
      # what has become of it, and what becomes of it
      berth events ID
      berth events --json ID | jq -r .type  # for scripts
    "
  `);
});

it("shows the help of extend", async () => {
  expect(await helpOf("extend")).toMatchInlineSnapshot(`
    "Usage: berth extend [flags] ID TIME

    Give a running job more time

    Arguments:
      ID                  Job: its id, the beginning of it, or its name
      TIME                Added to its run timeout, as in 10m

    Flags:
      --by <TIME>         The same as TIME
      --json              Print JSON for scripts
      --url <URL>         Server to talk to (else BERTH_URL, else the configuration
                          file)
      --grpc <HOST:PORT>  Talk gRPC to it, with the certificate in ~/.berth/creds
      --verbose           Tell all that is known of an error
      -h, --help          Show this help

    Examples:
      berth extend ID 30m                                 # half an hour more
      berth extend --json ID --by 1h | jq -r .deadlineAt  # for scripts
    "
  `);
});

it("shows the help of artifacts", async () => {
  expect(await helpOf("artifacts")).toMatchInlineSnapshot(`
    "Usage: berth artifacts [flags] ID

    List or fetch the files that a job left

    Arguments:
      ID                    Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>             The job, in place of the word ID
      -d, --download <DIR>  Fetch them into this folder
      --force               Fetched files replace those that are there
      --json                Print JSON for scripts
      --url <URL>           Server to talk to (else BERTH_URL, else the
                            configuration file)
      --verbose             Tell all that is known of an error
      -h, --help            Show this help

    What the job left and was told to keep (--collect), and what was skipped.

    Examples:
      berth artifacts ID                 # what there is
      berth artifacts ID --download out  # bring it home
    "
  `);
});
