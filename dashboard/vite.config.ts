import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.GURURMM_SERVER ?? "http://localhost:3001";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // The content security policy allows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    // The server checks the origin of every change, so the proxy has to speak with the server's own.
    proxy: Object.fromEntries(
      ["^/api/", "/install.sh", "/downloads"].map((path) => [
        path,
        {
          target: server,
          changeOrigin: true,
          configure: (proxy: {
            on: (e: "proxyReq", f: (r: { setHeader: (n: string, v: string) => void }) => void) => void;
          }) => proxy.on("proxyReq", (request) => request.setHeader("origin", server)),
        },
      ]),
    ),
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test/setup.ts"],
    testTimeout: 30_000,
    restoreMocks: true,
  },
});
