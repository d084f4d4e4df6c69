import type { components } from "./schema";

type Schemas = components["schemas"];

export type Agent = Schemas["Agent"];
export type AgentBulkAction = Schemas["AgentBulkAction"];
export type AgentFilter = Schemas["AgentFilter"];
export type AgentState = Schemas["AgentState"];
export type AgentSummary = Schemas["AgentSummary"];
export type ApiKey = Schemas["ApiKey"];
export type AuditEvent = Schemas["AuditEvent"];
export type Capability = Schemas["Capability"];
export type Client = Schemas["Client"];
export type Command = Schemas["Command"];
export type CommandContext = Schemas["CommandContext"];
export type CommandDetail = Schemas["CommandDetail"];
export type CommandRun = Schemas["CommandRun"];
export type CommandRunCounts = Schemas["CommandRunCounts"];
export type CommandRunDetail = Schemas["CommandRunDetail"];
export type CommandRunGroup = Schemas["CommandRunGroup"];
export type CommandRunMode = Schemas["CommandRunMode"];
export type CommandRunPreview = Schemas["CommandRunPreview"];
export type CommandRunStatus = Schemas["CommandRunStatus"];
export type CommandRunTargets = Schemas["CommandRunTargets"];
export type CommandStatus = Command["status"];
export type CommandType = Schemas["CommandType"];
export type CustomField = Schemas["CustomField"];
export type Aggregate = Schemas["Aggregate"];
export type Finding = Schemas["Finding"];
export type GrantInfo = Schemas["GrantInfo"];
export type History = Schemas["History"];
export type HistoryPoint = Schemas["HistoryPoint"];
export type InstallReport = Schemas["InstallReport"];
export type Invitation = Schemas["Invitation"];
export type Login = Schemas["Login"];
export type Me = Schemas["Me"];
export type Member = Schemas["Member"];
export type MetricsPoint = Schemas["MetricsPoint"];
export type MetricsRange = Schemas["MetricsRange"];
export type OpenSession = Schemas["OpenSession"];
export type OrganisationSettings = Schemas["OrganisationSettings"];
export type PermissionDecision = Schemas["PermissionDecision"];
export type PlatformOrganisation = Schemas["PlatformOrganisation"];
export type Process = Schemas["Process"];
export type Role = Schemas["Role"];
export type Schedule = Schemas["Schedule"];
export type ScheduleDetails = Schemas["ScheduleDetails"];
export type ScheduleOccurrence = Schemas["ScheduleOccurrence"];
export type SchedulePreview = Schemas["SchedulePreview"];
export type ScheduleTrigger = Schemas["ScheduleTrigger"];
export type Script = Schemas["Script"];
export type ScriptImported = Schemas["ScriptImported"];
export type ScriptParameter = Schemas["ScriptParameter"];
export type ScriptParameterKind = Schemas["ScriptParameterKind"];
export type ScriptPlatform = Schemas["ScriptPlatform"];
export type ScriptVersion = Schemas["ScriptVersion"];
export type ScriptVersionWish = Schemas["ScriptVersionWish"];
export type Site = Schemas["Site"];
export type SiteKey = Schemas["SiteKey"];
export type SavedView = Schemas["SavedView"];
export type StoredGrant = Schemas["StoredGrant"];

/** One page of a list, as every list operation answers. */
export interface Page<Item> {
  items: Item[];
  next?: string | null;
  count?: number | null;
}
