import { create, toBinary } from "@bufbuild/protobuf";
import type { JobSpecView } from "@berth/protocol";
import { ExecutionInfoReplySchema } from "@berth/protocol/executor";
import { answerRequests, movable } from "../../../lib/turns/answer-requests.ts";
import { resultField, sourceFields } from "../messages/large-fields.ts";
import type { LargeOfInfo } from "./large-infos.ts";

/** The thread that puts what is large of an execution into the form of the wire. */
answerRequests<LargeOfInfo, Uint8Array>(({ specJson, resultJson }) => {
  const fields: Uint8Array[] = [];
  if (specJson !== null) {
    const view = JSON.parse(new TextDecoder().decode(specJson)) as JobSpecView;
    fields.push(toBinary(ExecutionInfoReplySchema, create(ExecutionInfoReplySchema, sourceFields(view))));
  }
  if (resultJson !== null) fields.push(resultField(resultJson));
  const answer = new Uint8Array(Buffer.concat(fields));
  return Promise.resolve({ answer, moved: movable([answer]) });
});
