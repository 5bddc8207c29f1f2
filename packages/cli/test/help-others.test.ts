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
      --network                Try from real jobs what no job may reach
      --target <ADDRESS:PORT>  With --network: try also that this is reached (repeat
                               it)
      --json                   Print JSON for scripts
      --url <URL>              Server to talk to (else BERTH_URL, else the
                               configuration file)
      --verbose                Tell all that is known of an error
      -h, --help               Show this help

    Asks the server to look now at its engines, its database, and the trust in
    certificates. A warning is a limit that cannot be enforced there, or what will
    be missing soon; what is missing keeps jobs from running: then it ends with 1.
    --network runs two jobs with the network \`internet\` and ends with 1 where one
    reached what is closed: private addresses, metadata, the server, the other job.

    Examples:
      berth doctor                                         # for people
      berth doctor --network --target 1.1.1.1:443          # prove it on this host
      berth doctor --json | jq '.engines[0].capabilities'  # for scripts
    "
  `);
});

it("shows the help of completion", async () => {
  expect(await helpOf("completion")).toMatchInlineSnapshot(`
    "Usage: berth completion [flags] SHELL

    Print the completion script of a shell

    Arguments:
      SHELL       bash, zsh or fish

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

it("shows the help of network", async () => {
  expect(await helpOf("network")).toMatchInlineSnapshot(`
    "Usage: berth network [flags] ACTION WORD...

    List, show and define network profiles: what jobs may reach

    Arguments:
      ACTION                list, get NAME, create NAME, update NAME, delete
                            NAME..., propose JOB..., try NAME -- CMD
      WORD                  Names of profiles, or jobs, or a command

    Flags:
      --spec <FILE>         All of it from a file of JSON; - reads yours
      --description <TEXT>  For people
      --domain <NAME>       Name it may look up; *.x.org is all below x.org (repeat
                            it)
      --port <N>            Port of the domains, default 443 (repeat it)
      --protocol <NAME>     Protocol of the domains, default tcp (repeat it)
                            (choices: "tcp", "udp")
      --address <ADDRESS>   As 10.1.2.3:5432/tcp or 2001:db8::/64:443 (repeat it)
      --host-port <N>       Port of a service of the host (repeat it)
      --resolver <IP>       Whom to ask for names (repeat it)
      --public              Open all public addresses
      --observe             Record what its jobs look up and reach
      --rate <RATE>         Most bytes a second, each way: 10MiB/s; at most 10GiB/s
      --connections <N>     Most connections at once, default 1000
      --create <NAME>       propose: define it under this name
      --json                Print JSON for scripts
      --url <URL>           Server to talk to (else BERTH_URL, else the
                            configuration file)
      --verbose             Tell all that is known of an error
      -h, --help            Show this help

    What a job may reach is what its profile names: \`berth run --network NAME\`. All
    but \`list\` and \`get\` takes an administrator. \`update\` leaves what no flag names,
    and holds for jobs submitted after it. \`propose\` prints the smallest profile
    that would have let these jobs do what they did and tried, as --spec takes it:
    run them with --observe. \`try\` runs a command under a profile and lists what it
    met.

    Examples:
      # names
      berth network create pypi --domain pypi.org --domain '*.pythonhosted.org'
      # an address
      berth network create db --address 10.1.2.3:5432/tcp
      # from what a job did
      berth network propose ID --create ours
      # what would it stop?
      berth network try ours -- ./build.sh
    "
  `);
});

it("shows the help of deliveries", async () => {
  expect(await helpOf("deliveries")).toMatchInlineSnapshot(`
    "Usage: berth deliveries [flags] ID

    List who was told of a job's end; tell them again

    Arguments:
      ID                   Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>            The job, in place of the word ID
      --resend <DELIVERY>  Send this one again, now
      --json               Print JSON for scripts
      --url <URL>          Server to talk to (else BERTH_URL, else the configuration
                           file)
      --verbose            Tell all that is known of an error
      -h, --help           Show this help

    What was sent to the callbacks of a task when its run had ended, and what came
    of each attempt. What fails is tried again for about 31 hours; --resend begins
    anew. Receivers know it by its id, which stays the same.

    Examples:
      # for people
      berth deliveries ID
      # its receiver is there again
      berth deliveries ID --resend DELIVERY
      # for scripts
      berth deliveries ID --json | jq '.[] | select(.state == "failed")'
    "
  `);
});

