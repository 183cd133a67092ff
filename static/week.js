// Painting on the drawn week with mouse, finger or keys; each change ends in the time fields below, which work alone.
const DAY = 1440, TOP = 24, PIXELS_A_MINUTE = 0.25, HOLD = 300;
let stroke = null;

// The drawing can be walked through by keyboard. Called for each part of a page that is new.
export function prepare(root) {
  for (const drawing of root.querySelectorAll(".week .week-drawing")) {
    drawing.tabIndex = 0;
    drawing.setAttribute("role", "application");
    drawing.setAttribute("aria-label", "Your week");
    drawing.setAttribute("aria-describedby", "week-hint");
    drawing.cursor = { day: 0, minute: 540 };
  }
}

document.addEventListener("pointerdown", (event) => {
  const place = placeAt(event);
  if (!place || event.button) return;
  const isMouse = event.pointerType === "mouse", grain = isMouse ? 30 : 60;
  begin(place, grain, snapped(place.minute, grain));
  stroke.origin = [event.clientX, event.clientY];
  // A finger that moves at once scrolls the page; one that rests first paints.
  if (isMouse) hold();
  else stroke.timer = setTimeout(hold, HOLD);
});
document.addEventListener("pointermove", (event) => {
  if (!stroke || stroke.byKeys) return;
  if (!stroke.isHeld) {
    if (Math.hypot(event.clientX - stroke.origin[0], event.clientY - stroke.origin[1]) > 8) forget();
    return;
  }
  const place = placeAt(event);
  if (place?.drawing === stroke.drawing) stroke.toDay = place.day;
  stroke.to = snapped(minuteAt(event, stroke.drawing), stroke.grain);
  sketch();
  say(strokeText());
});
document.addEventListener("pointerup", () => { if (stroke && !stroke.byKeys) commit(); });
document.addEventListener("pointercancel", () => {
  if (!stroke || stroke.byKeys) return;
  forget();
  say("");
});
document.addEventListener("touchmove", (event) => { if (stroke?.isHeld) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (stroke?.isHeld && !stroke.byKeys) event.preventDefault(); });

document.addEventListener("focusin", ({ target }) => { if (target.cursor) showCursor(target, target.matches(":focus-visible")); });
document.addEventListener("focusout", ({ target }) => {
  if (!target.cursor) return;
  if (stroke?.byKeys) forget();
  target.querySelector(".cursor")?.remove();
  say("");
});
document.addEventListener("keydown", (event) => {
  const drawing = event.target, cursor = drawing.cursor;
  if (!cursor || event.ctrlKey || event.metaKey || event.altKey) return;
  const [days, minutes] = { ArrowUp: [0, -30], ArrowDown: [0, 30], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key] ?? [0, 0];
  if (days || minutes) {
    cursor.day = Math.min(6, Math.max(0, cursor.day + days));
    cursor.minute = Math.min(DAY - 30, Math.max(0, cursor.minute + minutes));
    if (stroke?.byKeys) { Object.assign(stroke, { toDay: cursor.day, to: cursor.minute }); sketch(); }
    say(stroke?.byKeys ? strokeText() : `${dayName(drawing, cursor.day)} ${time(cursor.minute)}, ${isOpen(read(week(drawing)), cursor.day, cursor.minute) ? "open" : "closed"}`);
  } else if (event.key === "Enter" || event.key === " ") {
    if (stroke?.byKeys) commit();
    else {
      begin({ drawing, ...cursor }, 30, cursor.minute);
      stroke.byKeys = true;
      hold();
      say(`${strokeText()}. ${stroke.adds ? "Adding" : "Removing"}: go to the end and press Enter.`);
    }
  } else if (event.key === "Escape" && stroke?.byKeys) {
    forget();
    sayInPassing("Nothing was changed.");
  } else return;
  event.preventDefault();
  showCursor(drawing, true);
});
document.addEventListener("input", ({ target }) => {
  const typed = target.closest(".week tr");
  if (typed) draw(typed.closest(".week"));
});

function begin({ drawing, day, minute }, grain, from) {
  stroke = { drawing, grain, day, toDay: day, from, to: from, adds: !isOpen(read(week(drawing)), day, minute) };
}

function hold() {
  stroke.isHeld = true;
  sketch();
}

function commit() {
  const { drawing, adds } = stroke, [start, end] = ends(), text = strokeText(), hours = read(week(drawing));
  const before = hours.map(String);
  for (const day of days()) (adds ? add : cut)(hours, day, start, end);
  forget();
  hours.forEach((spans, day) => { if (String(spans) !== before[day]) write(week(drawing), day, spans); });
  draw(week(drawing));
  sayInPassing(`${text} ${adds ? "added" : "removed"}.`);
}

function forget() {
  clearTimeout(stroke.timer);
  for (const drawn of stroke.drawing.querySelectorAll(".draft")) drawn.remove();
  stroke = null;
}

function sketch() {
  for (const drawn of stroke.drawing.querySelectorAll(".draft")) drawn.remove();
  for (const day of days()) stroke.drawing.append(rectangle(stroke.drawing, day, ...ends(), "draft"));
}

function ends() {
  return [Math.min(stroke.from, stroke.to), Math.max(stroke.from, stroke.to) + stroke.grain];
}

function days() {
  const first = Math.min(stroke.day, stroke.toDay), last = Math.max(stroke.day, stroke.toDay);
  return [0, 1, 2, 3, 4, 5, 6].slice(first, last + 1);
}

function strokeText() {
  const [start, end] = ends(), names = days().map((day) => dayName(stroke.drawing, day));
  return `${names.length > 1 ? `${names[0]} to ${names.at(-1)}` : names[0]}, ${time(start)} to ${time(end % DAY)}`;
}

