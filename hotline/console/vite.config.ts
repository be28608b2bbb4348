import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The built console is served by the service itself from "/", so every address is same-origin.
// In development the service runs beside it; HOTLINE_SERVICE says where.
const service = process.env["HOTLINE_SERVICE"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/",
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "vue", test: /node_modules\/(vue|@vue|vue-router|pinia|vue-i18n|@intlify)\// },
            { name: "element", test: /node_modules\/(element-plus|@element-plus|@floating-ui|@popperjs|async-validator|lodash|dayjs)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: service, ws: true } } },
  preview: { proxy: { "/api": { target: service, ws: true } } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    isolate: false, // every test sets up what it needs; a new world per file took five times as long
    server: { deps: { inline: ["element-plus"] } },
  },
});