it("shows the help of contacts", async () => {
  expect(await helpOf("contacts")).toMatchInlineSnapshot(`
    "Usage: berth contacts [flags] ID

    List what a job reached, and what its network refused it

    Arguments:
      ID           Job: its id, the beginning of it, or its name

    Flags:
      --id <ID>    The job, in place of the word ID
      --json       Print JSON for scripts
      --url <URL>  Server to talk to (else BERTH_URL, else the configuration file)
      --verbose    Tell all that is known of an error
      -h, --help   Show this help

    What a job was refused, and, where it ran with --observe or its profile says so,
    what it looked up and reached. Known when it has ended.

    Examples:
      # for people
      berth contacts ID
      # for scripts
      berth contacts ID --json | jq '.[] | select(.outcome == "refused")'
    "
  `);
});

it("shows the help of task", async () => {
  expect(await helpOf("task")).toMatchInlineSnapshot(`
    "Usage: berth task [flags] ACTION WORD...

    Run tasks; define them: what others may run, with an input

    Arguments:
      ACTION                    run NAME, schema NAME, list, get NAME, create NAME,
                                update NAME, delete NAME, versions NAME, diff NAME,
                                rollback NAME VERSION
      WORD                      The task, and versions of it

    Flags:
      --spec <FILE>             What it says, a file of JSON; - reads yours
      --description <TEXT>      For people
      --network <NAME>          Network profile of its jobs
      --secret <NAME>           Secret that its jobs get as files (repeat it)
      --memory <SIZE>           Memory of its jobs
      --timeout <TIME>          Run timeout of its jobs
      --at <VERSION>            get: as of this version; update: refuse another
      --json                    Print JSON for scripts
      --runner <NAME>           The runner that it belongs to
      --command <TEXT>          What the shell runs
      --schema <FILE>           JSON Schema of its input, a file
      --synchronous             Answer a run with the finished job
      --result-file <PATH>      JSON file that is the result
      --callback <URL>          Who is told when a run has ended (repeat it)
      --callback-secret <NAME>  The secret that signs what they are told
      --retry <COUNT>           Run it again so often where the host fails, 1 to 10
      --input <FILE>            run: the input, a file; - reads yours
      --set <FIELD=VALUE>       run: a field of the input, as a.b=1 (repeat it)
      --no-ask                  run: ask for nothing, also at a terminal
      --detach                  run: print the job's id, do not wait
      --url <URL>               Server to talk to (else BERTH_URL, else the
                                configuration file)
      --verbose                 Tell all that is known of an error
      -h, --help                Show this help

    A task is a command of a runner that others may run with an input, without being
    told its secrets. The job finds the input in $EXTRA_VARS, or, where it is longer
    than 96 KiB, in the file that $EXTRA_VARS_FILE names; its result is the JSON
    between two lines ^JSON of its output. \`run\` follows it and ends as \`berth run\`
    would. At a terminal it asks for what the task takes: all of it, or, where --set
    or --input say something, what is still required. \`run NAME --help\` shows that.

    Examples:
      # a command
      berth task create hello --runner reports --command 'echo $EXTRA_VARS'
      # with an input
      berth task run hello --set name=Ada --set times=3
      # for scripts
      berth task run hello --input - --json < input.json
    "
  `);
});

