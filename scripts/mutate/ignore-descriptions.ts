/** What Stryker asks of a plugin that leaves parts of a program as they are; its own types are not a package of ours. */
interface Ignorer {
  shouldIgnore(path: NodePath): string | undefined;
}

interface NodePath {
  node: { type: string };
  parent: { type: string; callee?: { property?: { name?: string } } } | null;
}

const descriptions: Ignorer = {
  shouldIgnore({ node, parent }) {
    const isDescription =
      node.type === "ObjectExpression" &&
      parent?.type === "CallExpression" &&
      parent.callee?.property?.name === "meta";
    return isDescription ? "stands in the generated references, which `npm run check` holds" : undefined;
  },
};

/** Texts and examples of the contract, given to `.meta()` of a schema. */
export const strykerPlugins = [{ kind: "Ignore", name: "descriptions", value: descriptions }];
