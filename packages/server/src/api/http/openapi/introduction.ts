/** What a reader of the document is told before the first operation; Markdown. */
export const introduction = `
Runs other people's code, remotely and in isolation, and gives back output, result and proof.

## The first job

Every call but \`/healthz\`, \`/readyz\` and this document wants a token: \`Authorization: Bearer berth_...\`. On a fresh server
the administrator's lies in \`<data>/admin-token\`. On the page of this document, press **Authorize**, paste it, then open
\`POST /api/v1/jobs\`, press **Try it out** and **Execute**: the example is a job that runs.

    curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
      "$URL/api/v1/jobs?wait=20s&include=output" -d '{"command":"echo","args":["hello"]}'

## Waiting

A job is stored when the answer is there; it runs whatever becomes of the client. \`wait=20s\`, on a submit or on
\`GET /api/v1/jobs/{id}\`, answers when the job has ended, or with the job as it is when that time is over (a minute at
most): ask again until \`state\` is one of \`succeeded\`, \`failed\`, \`canceled\`, \`lost\`. \`cause\` says why it ended or waits.

## Streams

\`GET /api/v1/jobs/{id}/output\` gives the output from any \`offset\`, with \`follow=true\` until the job has ended. The \`Accept\`
header chooses the form: \`application/octet-stream\` the bytes alone, \`application/x-ndjson\` one \`OutputChunk\` a line,
\`text/event-stream\` server-sent events as \`OutputMessage\` describes them. \`GET /api/v1/jobs/{id}/events\` gives what happens
to the job, as \`JobEventMessage\`. Both end when the end of the job is stored. After a cut connection go on where you
were: with the next \`offset\`, or with the last \`id\` as \`Last-Event-ID\`, as every browser's \`EventSource\` does by itself.

## Sending twice

With an \`Idempotency-Key\` a submit can be sent again after a cut connection: the same key and body answer with the first
job and \`Idempotency-Replayed: true\`; another body is refused. Keys are each user's own.

## Lists

Newest first, page by page: pass \`next\` as \`cursor\` until it is null. Where a parameter takes several values, repeat it:
\`state=running&state=queued\`.

## Units and numbers

Sizes and times are written as people write them: \`512Mi\`, \`10MiB/s\`, \`1.5\`, \`90s\`. Fields that are not known, and keys that
come twice, are refused. Times in answers are in UTC. A \`result\` holds every digit that the job wrote: parsers with doubles
only round numbers beyond 2^53.

## Errors

Every error is an \`Error\`: branch on \`code\`, show \`message\` and \`fix\`, and give \`requestId\` to whoever runs the server. After
429 and 503 wait for \`Retry-After\`, then send the same again.
`.trim();
