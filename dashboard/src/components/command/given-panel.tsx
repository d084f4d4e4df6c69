import type { Command } from "@/api/types";
import { Panel } from "@/ui/panel";
import { CopyButton } from "../copy";
import { NameValues } from "./name-values";

const cell = "border-line border-b px-4 py-1.5 text-left align-top group-last:border-b-0";

type Given = Pick<Command, "arguments" | "variables"> & {
  /** What a script asked for. */
  parameters?: Record<string, string>;
};

/** What the text was given: parameters, arguments in their order, variables by name alone. Nothing, when it was given nothing. */
export function GivenPanel({ command }: { command: Given }) {
  const { parameters = {} } = command;
  return (
    <>
      {Object.keys(parameters).length > 0 && (
        <Panel title="Parameters" bodyClassName="px-4 py-1.5">
          <NameValues label="Parameters" values={parameters} />
        </Panel>
      )}
      {command.arguments.length > 0 && <Arguments texts={command.arguments} />}
      {command.variables.length > 0 && <Variables names={command.variables} />}
    </>
  );
}

function Arguments({ texts }: { texts: string[] }) {
  return (
    <Panel title="Arguments" bodyClassName="max-h-72 overflow-y-auto p-0">
      <table aria-label="Arguments" className="w-full table-fixed text-xs">
        <colgroup>
          <col className="w-14" />
          <col />
          <col className="w-26" />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Value</th>
            <th scope="col">Copy</th>
          </tr>
        </thead>
        <tbody>
          {texts.map((text, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: their order is what they are
            <tr key={index} className="group">
              <th scope="row" className={`${cell} font-medium font-mono`}>
                {index + 1}
              </th>
              <td className={`${cell} whitespace-pre-wrap break-words font-mono`}>
                {text === "" ? <span className="font-sans text-soft">empty</span> : text}
              </td>
              <td className={`${cell} text-right`}>
                {text !== "" && <CopyButton text={text} label="Copy" size="sm" />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Variables({ names }: { names: string[] }) {
  return (
    <Panel title="Variables" bodyClassName="flex flex-col gap-2 px-4 py-3 text-xs">
      <ul aria-label="Variables" className="flex flex-wrap gap-x-4 gap-y-1 font-mono">
        {names.map((name) => (
          <li key={name} className="break-all">
            {name}
          </li>
        ))}
      </ul>
      <p className="text-soft">Their values are not shown, and forgotten when the command has ended.</p>
    </Panel>
  );
}
