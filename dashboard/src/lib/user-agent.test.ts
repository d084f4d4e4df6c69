import { expect, it } from "vitest";
import { browserWords, isPhone } from "./user-agent";

it("tells a browser by what it calls itself", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
  expect(browserWords(chrome)).toBe("Chrome on Linux");
  expect(browserWords(`${chrome} Edg/140.0.0.0`)).toBe("Edge on Linux");
  expect(browserWords("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(
    "Firefox on Windows",
  );
  const phone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1";
  expect(browserWords(phone)).toBe("Safari on iPhone");
  expect([isPhone(phone), isPhone(chrome)]).toEqual([true, false]);
  expect(browserWords("curl/8.5.0")).toBe("curl");
  expect(browserWords("some-script")).toBe("some-script");
  expect(browserWords(null)).toBe("Unknown browser");
});
