import { createStore } from "./store";

export type Theme = "system" | "light" | "dark";

const isTheme = (value: unknown): value is Theme => value === "system" || value === "light" || value === "dark";

export const themeStore = createStore<Theme>("system", "gururmm.theme", isTheme);

/** Puts the chosen theme on the document and follows the system while "system" is chosen. */
export function applyTheme(): void {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const theme = themeStore.get();
    const isDark = theme === "dark" || (theme === "system" && system.matches);
    document.documentElement.classList.toggle("dark", isDark);
    document.documentElement.classList.toggle("light", !isDark);
  };
  paint();
  themeStore.subscribe(paint);
  system.addEventListener("change", paint);
}
