import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";

export const role = defineCommand({
  arguments: [{ name: "ACTION", about: "list", choices: ["list"] }],
  flags: { ...jsonFlag },
  hides: ["grpc"],
  examples: [{ line: "berth role list", about: "what each role allows" }],
  async run({ flags }, cli) {
    const berth = await cli.connect();
    const { items } = await berth.roles.list();
    if (flags.json) await cli.out.json(items);
    else {
      const { renderTable } = await import("../../core/text/table.ts");
      const columns = [
        { title: "ROLE" },
        { title: "RESOURCE" },
        { title: "OF" },
        { title: "VERBS", flexible: true },
      ];
      const rows = items.flatMap(({ name, rules }) =>
        rules.map(({ resource, names, verbs, own }) => [
          name,
          resource,
          own === true ? "its own" : names.includes("*") ? "all" : names.join(","),
          verbs.join(","),
        ]),
      );
      await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
    }
    return exitCodes.ok.code;
  },
});
