"use strict";
(() => {
  const form = document.querySelector(".filters");
  const [verdict, layer, profile, text] = ["verdict", "layer", "profile", "text"].map((name) => document.getElementById(`f-${name}`));
  const count = document.getElementById("f-count");
  const none = document.getElementById("f-none");
  const rows = [...document.querySelectorAll(".requirements > li")].map((item) => ({ item, text: item.textContent.toLowerCase() }));

  const judged = (own) => ["", own].includes(verdict.value) || (verdict.value === "applies" && own !== "not applicable");

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const data = row.item.dataset;
      const fits = judged(data.verdict) && (!layer.value || data.layer === layer.value)
        && (!profile.value || data.profile === profile.value) && words.every((word) => row.text.includes(word));
      row.item.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length}`;
    none.hidden = shown > 0;
  }
  function show(wanted) {
    form.reset();
    verdict.value = wanted;
    filter();
  }
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button").addEventListener("click", () => show(""));
  filter();

  for (const link of document.querySelectorAll(".tile a")) {
    link.addEventListener("click", () => show(link.dataset.verdict));
  }

  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.previousElementSibling;
      try {
        await navigator.clipboard.writeText(code.textContent.trim());
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  function open() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!(target instanceof HTMLDetailsElement)) return;
    target.open = true;
    if (target.closest("[hidden]")) show("");
    target.scrollIntoView();
  }
  addEventListener("hashchange", open);
  open();
})();
