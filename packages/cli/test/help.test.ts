import { expect, it } from "vitest";
import { commandTable } from "../src/commands/command-table.ts";
import { runBerth } from "./support/run-berth.ts";

async function help(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runBerth([...words, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

it("shows the commands, the environment and the exit codes", async () => {
  expect(await help()).toMatchInlineSnapshot(`
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
      stop           Stop a job and keep its output
      extend         Give a running job more time
      artifacts      List or fetch the files that a job left
      rm             Delete finished jobs with their output and artifacts
      doctor         Show what the server's host can enforce, and what is missing
      login          Keep a server's URL and token; get a certificate for gRPC
      cert           Issue, list, renew and revoke certificates for gRPC
      completion     Print the completion script of a shell
      server         Start the server (settings: \`berth server --help\`)
      ca             Make or rotate the authority, on the server's host

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
      1            doctor: something is missing
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
  const text = await help();
  expect((await runBerth([])).stdout).toBe(text);
  expect((await runBerth(["help"])).stdout).toBe(text);
});

it.each(commandTable.map(({ name }) => name))(
  "fits the help of %s into 80 columns, with an example",
  async (name) => {
    const text = await help(name);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(new RegExp(`Examples:\\n[^]*berth ${name}`));
    expect(text.endsWith("\n")).toBe(true);
  },
);

it("shows the help of run", async () => {
  expect(await help("run")).toMatchInlineSnapshot(`
    "Usage: berth run [flags] [--] CMD [ARGS...]

    Run a command as a job, follow it, end with its exit code

    Arguments:
      CMD                        Program to run in the job
      ARGS                       Its arguments, flags of its own included

    Flags:
      --command <CMD>            Program to run; then all words are its arguments
      -f, --file <LOCAL[:NAME]>  Input file, put into /work (repeat it)
      -e, --env <K[=V]>          Environment variable; K alone takes your own value
                                 (repeat it)
      --stdin <FILE>             File to feed to its stdin; - feeds yours
      --workdir <DIR>            Working directory (default /work)
      --name <NAME>              Name of the job
      -l, --label <K=V>          Label to find it by (repeat it)
      --cpu <CORES>              Cores, as in 1.5, 500m, 50%
      --memory <SIZE>            Hard memory limit, as in 512Mi
      --memory-high <SIZE>       Memory at which it is slowed down
      --io-read <RATE>           Disk reads, as in 10MiB/s
      --io-write <RATE>          Disk writes
      --pids <N>                 Most processes and threads together
      --disk <SIZE>              Most bytes it may keep in /work
      -t, --timeout <TIME>       Longest running time, as in 90s
      --queue-timeout <TIME>     Longest wait in the queue
      --start-timeout <TIME>     Longest preparation
      --idle-timeout <TIME>      Longest time without output
      --cpu-time <TIME>          Most CPU time of all its processes
      --output-limit <SIZE>      Most bytes of each stream
      --overflow <HOW>           Past the output limit: stop it, or discard the rest
                                 (choices: "stop", "discard")
      --collect <PATH>           File or folder below /work to keep; * and ** match
                                 (repeat it)
      --result-file <PATH>       JSON file below /work that is its result
      --engine <NAME>            Engine to run it on (see \`berth doctor\`)
      --download <DIR>           Fetch its artifacts into this folder at the end
      -q, --quiet                Say nothing but what the job prints
      --json                     Print the finished job as JSON on stdout; its
                                 output goes to stderr
      --url <URL>                Server to talk to (else BERTH_URL, else the
                                 configuration file)
      --grpc <HOST:PORT>         Talk gRPC to it, with the certificate in
                                 ~/.berth/creds
      --verbose                  Tell all that is known of an error
      -h, --help                 Show this help

    Ends with 0 when the job succeeded, and never else: 124 after a timeout, 127 and
    126 for a program that is not there or cannot be executed, 128+n when signal n
    ended it (143: the TERM of a stop, 137: KILL), its program's own code where that
    is not 0, else 123 (stopped, or over a limit) or 125 (the host failed). Ctrl-C
    stops the job and waits for its end; a second Ctrl-C leaves at once. Your
    terminal's input is not read unless --stdin - asks for it.

    Examples:
      # output here, exit code too
      berth run -- python3 -c 'print(6 * 7)'
      # with files
      berth run -f report.py -f data.csv --memory 512Mi -- python3 report.py
      # and bring the results home
      berth run -f plot.py --collect 'out/**' --download . -- python3 plot.py
    "
  `);
});

it("shows the help of start", async () => {
  expect(await help("start")).toMatchInlineSnapshot(`
    "Usage: berth start [flags] [--] CMD [ARGS...]

    Submit a job, print its id, do not wait

    Arguments:
      CMD                        Program to run in the job
      ARGS                       Its arguments, flags of its own included

    Flags:
      --command <CMD>            Program to run; then all words are its arguments
      -f, --file <LOCAL[:NAME]>  Input file, put into /work (repeat it)
      -e, --env <K[=V]>          Environment variable; K alone takes your own value
                                 (repeat it)
      --stdin <FILE>             File to feed to its stdin; - feeds yours
      --workdir <DIR>            Working directory (default /work)
      --name <NAME>              Name of the job
      -l, --label <K=V>          Label to find it by (repeat it)
      --cpu <CORES>              Cores, as in 1.5, 500m, 50%
      --memory <SIZE>            Hard memory limit, as in 512Mi
      --memory-high <SIZE>       Memory at which it is slowed down
      --io-read <RATE>           Disk reads, as in 10MiB/s
      --io-write <RATE>          Disk writes
      --pids <N>                 Most processes and threads together
      --disk <SIZE>              Most bytes it may keep in /work
      -t, --timeout <TIME>       Longest running time, as in 90s
      --queue-timeout <TIME>     Longest wait in the queue
      --start-timeout <TIME>     Longest preparation
      --idle-timeout <TIME>      Longest time without output
      --cpu-time <TIME>          Most CPU time of all its processes
      --output-limit <SIZE>      Most bytes of each stream
      --overflow <HOW>           Past the output limit: stop it, or discard the rest
                                 (choices: "stop", "discard")
      --collect <PATH>           File or folder below /work to keep; * and ** match
                                 (repeat it)
      --result-file <PATH>       JSON file below /work that is its result
      --engine <NAME>            Engine to run it on (see \`berth doctor\`)
      --json                     Print JSON for scripts
      --url <URL>                Server to talk to (else BERTH_URL, else the
                                 configuration file)
      --grpc <HOST:PORT>         Talk gRPC to it, with the certificate in
                                 ~/.berth/creds
      --verbose                  Tell all that is known of an error
      -h, --help                 Show this help

    After -- all words are the job's, flags of its own included.

    Examples:
      id=$(berth start -f job.sh -t 1h -- ./job.sh)   # goes on without you
      berth start --command head -- -n10 /dev/random  # the program by a flag
      berth output --follow "$id"                     # come back to it
    "
  `);
});

it("shows the help of list", async () => {
  expect(await help("list")).toMatchInlineSnapshot(`
    "Usage: berth list [flags]

    List jobs, newest first

    Flags:
      --state <STATE>      In one of these states (repeat it, or separate by commas)
      -a, --all            All of them
      -l, --label <K=V>    With this label (repeat it)
      --name <NAME>        With this name
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
  expect(await help("status")).toMatchInlineSnapshot(`
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
  expect(await help("output")).toMatchInlineSnapshot(`
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
  expect(await help("stop")).toMatchInlineSnapshot(`
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
