"use strict";
document.documentElement.classList.add("js");
const text = document.getElementById("text");
const level = document.getElementById("level");
const family = document.getElementById("family");
const tiles = [...document.querySelectorAll(".tile")];
const rules = [...document.querySelectorAll("details.rule")];

function filter() {
  const wanted = new Set(tiles.filter(t => t.getAttribute("aria-pressed") === "true").map(t => t.dataset.verdict));
  const words = text.value.toLowerCase().split(/\s+/).filter(w => w);
  for (const rule of rules) {
    const d = rule.dataset;
    const content = rule.textContent.toLowerCase();
    rule.hidden = !(wanted.has(d.verdict) && (!level.value || d.level === level.value)
      && (!family.value || d.family === family.value) && words.every(w => content.includes(w)));
  }
  for (const heading of document.querySelectorAll("h3.family")) {
    heading.hidden = ![...heading.parentElement.querySelectorAll("details.rule")].some(r => !r.hidden);
  }
}

function page() {
  const shown = location.hash.startsWith("#finding-") ? document.getElementById(location.hash.slice(1)) : null;
  document.querySelectorAll(".finding").forEach(f => f.classList.toggle("shown", f === shown));
  document.documentElement.classList.toggle("page", shown !== null);
  if (shown) { window.scrollTo(0, 0); }
}

for (const tile of tiles) {
  tile.addEventListener("click", () => {
    tile.setAttribute("aria-pressed", tile.getAttribute("aria-pressed") === "true" ? "false" : "true");
    filter();
  });
}
for (const input of [text, level, family]) { input.addEventListener("input", filter); }
window.addEventListener("hashchange", page);
filter();
page();
