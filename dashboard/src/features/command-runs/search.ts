import * as z from "zod/mini";
import { statusSearch } from "@/components/command/status-search";

/** Which of the run's commands are listed. */
export const commandRunSearch = z.object({ status: statusSearch });
