import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/problem";
import { parameterOf as asks, scriptVersionOf } from "@/test/script";
import { versionChanges } from "./version-changes";
import {
  checkChoices,
  checkDefault,
  checkInterpreter,
  checkMax,
  checkParameterName,
  checkPlatforms,
  checkText,
  checkVariable,
} from "./version-checks";
import { versionFields } from "./version-errors";
import { NEW_PARAMETER, NEW_VERSION, parameterOf, valuesOf, wishOf } from "./version-values";

const version = scriptVersionOf({
  environment: { MODE: "fast" },
  parameters: [
    asks({ name: "a", default: "" }),
    asks({ name: "b", kind: "number", min: -1.5, max: 3, default: "2", required: true }),
    asks({ name: "c", kind: "choice", choices: ["x", "y"], default: "y" }),
    asks({ name: "d", kind: "agent_field", field: "hostname" }),
    asks({ name: "e", kind: "vault", field: "root" }),
  ],
});

describe("a version in the form", () => {
  it("is sent as it came when nothing was changed in it", () => {
    const { text, interpreter, platforms, context, timeout_seconds, environment, parameters, note } = version;
    expect(wishOf(valuesOf(version))).toEqual({
      text,
      interpreter,
      platforms,
      context,
      timeout_seconds,
      environment,
      parameters,
      note,
    });
  });

  it("forgets what was written of a parameter for another kind", () => {
    const values = { ...NEW_PARAMETER, name: "a", label: "A", min: "1", max_length: "3", choices: "x", field: "y" };
    expect(parameterOf({ ...values, kind: "number" })).toEqual({
      name: "a",
      label: "A",
      kind: "number",
      required: false,
      min: 1,
    });
    expect(parameterOf({ ...values, kind: "vault", default: "secret" })).toEqual({
      name: "a",
      label: "A",
      kind: "vault",
      required: false,
      field: "y",
    });
  });

  it("leaves out rows that nobody wrote in", () => {
    const environment = [
      { name: "", value: "" },
      { name: " A ", value: "1" },
    ];
    expect(wishOf({ ...NEW_VERSION, environment }).environment).toEqual({ A: "1" });
  });
});

describe("what a version may say", () => {
  const values = valuesOf(version);

  it("follows the server's rules", () => {
    expect(checkText(" \n")).toBe("The script has no text.");
    expect(checkText("x".repeat(65_537))).toBe("At most 64 KiB of text; this is 65 KiB.");
    for (const good of ["bash", "python3.11", "/usr/bin/env", "C:\\Tools\\a b.exe"]) {
      expect(checkInterpreter(good)).toBe(true);
    }
    for (const bad of ["", "sh -c", "../x", "/", "bin/sh", '/a"b']) expect(checkInterpreter(bad)).not.toBe(true);
    expect(checkPlatforms(["linux", "windows"], { ...NEW_VERSION, interpreter: "cmd" })).toBe(
      "cmd is on Windows only.",
    );
    expect(checkPlatforms([], NEW_VERSION)).toBe("Choose at least one system.");
    expect(checkParameterName("b", values, 1)).toBe(true);
    expect(checkParameterName("b", values, 2)).toBe("This name is there already.");
    expect(checkParameterName("9lives", values, 5)).toMatch(/^Small letters/);
    expect(checkMax("1", { ...NEW_PARAMETER, min: "2" })).toBe("The largest number is below the smallest one.");
    expect(checkChoices("a\nb\na")).toBe("The choice a is there twice.");
    expect(checkDefault("z", { ...NEW_PARAMETER, kind: "choice", choices: "x\ny" })).toBe("Choose one of: x, y.");
    expect(checkDefault("5", { ...NEW_PARAMETER, kind: "number", max: "4" })).toBe("At most 4.");
    const environment = [
      { name: "Path", value: "" },
      { name: "PATH", value: "" },
      { name: "PARAM_X", value: "" },
    ];
    const checked = environment.map(({ name }, index) => checkVariable(name, { ...values, environment }, index));
    expect(checked[0]).toBe(true);
    expect(checked[1]).toMatch(/already/);
    expect(checked[2]).toMatch(/the server's/);
  });

  it("finds the row that the server means", () => {
    const error = new ApiError({
      status: 422,
      code: "validation_failed",
      detail: "",
      errors: ["parameters[2].default", "environment.MODE", "environment.GONE", "text"].map((field) => ({
        field,
        message: "No.",
      })),
    });
    expect(versionFields(error, values)).toEqual({
      "parameters[2].default": "parameters.2.default",
      "environment.MODE": "environment.0.name",
      "environment.GONE": undefined,
      text: "text",
    });
  });
});

it("says what changed beside the text", () => {
  const old = valuesOf(version);
  const next = {
    ...old,
    timeout_seconds: "60",
    environment: [],
    parameters: [old.parameters[1], old.parameters[0], { ...NEW_PARAMETER, name: "f" }].flatMap((one) => one ?? []),
  };
  expect(versionChanges(old, next)).toEqual([
    "Time limit: 5 min → 1 min",
    "Variable MODE was removed",
    "Parameter c was removed",
    "Parameter d was removed",
    "Parameter e was removed",
    "Parameter f was added",
    "Parameters are in another order",
  ]);
  expect(versionChanges(old, valuesOf(version))).toEqual([]);
});
