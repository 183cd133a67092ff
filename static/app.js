// What scripts add to pages that work without them: zone, countdown, previews, one submit at a time, plain sentences for lost requests,
// focus and words for what is swapped.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // What the page shows anyway is said to those only who do not see it: isQuiet.
  function say(text, isQuiet) {
    const region = document.getElementById("live-region");
    region.textContent = text;
    region.toggleAttribute("data-quiet", Boolean(isQuiet));
  }
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
    askOnlyIf();
    if (root.querySelector(".week")) import("./week.js").then((week) => week.prepare(root));
    if (root.querySelector("[data-zones]")) import("./zones.js").then((zones) => zones.prepare(root));
  }

  // A question that depends on an earlier answer is seen only by who has given that; without scripts its hint says so.
  function askOnlyIf() {
    for (const part of all("[data-only-if]")) {
      const chosen = document.querySelector(`[name="${part.dataset.onlyIf}"]:checked`);
      part.hidden = chosen?.value !== part.dataset.answer || Boolean(chosen.closest("[data-only-if][hidden]"));
    }
  }

  document.addEventListener("change", ({ target }) => {
    // What was wrong is being mended; whether it is, the answer says.
    if (target.matches("[hx-get] [aria-invalid]")) target.removeAttribute("aria-invalid");
    if (target.matches("[data-only-if] *, [name^=answer_]")) askOnlyIf();
    if (target.matches("[data-preview]")) showPicked(target);
    const example = document.getElementById(target.closest("[data-hue]")?.dataset.hue);
    if (example) example.className = `look-preview hue-${target.value}`;
    if (target.matches("[data-submit]")) target.form.requestSubmit();
    if (target.matches("[name=starts_at][type=radio]")) say(choose(target), true);
  });

  // The time stands in the bar that books or moves, with its day where it names none; a sentence about it comes back. What was said about the time before goes.
  function choose(radio) {
    radio.checked = true;
    const bar = document.getElementById("chosen-time");
    if (!bar) return "";
    const day = radio.closest("[data-day]")?.dataset.day;
    const time = [day, radio.nextElementSibling.textContent.trim()].filter(Boolean).join(", ");
    bar.textContent = time;
    all("[data-until-chosen]").forEach((note) => note.remove());
    return `${time} is chosen.`;
  }

  // What is typed in the booking form, for as long as the page is not left: htmx draws it anew and empty for Back and Forward.
  let typed = {};
  const bookingFields = () => {
    const form = document.getElementById("booking-form");
    if (form && typed.form !== form.action) typed = { form: form.action };
    return form ? [...form.elements].filter((field) => field.name && field.type !== "hidden") : [];
  };

  function keepTyped() {
    for (const field of bookingFields()) {
      if (field.type === "checkbox") typed[`${field.name} ${field.value}`] = field.checked;
      else if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
    }
  }

  function giveBackTyped() {
    let extras = null;
    for (const field of bookingFields()) {
      const before = field.type === "checkbox" ? field.checked : field.value;
      if (field.type === "checkbox") field.checked = typed[`${field.name} ${field.value}`] ?? field.checked;
      else if (field.type !== "radio") {
        field.value = typed[field.name] ?? field.value;
        if (field.value) field.closest("details")?.setAttribute("open", "");
      }
      else if (field.name !== "starts_at" && field.value === typed[field.name]) field.checked = true;
      if (before !== (field.type === "checkbox" ? field.checked : field.value)) extras ??= field.closest("#extras");
    }
    extras?.dispatchEvent(new Event("change"));
    // What the coach has reworded since has no field here; the server knows whose answer it is.
    const form = document.getElementById("booking-form");
    for (const name in typed) {
      if (form && name.startsWith("answer_") && !form.elements[name]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: typed[name] }));
    }
  }

  // The time chosen before is chosen again, if it is among those shown; only Back and Forward put it before one that the address names.
  function chooseAgain(goesFirst) {
    const times = bookingFields().filter((field) => field.name === "starts_at");
    const same = times.find((field) => field.value === typed.starts_at);
    return !same || same.checked || (!goesFirst && times.some((field) => field.checked)) ? "" : choose(same);
  }

  // A swap may take away what has the focus. htmx finds again what has an id; here, what reads the same, then the closest part around it
  // that is still there, then what the new part marks: data-focus, the last of several. data-leads: the focus is to go on.
  const reading = (one) => [one.tagName, one.ariaLabel ?? one.textContent.trim(), one.name, one.getAttribute("value")].join();
  let lost = null, around = [];
  function noteFocus() {
    lost = document.activeElement === document.body ? null : document.activeElement;
    around = [];
    for (let part = lost; part; part = part.parentElement) if (part.id) around.push(part.id);
  }

  function findFocus(root) {
    if (document.activeElement !== document.body || lost?.isConnected || !(lost || root === document)) return;
    const same = !lost || "leads" in lost.dataset ? null : all("a, button, summary, input, select, textarea").find((one) => reading(one) === reading(lost));
    const inside = around.map((id) => document.getElementById(id)).find((part) => part && part !== root && root !== document && root.contains(part));
    const next = same ?? inside ?? all("[data-focus]", root).pop() ?? (root === document ? document.getElementById("content") : root);
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  // What a part says about itself: data-say. Faults and refusals go first.
  const words = (root) => {
    const alerts = all("[role=alert][data-say]", root);
    const told = alerts.length ? alerts : root.dataset.say !== undefined ? [root] : all("[data-say]", root).slice(0, 1);
    return told.map((one) => one.dataset.say).join(" ");
  };

  // Who leaves the booking form for the head's sign-in takes along what is typed in it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-keep]"), form = document.getElementById("booking-form");
    if (!link || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const booking = form.action;
    form.action = link.dataset.keep;
    form.submit(); // unlike a press of its button: unchecked, and not by htmx
    form.action = booking; // for whoever comes Back
  });

  document.addEventListener("click", ({ target }) => {
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => sayFor(3, "Copied."), () => say("Your browser did not allow copying."));
    if (target.closest("[data-print]")) print();
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
  const noAnswer = () => say("No answer from the server. Check your connection and try again; what you typed is still here.");

  // One wish at a time, as browsers have it with whole pages: Back, Forward and whatever leads to another address give up what is still
  // under way. Or an earlier wish's late answer would take the later one's place, under an address that is not its own.
  let underWay = null;
  function giveUpFor(later) {
    const earlier = underWay;
    underWay = later;
    earlier?.abort();
  }
  const leadsOn = (one) => ["hx-push-url", "hx-replace-url"].some((name) => one.closest(`[${name}]`)?.getAttribute(name) === "true");

  document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
    say("");
    document.getElementById("refused")?.replaceChildren(); // none on a page that is being left
    keepTyped();
    if (leadsOn(target)) giveUpFor(detail.xhr);
  });
  document.addEventListener("htmx:sendAbort", ({ target }) => { if (target.matches("[data-zone-form]")) isZoneSent = false; });
  document.addEventListener("htmx:beforeSwap", noteFocus);
  document.addEventListener("htmx:historyCacheMiss", ({ detail }) => {
    noteFocus();
    giveUpFor(detail.xhr);
    detail.xhr.addEventListener("error", noAnswer);
  });
  document.addEventListener("htmx:historyCacheMissLoad", keepTyped);
  document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());
  document.addEventListener("htmx:historyRestore", () => {
    giveBackTyped();
    findFocus(document);
    say(`${words(document.getElementById("content"))} ${chooseAgain(true)}`.trim(), true);
  });
  document.addEventListener("htmx:sendError", noAnswer);
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const status = detail.xhr.status;
    if (detail.xhr.getResponseHeader("HX-Retarget")) return; // its answer stands above the page
    say(status === 429 ? "Too many tries. What you typed is still here; wait a moment, then try again." :
      status === 401 ? "You are not signed in any more. What you typed is still here: save it, and you can sign in without losing it." :
      status === 503 ? "Busy right now, so nothing was done. What you typed is still here; try again in a few seconds." :
      status === 404 ? "That is not possible any more. Load the page again." :
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
    if (detail.xhr?.status >= 400) showFault(target);
    const asked = detail.requestConfig?.triggeringEvent?.type;
    if (!detail.requestConfig) return; // Back and Forward
    const root = document.getElementById(detail.target.id) ?? target;
    findFocus(root);
    // A part that draws itself again is silent.
    if (["click", "submit", "change", "focus"].includes(asked) && root.contains(target) && !detail.elt.dataset.zoneForm) {
      say(`${words(root)} ${chooseAgain()}`.trim(), true);
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    // Tabs that do not fit scroll: the present one is in sight.
    for (const tab of all(".tabs [aria-current]")) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 48;
    prepare(document);
    tellNews(false);
    showFault(document);
    setInterval(count, 1000);
  });
})();
