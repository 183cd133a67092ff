// Long lists of time zones, searched by typing: a field above a list leaves only what fits. What the form sends is the list's choice.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("−", "-").replace(/utc(?=[+-])/, "utc ").replace(/[_/|,()]+/g, " ").trim();

export function prepare(root) {
  for (const select of root.querySelectorAll("[data-zones]:not([data-searched])")) addSearch(select);
}

function addSearch(select) {
  const search = document.createElement("input"), found = document.createElement("p");
  Object.assign(search, { type: "search", className: "zone-search", placeholder: "Search by city or country", autocomplete: "off", spellcheck: false });
  search.setAttribute("aria-label", search.placeholder);
  search.setAttribute("aria-controls", select.id);
  Object.assign(found, { className: "hint", role: "status" });
  select.before(search, found);
  select.dataset.searched = "";
  const whole = [...select.children].map((part) => part.cloneNode(true));
  let chosen = select.value; // by hand: what typing selects meanwhile goes with what was typed

  const tell = () => select.dispatchEvent(new Event("change", { bubbles: true }));
  search.addEventListener("input", (event) => {
    event.stopPropagation(); // what is typed here is no part of the form, what it selects is
    const before = select.value;
    const words = plain(search.value).split(" ").filter(Boolean), parts = whole.map((part) => part.cloneNode(true));
    const options = parts.flatMap((part) => [part, ...part.children]).filter((part) => part.matches("option"));
    const ranks = new Map(options.map((option) => [option, words.length ? rank(option, words) : 0]));
    const fits = options.filter((option) => ranks.get(option) < MISS);
    const shown = fits.length ? fits : options.filter((option) => option.value === chosen);
    for (const option of options) if (!shown.includes(option)) option.remove();
    const best = Math.min(...ranks.values()), firsts = shown.filter((option) => ranks.get(option) === best);
    const rankOf = (part) => part.matches("option") ? ranks.get(part) - (isUsual(part) ? .5 : 0) : Math.min(...[...part.children].map(rankOf));
    const sorted = (list) => list.sort((one, other) => rankOf(one) - rankOf(other)); // what fits best on top
    if (words.length) for (const part of parts) if (part.children.length) part.replaceChildren(...sorted([...part.children]));
    const left = parts.filter((part) => part.matches("option") ? shown.includes(part) : part.children.length);
    select.replaceChildren(...(words.length ? sorted(left) : left));
    select.value = (firsts.find((option) => option.value === chosen) ?? firsts.find(isUsual) ?? firsts[0]).value;
    const stays = chosen ? `; ${shown[0].label} stays chosen` : "";
    found.textContent = !words.length ? "" : fits.length > 1 ? `${fits.length} time zones fit.` : fits.length ? "One time zone fits." : `No time zone fits${stays}.`;
    search.toggleAttribute("data-missed", !fits.length);
    if (select.value !== before) tell();
  });
  search.addEventListener("change", (event) => event.stopPropagation());
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if ("missed" in search.dataset) return; // nothing was found: nothing is taken
    chosen = select.value;
    tell();
    // A form with nothing else in it is sent, as its button does.
    const isAlone = [...(select.form?.elements ?? [])].every((one) => one === search || one === select || one.matches("button, [type=hidden]"));
    if (event.key === "Enter" && isAlone) select.form?.requestSubmit();
    else select.focus();
  });
  select.addEventListener("change", () => { if (document.activeElement !== search) chosen = select.value; });
  if (select.autofocus && [select, document.body].includes(document.activeElement)) search.focus();
}

// Of the many zones of one abbreviation, those that are meant in the United States.
const isUsual = (option) => /\bUS\/(Eastern|Central|Mountain|Pacific)\b/.test(option.dataset.also);

// How well an option fits what was typed: by its whole name or region, by its country, an old name or its clock's letters, then by how one of them begins.
const MISS = 9;
function rank(option, words) {
  if (!option.value) return MISS;
  const label = plain(option.label), also = plain(`${option.dataset.also ?? ""}|${option.dataset.clock ?? ""}`), region = plain(option.parentElement.label);
  const typed = words.join(" "), all = ` ${label} ${also} ${region} ${plain(option.value)}`;
  if (label.split(" utc ")[0] === typed || region === typed) return 0;
  if (` ${also} `.includes(` ${typed} `)) return 1;
  if (label.startsWith(typed)) return 2;
  return words.every((word) => all.includes(` ${word}`)) ? 3 : MISS;
}