it("shows the help of runner", async () => {
  expect(await helpOf("runner")).toMatchInlineSnapshot(`
    "Usage: berth runner [flags] ACTION WORD...

    Define where tasks run, and what all of them have

    Arguments:
      ACTION                list, get NAME, create NAME, update NAME, delete NAME,
                            versions NAME, diff NAME, rollback NAME VERSION
      WORD                  The runner, and versions of it

    Flags:
      --spec <FILE>         What it says, a file of JSON; - reads yours
      --description <TEXT>  For people
      --network <NAME>      Network profile of its jobs
      --secret <NAME>       Secret that its jobs get as files (repeat it)
      --memory <SIZE>       Memory of its jobs
      --timeout <TIME>      Run timeout of its jobs
      --at <VERSION>        get: as of this version; update: refuse another
      --json                Print JSON for scripts
      --git <URL>           Git repository of its code
      --ref <NAME>          Branch, tag or commit of it (else main)
      --subdir <PATH>       Folder of it that commands begin in
      --git-token <SECRET>  Secret whose key \`token\` is shown to its host over HTTP
      --git-user <NAME>     Whom that is shown for (else git)
      --git-key <SECRET>    Secret whose key \`key\` is the private key for ssh
      --known-hosts <FILE>  What ssh-keyscan prints of its host, a file
      --git-ca <FILE>       Certificates of who signs that of its https host, a file
      --submodules          Have its submodules come too
      --image <NAME>        Image that its tasks run in
      --url <URL>           Server to talk to (else BERTH_URL, else the
                            configuration file)
      --verbose             Tell all that is known of an error
      -h, --help            Show this help

    A runner is where tasks run, and what all of its tasks have: limits, network and
    secrets, unless a task says otherwise. \`update\` leaves what neither file nor
    flag names. Every change is a version: \`diff\` tells two apart, by itself the
    last two, and \`rollback\` puts one in force again, as a new one.

    Examples:
      # limits and a secret
      berth runner create reports --memory 512Mi --timeout 5m --secret database
      # code from a repository
      berth runner create tools --git https://host/tools --git-token tools-git
      # what was changed last
      berth runner diff reports
    "
  `);
});

it("shows the help of apply", async () => {
  expect(await helpOf("apply")).toMatchInlineSnapshot(`
    "Usage: berth apply [flags]

    Have tasks, runners, roles and so on be as files say

    Flags:
      -f, --file <FILE>  What shall be; a folder is its files, - reads yours (repeat
                         it)
      --dry-run          Check it all, tell what would change, change nothing
      --exit-code        End with 1 where something changes, or would
      --json             Print JSON for scripts
      --url <URL>        Server to talk to (else BERTH_URL, else the configuration
                         file)
      --verbose          Tell all that is known of an error
      -h, --help         Show this help

    A file is YAML: lists of roles, bindings, runners, tasks, schedules, webhooks;
    each entry is what the API takes. All of it comes to be or nothing does, and
    what says the same already is left alone. An entry is all that it says: a field
    that is left out is taken away. What no file names stays: delete it by name, as
    with \`berth task delete\`. Secrets are named in a file, and made beforehand.

    Examples:
      berth apply -f berth.yaml --dry-run  # what would change, field by field
      berth apply -f berth.yaml            # have it so
      berth export | berth apply -f -      # changes nothing
    "
  `);
});

it("shows the help of export", async () => {
  expect(await helpOf("export")).toMatchInlineSnapshot(`
    "Usage: berth export [flags] WHAT...

    Print tasks, runners, roles and so on as such a file

    Arguments:
      WHAT         A kind, or one of it: tasks, tasks/NAME. Default: all. Kinds:
                   roles, bindings, runners, tasks, schedules, webhooks

    Flags:
      --json       Print JSON for scripts
      --url <URL>  Server to talk to (else BERTH_URL, else the configuration file)
      --verbose    Tell all that is known of an error
      -h, --help   Show this help

    Prints what \`berth apply\` takes, and changes nothing by: all that you may list,
    without what is built in, and without the values of secrets, which are named.

    Examples:
      berth export > berth.yaml          # all of it
      berth export runners tasks/report  # all runners, and one task
    "
  `);
});
