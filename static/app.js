// What scripts add to pages that work without them: zone, countdown, previews, one submit at a time, plain sentences for lost requests.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { document.getElementById("live-region").textContent = text; };
  // What is only news goes again: it lies over the page for those who see.
  function sayFor(seconds, text) {
    say(text);
    setTimeout(() => { if (document.getElementById("live-region").textContent === text) say(""); }, seconds * 1000);
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  // The browser's zone goes into the fields that ask for it. A form marked data-zone-form="<the zone shown>" is sent when that is another one:
  // pages draw it only while they know no zone, so it cannot repeat.
  function fillZones(root) {
    if (!zone) return;
    for (const input of all("[data-zone]", root)) {
      const before = input.value;
      input.value = zone;
      if (!input.value) input.value = before; // a list that lacks the browser's zone
    }
    for (const form of all("[data-zone-form]", root)) if (form.dataset.zoneForm !== zone) form.requestSubmit();
  }

  function remaining(seconds) {
    const pad = (number) => String(number).padStart(2, "0");
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
    if (days) return `${days} ${days === 1 ? "day" : "days"} ${hours} h`;
    if (hours) return `${hours} h ${pad(minutes)} min`;
    return `${minutes}:${pad(seconds % 60)}`;
  }

  // The page carries the server's clock (data-now), so a wrong clock here or a demo's clock there does not matter.
  function count() {
    for (const time of all("time[data-countdown]")) {
      time.began ??= { at: time.dataset.now ? Date.parse(time.dataset.now) : Date.now(), from: performance.now() };
      const left = Math.ceil((Date.parse(time.dateTime) - time.began.at - (performance.now() - time.began.from)) / 1000);
      time.textContent = remaining(Math.max(0, left));
      if (left <= 0 && !time.done) {
        time.done = true;
        time.dispatchEvent(new CustomEvent("countdownend", { bubbles: true }));
      }
    }
  }

  function show(root) {
    for (const element of all("[data-copy][hidden], [data-dismiss][hidden], [data-script][hidden]", root)) element.hidden = false;
  }

  // A chosen picture stands in every place its field names, also in those drawn anew since.
  function showPicked(input) {
    const file = input.files[0];
    if (!file || !file.type.startsWith("image/")) return;
    input.address = input.picked === file ? input.address : URL.createObjectURL(file);
    input.picked = file;
    for (const image of all(input.dataset.preview.split(" ").map((id) => `#${id}`).join())) {
      image.src = input.address;
      image.hidden = false;
    }
  }

  // What a form marked data-guard holds, as text: compared with what it held when it was drawn.
  const held = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  const drawn = new WeakMap(); // no property of the form: its fields are that already
  const isUnsaved = (form) => !form.ariaBusy && (form.dataset.guard === "unsaved" || held(form) !== drawn.get(form));

  const showFault = (root) => root.querySelector("[aria-invalid=true], [role=alert][tabindex]")?.focus();

  // That a room has opened or closed meanwhile is said to those who do not see it. Their focus stays where it is.
  let news = "";
  function tellNews(isLater) {
    const latest = document.querySelector("[data-news]")?.dataset.news || news;
    if (isLater && latest !== news) sayFor(8, latest);
    news = latest;
  }

  function prepare(root) {
    fillZones(root);
    show(root);
    all("[data-preview]").forEach(showPicked);
    for (const form of all("[data-guard]", root)) drawn.set(form, held(form));
    count();
    if (root.querySelector(".week")) import("./week.js");
  }

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-preview]")) showPicked(target);
    if (target.matches("[data-submit]")) target.form.requestSubmit();
    const booking = target.dataset.bookLabel && document.querySelector("[data-book] span");
    if (booking) booking.textContent = target.dataset.bookLabel.replace("{}", target.parentElement.textContent.trim());
  });

  document.addEventListener("click", ({ target }) => {
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => sayFor(3, "Copied."), () => say("Your browser did not allow copying."));
    target.closest("[data-dismiss]")?.parentElement.remove();
    if (target.closest("[data-unguarded]")) all("[data-guard]").forEach((form) => form.removeAttribute("data-guard"));
  });

  // The browser asks before it throws away what was typed. A form that is being sent throws nothing away.
  window.addEventListener("beforeunload", (event) => { if (all("[data-guard]").some(isUnsaved)) event.preventDefault(); });

  // A second click while the first is on its way is not a second booking.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.ariaBusy === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.ariaBusy = "true";
    setTimeout(() => rest(form), 15000);
  }, true);
  const rest = (form) => { form.ariaBusy = null; };
  window.addEventListener("pageshow", () => all("form[aria-busy]").forEach(rest));

  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target.ariaBusy && !detail.xhr.getResponseHeader("HX-Redirect")) rest(target);
  });
  document.addEventListener("htmx:beforeRequest", () => say(""));
  document.addEventListener("htmx:sendError", () => say("No answer from the server. Check your connection and try again; what you typed is still here."));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const status = detail.xhr.status;
    say(status === 429 ? "Too many tries. Wait a moment, then try again." :
      status === 413 ? "That file is too large." :
      status === 403 || status === 404 ? "That is not possible any more. Load the page again." :
      "That did not work. What you typed is still here; try again in a minute.");
  });
  // What was unfolded stays so in the part that takes its place.
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", ({ target }) => { unfolded = all("details[id][open]", target).map(({ id }) => id); });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    unfolded = [];
  });
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    prepare(target);
    tellNews(true);
    if ([422, 409].includes(detail.xhr?.status)) showFault(target);
  });

  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    tellNews(false);
    showFault(document);
    setInterval(count, 1000);
  });
})();
