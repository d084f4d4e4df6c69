import type { Finding } from "@/api/types";
import { type CloneSide, cloneSides } from "./finding-words";

const ROWS: { name: string; of: (side: CloneSide) => string | undefined }[] = [
  { name: "Host name", of: (side) => side.hostname },
  { name: "Serial number", of: (side) => side.serial },
  { name: "Model", of: (side) => side.model },
  { name: "Address", of: (side) => side.ip },
];

/** Both machines that use one identity, side by side, and what to do about it. */
export function CloneSides({ finding }: { finding: Finding }) {
  const sides = cloneSides(finding);
  return (
    <div className="flex flex-col gap-3 text-sm">
      {sides && (
        <table className="w-full table-fixed border-line border-y">
          <caption className="sr-only">Both machines</caption>
          <thead>
            <tr className="border-line border-b text-left text-soft text-xs">
              <td className="w-28 py-1.5" />
              <th scope="col" className="py-1.5 pr-3 font-medium">
                First
              </th>
              <th scope="col" className="py-1.5 font-medium">
                Second
              </th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(({ name, of }) => {
              const differs = of(sides[0]) !== of(sides[1]);
              return (
                <tr key={name} className="border-line border-b align-top last:border-b-0">
                  <th scope="row" className="py-1.5 pr-3 text-left font-normal text-soft">
                    {name}
                  </th>
                  {sides.map((side, index) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: there are two, and they stay in their order
                      key={index}
                      className={differs ? "break-words py-1.5 pr-3 font-medium" : "break-words py-1.5 pr-3"}
                    >
                      {of(side) ?? "—"}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <div>
        <p className="font-medium">What to do</p>
        <ol className="mt-1 flex list-decimal flex-col gap-1 pl-5 text-soft">
          <li>Choose which of the two is to keep this record, often the first.</li>
          <li>On the other, remove the agent and enrol it anew with a site key: it gets a record of its own.</li>
          <li>Release the machine here. It works again within five minutes.</li>
        </ol>
      </div>
    </div>
  );
}
