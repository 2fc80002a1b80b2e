// Search, filter and sort the rows that are there; without this script the page is whole, only longer to scan.
(() => {
  "use strict";
  const overviews = [...document.querySelectorAll("table.overview")];
  const tables = [...document.querySelectorAll("table.list")];
  let rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const lines = overviews.flatMap((table) => [...table.tBodies[0].rows]);
  const words = new Map([...rows, ...lines].map((row) => [row, `${row.dataset.study} ${row.textContent}`.toLowerCase()]));
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
    // A line at a glance is about all reports of its clinic: it goes by what it has of the filters.
    const passes = (row) => wanted.every((word) => words.get(row).includes(word))
      && chosen.every(({ dataset: { filter }, value }) => (row.dataset[filter] ?? value) === value);
    for (const row of rows) {
      const fits = passes(row);
      shown += fits;
      row.hidden = !fits || shown > most;
    }
    let glanced = 0;
    for (const table of overviews) {
      for (const line of table.tBodies[0].rows) {
        const fits = passes(line);
        glanced += fits;
        line.hidden = !fits || glanced > most;
      }
      table.closest(".glance").hidden = ![...table.tBodies[0].rows].some((line) => !line.hidden);
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
    // Numbers are compared as such; a cell without one comes last either way.
    const keyed = [...table.tBodies[0].rows].map((row) => {
      const cell = row.cells[column];
      return { row, number: cell.dataset.order, text: cell.textContent.trim() };
    });
    const numeric = keyed.some(({ number }) => number !== undefined);
    keyed.sort((a, b) => {
      if (numeric && (a.number === undefined || b.number === undefined)) {
        return (a.number === undefined) - (b.number === undefined);
      }
      return (numeric ? a.number - b.number : order.compare(a.text, b.text)) * (descending ? -1 : 1);
    });
    table.tBodies[0].append(...keyed.map(({ row }) => row));
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
