// How this browser can seal: found by trying, not by asking for its name. README promises Chromium 102 (the oldest that
// is run), Firefox 114 (modules in workers; June 2023) and Safari 16.4 (vectors; March 2023). Where WebAssembly is missing or
// turned off, as in Tor Browser at "Safer", the same is done in plain JavaScript, and takes longer.

// A module that uses all that the real one is compiled with: vectors, references, bulk memory, several results, signs
// extended, numbers cut without a trap, a global that is changed from outside.
const TRIED = "AGFzbQEAAAABDQJgAm99An9/YAACf38DAgEABQMBAAEGBgF/AUEACwcFAQFnAwAKGQEXAEEA/Q8aQQBBAEEA/AsAIAH8AEEAwAs=";

// No worker is made, for its address is none. But whoever knows workers of modules asks for the type first.
function hasModuleWorkers() {
  let isAsked = false;
  const options = {
    /** @returns {WorkerType} */
    get type() {
      isAsked = true;
      return "module";
    },
  };
  try {
    new Worker("http://[", options);
  } catch {
    // As it must.
  }
  return isAsked;
}

/** @returns {Promise<"module" | "plain" | "none">} */
export async function howToSeal() {
  try {
    if (!crypto.getRandomValues || !hasModuleWorkers()) return "none";
    await WebAssembly.compile(Uint8Array.from(atob(TRIED), (letter) => letter.charCodeAt(0)));
    return "module";
  } catch {
    return "plain";
  }
}
