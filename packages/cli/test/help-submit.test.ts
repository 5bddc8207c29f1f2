import { expect, it } from "vitest";
import { helpOf } from "./support/help-of.ts";

it("shows the help of run", async () => {
  expect(await helpOf("run")).toMatchInlineSnapshot(`
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
      --queue-timeout <TIME>     Longest wait in the queue
      --start-timeout <TIME>     Longest preparation
      -t, --timeout <TIME>       Longest running time, as in 90s
      --idle-timeout <TIME>      Longest time without output
      --cpu-time <TIME>          Most CPU time of all its processes
      --output-limit <SIZE>      Most bytes of each stream
      --overflow <HOW>           Past the output limit: stop it, or discard the rest
                                 (choices: "stop", "discard")
      --collect <PATH>           File or folder below /work to keep; * and ** match
                                 (repeat it)
      --result-file <PATH>       JSON file below /work that is its result
      --network <NAME>           Network profile: what it may reach (see \`berth
                                 network list\`)
      --observe                  Record what it looks up and reaches (see \`berth
                                 contacts\`)
      --secret <NAME>            Secret as files in /etc/secret; of some keys
                                 NAME:KEY,KEY (repeat it)
      --secret-env <ENTRY>       Key of a secret as a variable: VAR=NAME:KEY (repeat
                                 it)
      --engine <NAME>            Engine to run it on (see \`berth doctor\`)
      --priority <N>             Among your own that wait: -100 to 100, the higher
                                 first
      --dir <DIR>                Folder to put into /work; what the server has is
                                 not sent again
      --ignore-file <FILE>       What of it stays here, as in .gitignore (default
                                 DIR/.berthignore)
      --download <DIR>           Fetch its artifacts into this folder at the end
      --force                    Fetched files replace those that are there
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
      # a whole folder
      berth run --dir . -- make test
      # with files
      berth run -f report.py -f data.csv --memory 512Mi -- python3 report.py
      # and bring the results home
      berth run -f plot.py --collect 'out/**' --download . -- python3 plot.py
    "
  `);
});

it("shows the help of start", async () => {
  expect(await helpOf("start")).toMatchInlineSnapshot(`
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
      --queue-timeout <TIME>     Longest wait in the queue
      --start-timeout <TIME>     Longest preparation
      -t, --timeout <TIME>       Longest running time, as in 90s
      --idle-timeout <TIME>      Longest time without output
      --cpu-time <TIME>          Most CPU time of all its processes
      --output-limit <SIZE>      Most bytes of each stream
      --overflow <HOW>           Past the output limit: stop it, or discard the rest
                                 (choices: "stop", "discard")
      --collect <PATH>           File or folder below /work to keep; * and ** match
                                 (repeat it)
      --result-file <PATH>       JSON file below /work that is its result
      --network <NAME>           Network profile: what it may reach (see \`berth
                                 network list\`)
      --observe                  Record what it looks up and reaches (see \`berth
                                 contacts\`)
      --secret <NAME>            Secret as files in /etc/secret; of some keys
                                 NAME:KEY,KEY (repeat it)
      --secret-env <ENTRY>       Key of a secret as a variable: VAR=NAME:KEY (repeat
                                 it)
      --engine <NAME>            Engine to run it on (see \`berth doctor\`)
      --priority <N>             Among your own that wait: -100 to 100, the higher
                                 first
      --dir <DIR>                Folder to put into /work; what the server has is
                                 not sent again
      --ignore-file <FILE>       What of it stays here, as in .gitignore (default
                                 DIR/.berthignore)
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