// Hours by weekday, in minutes after its midnight; those over midnight end after DAY.

function isOpen(hours, day, minute) {
  const within = (spans, at) => spans.some(([start, end]) => start <= at && at < end);
  return within(hours[day], minute) || within(hours[(day + 6) % 7], minute + DAY);
}

function add(hours, day, start, end) {
  start = Math.max(start, ...hours[(day + 6) % 7].map(([, other]) => other - DAY));
  if (start >= end) return;
  const merged = [];
  for (const span of [...hours[day], [start, end]].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && span[0] <= last[1]) last[1] = Math.min(Math.max(last[1], span[1]), last[0] + DAY - (last[0] ? 1 : 0));
    else merged.push([...span]);
  }
  hours[day] = merged;
}

function cut(hours, day, start, end) {
  for (const [from, shift] of [[(day + 6) % 7, DAY], [day, 0]]) {
    const pieces = hours[from].flatMap(([a, b]) => [[a, Math.min(b, start + shift)], [Math.max(a, end + shift), b]]).filter(([a, b]) => a < b);
    hours[from] = pieces.filter(([a]) => a < DAY);
    hours[day].push(...pieces.filter(([a]) => a >= DAY).map(([a, b]) => [a - DAY, b - DAY]));
  }
  hours[day].sort((a, b) => a[0] - b[0]);
}

// Midnight at the end of a day is typed 00:00, and an end before the start is one of the next day.
function read(week) {
  return [0, 1, 2, 3, 4, 5, 6].map((day) => {
    const [starts, ends] = ["start", "end"].map((part) => [...week.querySelectorAll(`[name="hours-${day}-${part}"]`)]);
    return starts
      .map((start, index) => [minutes(start.value), minutes(ends[index].value)])
      .map(([start, end]) => [start, end <= start && (end < start || !start) ? end + DAY : end])
      .filter(([start, end]) => start < end);
  });
}

function write(week, weekday, wanted) {
  const row = week.querySelector(`#hours-${weekday}`), holder = row.querySelector(".spans"), name = row.querySelector("th").textContent;
  const pattern = week.querySelector("template").content.firstElementChild;
  holder.replaceChildren(...wanted.map(([start, end], index) => {
    const span = pattern.cloneNode(true), [from, until] = span.querySelectorAll("input"), remove = span.querySelector("button");
    from.name = `hours-${weekday}-start`;
    until.name = `hours-${weekday}-end`;
    from.value = time(start);
    until.value = time(end % DAY);
    from.ariaLabel = `${name} from`;
    until.ariaLabel = `${name} until`;
    remove.value = `${weekday}-${index}`;
    remove.ariaLabel = `Remove ${name} ${time(start)} to ${time(end % DAY)}`;
    return span;
  }));
  if (!wanted.length) holder.append(Object.assign(document.createElement("span"), { className: "soft", textContent: "No hours" }));
}

function draw(week) {
  const drawing = week.querySelector(".week-drawing"), hours = read(week);
  for (const old of drawing.querySelectorAll(".hours")) old.remove();
  hours.forEach((spans, day) => spans.forEach(([start, end]) => {
    drawing.append(rectangle(drawing, day, start, Math.min(end, DAY), "hours"));
    if (end > DAY) drawing.append(rectangle(drawing, (day + 1) % 7, 0, end - DAY, "hours"));
  }));
  const told = hours.map((spans, day) => `${dayName(drawing, day)}: ${spans.map(([a, b]) => `${time(a)} to ${time(b % DAY)}`).join(", ") || "no hours"}.`);
  drawing.querySelector("desc").textContent = told.join(" ");
}

function showCursor(drawing, isShown) {
  drawing.querySelector(".cursor")?.remove();
  if (isShown) drawing.append(rectangle(drawing, drawing.cursor.day, drawing.cursor.minute, drawing.cursor.minute + 30, "cursor"));
}

function rectangle(drawing, day, start, end, name) {
  const drawn = drawing.querySelector(`.column[data-weekday="${day}"]`).cloneNode();
  drawn.setAttribute("class", name);
  drawn.setAttribute("rx", 4);
  drawn.setAttribute("y", TOP + start * PIXELS_A_MINUTE);
  drawn.setAttribute("height", (end - start) * PIXELS_A_MINUTE);
  return drawn;
}

function placeAt(event) {
  const hit = document.elementFromPoint(event.clientX, event.clientY), drawing = hit?.closest(".week .week-drawing");
  if (!drawing || hit.dataset.weekday === undefined) return null;
  return { drawing, day: Number(hit.dataset.weekday), minute: minuteAt(event, drawing) };
}

function minuteAt(event, drawing) {
  return (event.clientY - drawing.getBoundingClientRect().top - TOP) / PIXELS_A_MINUTE;
}

function snapped(minute, grain) {
  return Math.min(DAY - grain, Math.max(0, Math.floor(minute / grain) * grain));
}

function week(drawing) {
  return drawing.closest(".week");
}

function dayName(drawing, day) {
  return week(drawing).querySelector(`#hours-${day} th`).textContent;
}

// What is being painted stands at the foot of the window, too: a finger covers the drawing.
function say(text) {
  const region = document.getElementById("live-region");
  region.textContent = text;
  region.removeAttribute("data-quiet");
}

function sayInPassing(text) {
  say(text);
  setTimeout(() => { if (document.getElementById("live-region").textContent === text) say(""); }, 3000);
}

function time(minute) {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function minutes(text) {
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute;
}
