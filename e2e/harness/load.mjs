/** Work for this machine: a busy process, and traffic that leaves it. */
import dgram from "node:dgram";
import { start } from "./processes.mjs";

/** Turns for ever on every processor. The name is what process lists show. */
const BUSY = `
  process.title = "e2e-busy";
  const { Worker } = require("node:worker_threads");
  for (let left = require("node:os").availableParallelism(); left > 0; left -= 1) new Worker("for (;;);", { eval: true });
`;

/** One process that takes whatever all processors have left. */
export function startBusyProcess() {
  return start("busy", process.execPath, ["-e", BUSY]);
}

const DATAGRAM = Buffer.alloc(1400);
const BURST = 100;
const PAUSE_MS = 50;

/**
 * Sends some MiB a second out of this machine until it is told to stop. The datagrams are for an address that is nobody's and
 * live for one hop: the first router drops them. A machine without a way out sends nothing.
 */
export function startTraffic() {
  const socket = dgram.createSocket("udp4");
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  socket.bind(() => {
    socket.setTTL(1);
    timer = setInterval(() => {
      // The kernel may refuse one for lack of room or of a route; what did leave is counted by the kernel.
      for (let left = BURST; left > 0; left -= 1) socket.send(DATAGRAM, 9, "192.0.2.1", () => {});
    }, PAUSE_MS);
  });
  return {
    stop: () => {
      clearInterval(timer);
      socket.close();
    },
  };
}
