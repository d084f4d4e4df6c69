/** The network between a browser and the server, to be cut: an address of its own that leads to the server. */
import { once } from "node:events";
import net from "node:net";

/** @param {string} server its address */
export async function startProxy(server) {
  const { hostname, port } = new URL(server);
  /** @type {Set<net.Socket>} */
  const open = new Set();
  let isCut = false;
  const proxy = net.createServer((near) => {
    if (isCut) return void near.destroy();
    const far = net.connect(Number(port), hostname);
    for (const socket of [near, far]) {
      const other = socket === near ? far : near;
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = /** @type {net.AddressInfo} */ (proxy.address());
  const drop = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${address.port}`,
    /** Every connection ends, and none begins. */
    cut: () => {
      isCut = true;
      drop();
    },
    restore: () => {
      isCut = false;
    },
    stop: () => {
      proxy.close();
      drop();
    },
  };
}
