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

  // The browser's zone goes into the fields that ask for it. A form marked data-zone-form="<the zone shown>" is sent when that is another one.
  // Once a page at most: who answers in yet another zone would be asked for ever.
  let isZoneSent = false;
  function fillZones(root) {
    if (!zone || zone === "Etc/Unknown") return; // the name of no zone, for a clock set to none
    for (const input of all("[data-zone]", root)) {
      const listed = input.options && [...input.options].find((option) => option.value === zone || option.dataset.also?.split("|").includes(zone));
      if (input.options && !listed) continue;
      if (listed) listed.value = zone; // listed by its present name
      input.value = zone;
    }
    for (const form of all("[data-zone-form]", root)) {
      if (isZoneSent || form.dataset.zoneForm === zone) continue;
      isZoneSent = true;
      form.requestSubmit();
    }
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
    count();
    if (root.querySelector(".week")) import("./week.js");
    if (root.querySelector("[data-zones]")) import("./zones.js").then((zones) => zones.prepare(root));
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
  });

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

  document.addEventListener("htmx:afterRequest", ({ target }) => { if (target.ariaBusy) rest(target); });
  document.addEventListener("htmx:beforeRequest", () => say(""));
  document.addEventListener("htmx:sendError", () => say("No answer from the server. Check your connection and try again; what you typed is still here."));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const status = detail.xhr.status;
    say(status === 429 ? "Too many tries. Wait a moment, then try again." :
      status === 413 ? "That file is too large." :
      status === 403 || status === 404 ? "That is not possible any more. Load the page again." :
      "That did not work. What you typed is still here; try again in a minute.");
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
