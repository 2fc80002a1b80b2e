// Search, filter and sort the rows that are there; without this script the page is whole, only longer to scan.
(() => {
  "use strict";
  const tables = [...document.querySelectorAll("table")];
  let rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const words = new Map(rows.map((row) => [row, `${row.dataset.study} ${row.textContent}`.toLowerCase()]));
  const search = document.getElementById("search");
  const filters = [...document.querySelectorAll("select[data-filter]")];
  const count = document.getElementById("count");
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // Laying out thousands of rows takes a browser a second, so at first only some of what fits is shown.
  const FEW = 200;
  let most = FEW;
  const more = document.getElementById("more");

  function show() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = filters.filter((filter) => filter.value);
    let shown = 0;
    for (const row of rows) {
      const fits = wanted.every((word) => words.get(row).includes(word))
        && chosen.every((filter) => row.dataset[filter.dataset.filter] === filter.value);
      shown += fits;
      row.hidden = !fits || shown > most;
    }
    for (const table of tables) {
      table.closest("section").hidden = ![...table.tBodies[0].rows].some((row) => !row.hidden);
    }
    count.textContent = `${shown} of ${rows.length} reports`;
    more.hidden = shown <= most;
    more.textContent = `Show all ${shown}; these are the first ${most}`;
  }

  function showAnew() {
    most = FEW;
    show();
  }

  function showAll() {
    most = Infinity;
    show();
  }

  function sort(button) {
    const table = button.closest("table");
    const heading = button.closest("th");
    const column = heading.cellIndex;
    const descending = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const keyed = [...table.tBodies[0].rows].map((row) => [row.cells[column].textContent.trim(), row]);
    keyed.sort((a, b) => order.compare(a[0], b[0]) * (descending ? -1 : 1));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
    rows = tables.flatMap((one) => [...one.tBodies[0].rows]);
    show();
  }

  for (const filter of filters) {
    const values = [...new Set(rows.map((row) => row.dataset[filter.dataset.filter]))].sort(order.compare);
    filter.append(...values.map((value) => new Option(value, value)));
    filter.addEventListener("change", showAnew);
  }
  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(showAnew);
  });
  for (const heading of document.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(button));
    heading.replaceChildren(button);
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      showAnew();
    }
  });
  more.addEventListener("click", showAll);
  addEventListener("beforeprint", showAll);
  document.getElementById("tools").hidden = rows.length < 2;
  show();
})();
