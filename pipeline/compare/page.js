const pictures = {{ specs }};
const narrow = document.documentElement.clientWidth < 600;
const draw = (picture) => {
  const box = document.getElementById(picture.name), spec = picture.spec, room = box.clientWidth;
  if (picture.facets) {
    const columns = narrow ? 1 : Math.min(3, picture.facets);
    spec.columns = columns;
    spec.spec.width = Math.min(360, Math.floor((room - 60) / columns) - 20);
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
