import { ChevronDown, Languages } from "lucide-react";
import type { CommandDetail } from "@/api/types";
import { Button } from "@/ui/button";
import { Menu, MenuChoice } from "@/ui/menu";

export type Encoding = CommandDetail["stdout_encoding"];

/** The code pages are those of consoles of Windows. */
const WORDS: Record<Encoding, string> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16 LE",
  "utf-16be": "UTF-16 BE",
  cp437: "United States (437)",
  cp850: "Western Europe (850)",
  cp852: "Central Europe (852)",
  cp858: "Western Europe with euro (858)",
  cp866: "Cyrillic (866)",
};
const ENCODINGS = Object.keys(WORDS) as Encoding[];

export interface EncodingChoice {
  /** None is what each stream seems to be. */
  chosen: Encoding | undefined;
  /** As what each was read. */
  stdout: Encoding;
  stderr: Encoding;
  isReading: boolean;
  onChoose: (encoding: Encoding | undefined) => void;
}

interface EncodingMenuProps extends Omit<EncodingChoice, "stdout" | "stderr"> {
  /** As what that which is shown was read. */
  readAs: Encoding[];
}

/** As what the bytes of an output are read. */
export function EncodingMenu({ chosen, readAs, isReading, onChoose }: EncodingMenuProps) {
  const found = [...new Set(readAs)].map((encoding) => WORDS[encoding]).join(" and ");
  return (
    <Menu
      label="Encoding"
      trigger={
        <Button size="sm" isPending={isReading} className="max-w-full">
          <Languages />
          <span className="truncate">
            Encoding: {chosen ? WORDS[chosen] : "Automatic"}
            {!chosen && <span className="ml-1.5 font-normal">{found}</span>}
          </span>
          <ChevronDown className="text-soft" />
        </Button>
      }
    >
      <MenuChoice<Encoding | "automatic">
        value={chosen ?? "automatic"}
        onValue={(value) => onChoose(value === "automatic" ? undefined : value)}
        options={[
          { value: "automatic", content: "Automatic" },
          ...ENCODINGS.map((value) => ({ value, content: WORDS[value] })),
        ]}
      />
    </Menu>
  );
}
