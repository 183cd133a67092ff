// Painting on the drawn week: drag with a mouse, tap with a finger; each change ends in the time fields below, which work alone.
const DAY = 1440, TOP = 24, PIXELS_A_MINUTE = 0.25;
let stroke = null;

document.addEventListener("pointerdown", (event) => {
  const drawing = event.target.closest(".week .week-drawing"), weekday = event.target.dataset?.weekday;
  if (!drawing || weekday === undefined || event.button) return;
  const week = drawing.closest(".week"), grain = event.pointerType === "mouse" ? 30 : 60, from = at(event, drawing, grain);
  const adds = !spans(week, weekday).some(([start, end]) => start <= from && from < end);
  stroke = { week, drawing, weekday, grain, from, to: from, adds };
  sketch();
});
document.addEventListener("pointermove", (event) => {
  if (!stroke || event.pointerType !== "mouse") return;
  stroke.to = at(event, stroke.drawing, stroke.grain);
  sketch();
});
document.addEventListener("pointerup", () => {
  if (!stroke) return;
  const { week, weekday, adds } = stroke, [start, end] = ends();
  forget();
  write(week, weekday, changed(spans(week, weekday), start, end, adds));
});
document.addEventListener("pointercancel", () => { if (stroke) forget(); });
document.addEventListener("input", ({ target }) => {
  const day = target.closest(".week tr");
  if (day) draw(day.closest(".week"), day.id.replace("hours-", ""));
});

function at(event, drawing, grain) {
  const minute = (event.clientY - drawing.getBoundingClientRect().top - TOP) / PIXELS_A_MINUTE;
  return Math.min(DAY - grain, Math.max(0, Math.floor(minute / grain) * grain));
}

function ends() {
  return [Math.min(stroke.from, stroke.to), Math.max(stroke.from, stroke.to) + stroke.grain];
}

function sketch() {
  stroke.sketch?.remove();
  const column = stroke.drawing.querySelector(`.column[data-weekday="${stroke.weekday}"]`);
  stroke.sketch = rectangle(column, ...ends(), "draft");
  stroke.drawing.append(stroke.sketch);
}

function forget() {
  stroke.sketch.remove();
  stroke = null;
}

function changed(before, start, end, adds) {
  const kept = before.flatMap(([a, b]) => [[a, Math.min(b, start)], [Math.max(a, end), b]]).filter(([a, b]) => a < b);
  if (!adds) return kept;
  const merged = [];
  for (const span of [...kept, [start, end]].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
    else merged.push(span);
  }
  return merged;
}

function write(week, weekday, wanted) {
  const day = row(week, weekday), holder = day.querySelector(".spans"), name = day.querySelector("th").textContent;
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
  draw(week, weekday);
}

function draw(week, weekday) {
  const drawing = week.querySelector(".week-drawing");
  for (const old of drawing.querySelectorAll(`.hours[data-weekday="${weekday}"]`)) old.remove();
  const column = drawing.querySelector(`.column[data-weekday="${weekday}"]`);
  for (const [start, end] of spans(week, weekday)) drawing.append(rectangle(column, start, end, "hours"));
  const days = [...week.querySelectorAll("tr")].map((day) => {
    const times = [...day.querySelectorAll(".span")].map((span) => [...span.querySelectorAll("input")].map((input) => input.value).join(" to "));
    return `${day.querySelector("th").textContent}: ${times.join(", ") || "no hours"}.`;
  });
  drawing.querySelector("desc").textContent = days.join(" ");
}

function rectangle(column, start, end, name) {
  const drawn = column.cloneNode();
  drawn.setAttribute("class", name);
  drawn.setAttribute("rx", 4);
  drawn.setAttribute("y", TOP + start * PIXELS_A_MINUTE);
  drawn.setAttribute("height", (end - start) * PIXELS_A_MINUTE);
  return drawn;
}

// Midnight at the end of a day is typed 00:00.
function spans(week, weekday) {
  const ends = inputs(week, weekday, "end");
  return inputs(week, weekday, "start")
    .map((start, index) => [minutes(start.value), minutes(ends[index].value) || DAY])
    .filter(([start, end]) => start < end);
}

function inputs(week, weekday, end) {
  return [...row(week, weekday).querySelectorAll(`[name="hours-${weekday}-${end}"]`)];
}

function row(week, weekday) {
  return week.querySelector(`#hours-${weekday}`);
}

function time(minute) {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function minutes(text) {
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute;
}
