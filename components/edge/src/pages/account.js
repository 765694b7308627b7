"use strict";

// What the links in letters lead to. Nothing happens before somebody presses the button: whoever looks at links in
// letters before their readers do, to see whether they are safe, must not use them up.
(() => {
  const form = document.querySelector("form");
  const page = form.dataset.page;
  // Browsers send what stands behind "#" to nobody.
  const token = new URLSearchParams(location.hash.slice(1)).get("token");

  const ASK = {
    verify: () => ["/v1/verifications", { token }],
    reset: () => ["/v1/password-resets/confirm", { token, new_password: byId("password").value }],
    forgot: () => ["/v1/password-resets", { identifier: byId("identifier").value.trim() }],
  };
  // By status; whatever else comes is "failed", and may be tried again.
  const OUTCOMES = { 202: "done", 204: "done", 410: "expired", 422: "invalid", 429: "later" };

  function byId(id) {
    return document.getElementById(id);
  }

  function tell(outcome) {
    const all = Array.from(document.querySelectorAll("[data-outcome]"));
    const said = all.find((it) => it.dataset.outcome === outcome)
      || all.find((it) => it.dataset.outcome === "failed");
    for (const it of all) it.hidden = it !== said;
    // It is good for nothing any more, and need not stay in the address bar.
    if (outcome === "done" || outcome === "expired") {
      form.hidden = true;
      form.reset();
      history.replaceState(null, "", location.pathname);
    }
    if (said) said.focus();
  }

  async function ask() {
    const [path, body] = ASK[page]();
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      return OUTCOMES[answer.status] || "failed";
    } catch {
      return "failed";
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    try {
      tell(await ask());
    } finally {
      button.disabled = false;
    }
  });

  const shown = byId("shown");
  if (shown) {
    shown.addEventListener("change", () => {
      byId("password").type = shown.checked ? "text" : "password";
    });
  }

  // The link of another letter, opened here: only what stands behind "#" changes.
  addEventListener("hashchange", () => location.reload());

  if (page !== "forgot" && !token) tell("missing");
  else form.hidden = false;
})();
