// Keeps the live parts of a guild page fresh, without losing focus or what is folded open.
const pause = 2000;
// Not location.href: a page that answers a refused form stands at an address that takes only forms.
const address = document.currentScript.dataset.address;

async function refresh() {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.ok) update(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The sandbox is being restarted; the next round finds it.
  }
  setTimeout(refresh, pause);
}

function update(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.contains(document.activeElement)) continue;
    for (const folded of part.querySelectorAll("details[id]")) {
      const same = next.querySelector(`#${folded.id}`);
      if (same) same.open = folded.open;
    }
    if (next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
  }
}

setTimeout(refresh, pause);
