const pictures = {{ specs }};
const narrow = document.documentElement.clientWidth < 600;
if (narrow) document.body.dataset.narrow = "";
const RIGHT = 26;  // pixels for the number of a line, which stands for its name on a phone
const draw = (picture) => {
  const box = document.getElementById(picture.name), spec = picture.spec, room = box.clientWidth;
  const layers = (spec.spec || spec).layer || [];
  if (narrow && picture.room) {
    for (const { encoding } of layers) if (encoding.text && encoding.text.field === "label") encoding.text.field = "mark";
  }
  if (picture.facets) {
    const beside = narrow ? RIGHT : picture.room, most = narrow ? 1 : 3;
    const columns = Math.min(most, picture.facets, Math.max(1, Math.floor((room - 60) / (beside + 150))));
    spec.columns = columns;
    spec.spacing.column = beside + 16;
    spec.padding = { left: 4, top: 4, bottom: 4, right: beside };
    spec.spec.width = Math.min(360, Math.floor((room - 60) / columns) - 20 - beside);
  } else {
    spec.width = room;
    spec.autosize = { type: "fit-x", contains: "padding" };
  }
  // On a phone the labels of bars stand above them.
  const labels = narrow ? { axisYBand: { labelAlign: "left", labelPadding: -2, labelOffset: -18, labelLimit: room } } : {};
  if (narrow && spec.height && spec.height.step) spec.height.step = 46;
  return vegaEmbed(box, spec, { actions: false, renderer: "svg", ast: true, config: labels, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
};
document.fonts.ready.then(() => document.fonts.load('16px "{{ family }}"')).then(() => Promise.all(pictures.map(draw)))
  .then(() => { document.body.dataset.drawn = pictures.length; }, (error) => { document.body.dataset.failed = String(error); });
// A click on a column's head sorts by it: numbers first by size, texts as Chinese sorts them, what is neither last.
const cellOf = (row, place) => row.cells[place].textContent.trim();
const numberOf = (text) => parseFloat(text.replaceAll(",", ""));
const sort = (table, place, numbers, up) => {
  const rows = [...table.tBodies[0].rows], sign = up ? 1 : -1;
  const key = numbers ? (row) => numberOf(cellOf(row, place)) : (row) => cellOf(row, place);
  const empty = (value) => value === "" || Number.isNaN(value);
  const compare = (a, b) => empty(a) - empty(b) || sign * (numbers ? a - b : a.localeCompare(b, "zh"));
  rows.sort((a, b) => compare(key(a), key(b)) || 0);
  table.tBodies[0].append(...rows);
};
for (const table of document.querySelectorAll("main table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button"), numbers = head.classList.contains("n");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.hasAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !numbers;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(table, place, numbers, up);
    });
  });
}
addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });
